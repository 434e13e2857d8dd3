import * as assert from "node:assert/strict";
import { FALLBACK_TYPES, Resource, ResourceType, writeStage } from "../../../kuma";
import {
  isCarried,
  isGenerated,
  isGeneratedWithMesh,
  isHandedOver,
  isHeldBack,
  isMeshKey,
  isOwnSecret,
  isOwnedByControlPlane,
  isProvidedByZone,
  isTokenSecret,
  keepsName,
  mayBeOwnedByZone,
} from "../../../kuma/api/resourceTypes";

/** Keys that decide something, in both kinds of secrets, and some that look like them. */
const NAMES = [
  "admin-user-token",
  "user-token-revocations",
  "user-token-signing-key-1",
  "zone-token-signing-key-1",
  "envoy-admin-ca",
  "inter-cp-ca",
  "dataplane-token-signing-key-m-1",
  "m.ca-builtin-cert-ca",
  "m.ca-builtin-key-ca",
  "my-user-token-signing-key-1",
  "my-zone-token-signing-key-1",
  "my-dataplane-token-signing-key-m",
  "m.ca-builtin-other-ca",
  "license",
];

describe("kuma/api/resourceTypes", () => {
  const which = (is: (resource: Resource) => boolean, type: string) =>
    NAMES.filter((name) => is({ type, name, labels: { "kuma.io/kds-sync": "disabled" } }));
  const only = (is: (resource: Resource) => boolean, type: string, names: string[]) => {
    assert.deepEqual(which(is, type), names);
    for (const other of ["Secret", "GlobalSecret", "MeshTimeout"].filter((each) => each !== type))
      assert.deepEqual(which(is, other), [], other);
  };

  it("knows the secrets that belong to one control plane", () => {
    only(isOwnSecret, "GlobalSecret", ["envoy-admin-ca", "inter-cp-ca"]);
    only(isOwnedByControlPlane, "GlobalSecret", [
      "admin-user-token",
      "user-token-revocations",
      "user-token-signing-key-1",
      "envoy-admin-ca",
      "inter-cp-ca",
    ]);
    only(isTokenSecret, "GlobalSecret", ["user-token-revocations", "user-token-signing-key-1"]);
  });

  it("knows the secrets that a control plane makes for itself, at its start and with a mesh", () => {
    only(isGenerated, "GlobalSecret", [
      "admin-user-token",
      "user-token-signing-key-1",
      "zone-token-signing-key-1",
    ]);
    only(isGeneratedWithMesh, "Secret", ["dataplane-token-signing-key-m-1"]);
    only(isMeshKey, "Secret", [
      "dataplane-token-signing-key-m-1",
      "m.ca-builtin-cert-ca",
      "m.ca-builtin-key-ca",
    ]);
  });

  it("knows what a label keeps on a global, and not what stays there anyway", () => {
    const held = which(isHeldBack, "GlobalSecret");
    assert.deepEqual(
      held,
      NAMES.filter((name) => !which(isOwnedByControlPlane, "GlobalSecret").includes(name)),
    );
    assert.ok(!isHeldBack({ type: "MeshTimeout", mesh: "m", name: "n" }));
  });

  it("writes meshes, secrets, the rest, the admin token, and the keys that decide about tokens", () => {
    const stage = (type: string, name = "x") => writeStage({ type, name });
    assert.deepEqual(
      [
        stage("Mesh", "admin-user-token"),
        stage("Secret", "admin-user-token"),
        stage("GlobalSecret"),
        stage("MeshTimeout"),
      ],
      [0, 1, 1, 2],
    );
    assert.equal(stage("GlobalSecret", "admin-user-token"), 3);
    assert.equal(stage("GlobalSecret", "user-token-signing-key-9"), 4);
    assert.equal(stage("Secret", "user-token-signing-key-9"), 1);
    assert.equal(stage("MeshTimeout", "admin-user-token"), 2);
    assert.equal(stage("MeshTimeout", "user-token-signing-key-9"), 2);
  });

  it("keeps the names of what KDS adds no hash to", () => {
    const types = ["Mesh", "Secret", "GlobalSecret", "Config", "MeshTimeout", "Zone", ""];
    assert.deepEqual(
      types.filter((type) => keepsName({ type })),
      ["Mesh", "Secret", "GlobalSecret", "Config"],
    );
  });

  const type = (name: string, more: Partial<ResourceType> = {}): ResourceType => ({
    ...{ name, scope: "Mesh", path: "p", readOnly: false, includeInFederation: true },
    ...more,
  });
  const [old, current] = [{ policy: { isTargetRef: false } }, { policy: { isTargetRef: true } }];

  it("hands over policies with a targetRef and gateways, where a federation takes them", () => {
    const handedOver = [type("MeshTimeout", current), type("MeshGateway")];
    const others = [
      type("TrafficRoute", old),
      type("Mesh"),
      type("MeshTimeout", { ...current, includeInFederation: false }),
      type("MeshGateway", { includeInFederation: false }),
    ];
    assert.deepEqual([...handedOver, ...others].filter(isHandedOver), handedOver);
  });

  it("knows what zones may own", () => {
    const owned = [
      type("MeshTimeout", current),
      type("MeshGateway"),
      type("HostnameGenerator"),
      type("MeshIdentity"),
    ];
    const others = [type("TrafficRoute", old), type("Mesh"), type("Secret")];
    assert.deepEqual([...owned, ...others].filter(mayBeOwnedByZone), owned);
    const provided = [
      "HostnameGenerator",
      "MeshExternalService",
      "MeshIdentity",
      "MeshOpenTelemetryBackend",
      "MeshTrust",
    ];
    assert.deepEqual([...provided, "MeshService", "MeshTimeout", "Mesh"].filter(isProvidedByZone), provided);
  });

  it("carries what a federation takes, but for what zones own and send up", () => {
    for (const each of [type("Mesh"), type("TrafficRoute", old)]) assert.ok(isCarried(each), each.name);
    const others = [
      type("Dataplane", { includeInFederation: false }),
      type("MeshTimeout", current),
      type("MeshGateway"),
    ];
    assert.deepEqual(others.filter(isCarried), []);
  });

  it("has the types of old control planes, as they are there", () => {
    const told = FALLBACK_TYPES.map(({ name, scope, path, readOnly, includeInFederation, policy }) =>
      [name, scope, path, readOnly, includeInFederation, policy?.isTargetRef].join(" ").trim(),
    );
    assert.equal(new Set(FALLBACK_TYPES.map(({ path }) => path)).size, FALLBACK_TYPES.length);
    for (const line of [
      "Mesh Global meshes false true",
      "Secret Mesh secrets false true",
      "GlobalSecret Global globalsecrets false true",
      "TrafficRoute Mesh traffic-routes false true false",
      "MeshTimeout Mesh meshtimeouts false true true",
      "Dataplane Mesh dataplanes false false",
      "Zone Global zones false false",
    ])
      assert.ok(told.includes(line), line);
  });
});
