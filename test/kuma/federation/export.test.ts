import * as assert from "node:assert/strict";
import {
  ControlPlane,
  Resource,
  adminToken,
  adminTokenOf,
  digest,
  exportZone,
  isOwnedByZone,
  keyOf,
  manifestOf,
} from "../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { UNIVERSAL_TYPES } from "../../support/resources/types";
import { newKey } from "../../support/userTokens";

/** Labels of what a Universal zone of 2.14 provides. */
const zoneLabels = (name: string, mesh?: string) => ({
  "kuma.io/display-name": name,
  "kuma.io/env": "universal",
  "kuma.io/origin": "zone",
  "kuma.io/zone": "zone-1",
  ...(mesh === undefined ? {} : { "kuma.io/mesh": mesh }),
});
const times = { creationTime: "2026-01-01T00:00:00Z", modificationTime: "2026-01-01T00:00:00Z" };

function provided(type: string, name: string, mesh?: string): Resource {
  return { type, name, ...(mesh ? { mesh } : {}), ...times, labels: zoneLabels(name, mesh), spec: {} };
}

function legacy(type: string, name: string, mesh: string, fields: object = {}): Resource {
  return { type, name, mesh, ...times, labels: { "kuma.io/mesh": mesh }, ...fields };
}

describe("kuma/federation/export", () => {
  afterEach(stopFakes);

  async function exported(resources: Resource[], types = UNIVERSAL_TYPES) {
    const fake = await FakeControlPlane.start({ resources, types });
    const result = await exportZone(clientOf(fake));
    const sorted = (list: readonly Resource[]) => list.map(keyOf).sort();
    return {
      ...result,
      fake,
      keys: {
        carried: sorted(result.carried),
        kept: sorted(result.kept),
        leftOut: result.leftOut.map(({ key, reason }) => [keyOf(key), reason]),
      },
    };
  }

  it("sorts what a Universal zone holds by who owns it later", async () => {
    const { keys } = await exported([
      { type: "Mesh", name: "default", ...times },
      { type: "Secret", mesh: "default", name: "default.ca-builtin-cert-ca-1", data: "eA==", ...times },
      { ...provided("Secret", "user-written", "default"), data: "eA==" },
      { type: "GlobalSecret", name: "admin-user-token", data: "eA==", ...times },
      { type: "GlobalSecret", name: "user-token-signing-key-1", data: "eA==", ...times },
      { type: "GlobalSecret", name: "zone-token-signing-key-1", data: "eA==", ...times },
      { ...provided("GlobalSecret", "license"), data: "eA==" },
      { type: "GlobalSecret", name: "envoy-admin-ca", data: "eA==", ...times },
      { type: "GlobalSecret", name: "inter-cp-ca", data: "eA==", ...times },
      legacy("TrafficPermission", "allow-all", "default"),
      legacy("TrafficRoute", "route-all", "default"),
      {
        type: "MeshMultiZoneService",
        name: "mzs",
        mesh: "default",
        labels: { "kuma.io/mesh": "default" },
        spec: {},
      },
      provided("MeshTimeout", "mesh-timeout-all-default", "default"),
      provided("MeshTrafficPermission", "redis", "default"),
      provided("MeshExternalService", "httpbin", "default"),
      provided("MeshGateway", "edge", "default"),
      provided("MeshIdentity", "identity", "default"),
      provided("HostnameGenerator", "local-mesh-service"),
      provided("Dataplane", "redis-1", "default"),
      provided("MeshService", "redis", "default"),
      { type: "DataplaneInsight", mesh: "default", name: "redis-1" },
    ]);
    assert.deepEqual(keys, {
      carried: [
        "GlobalSecret admin-user-token",
        "GlobalSecret license",
        "GlobalSecret user-token-signing-key-1",
        "GlobalSecret zone-token-signing-key-1",
        "Mesh default",
        "MeshMultiZoneService default/mzs",
        "Secret default/default.ca-builtin-cert-ca-1",
        "Secret default/user-written",
        "TrafficPermission default/allow-all",
        "TrafficRoute default/route-all",
      ],
      kept: [
        "Dataplane default/redis-1",
        "HostnameGenerator local-mesh-service",
        "MeshExternalService default/httpbin",
        "MeshGateway default/edge",
        "MeshIdentity default/identity",
        "MeshService default/redis",
        "MeshTimeout default/mesh-timeout-all-default",
        "MeshTrafficPermission default/redis",
      ],
      leftOut: [
        ["GlobalSecret envoy-admin-ca", "every control plane has its own"],
        ["GlobalSecret inter-cp-ca", "every control plane has its own"],
      ],
    });
  });

  it("keeps what the zone provides when it is older than the label", async () => {
    const { keys } = await exported([
      { type: "MeshIdentity", mesh: "default", name: "old" },
      { type: "HostnameGenerator", name: "old" },
      { type: "MeshTimeout", mesh: "default", name: "old", spec: {} },
      { type: "MeshGateway", mesh: "default", name: "old" },
    ]);
    assert.deepEqual(keys.carried, []);
    assert.equal(keys.kept.length, 4);
  });

  it("keeps a policy of the old kind that says it is the zone's", async () => {
    const { keys } = await exported([provided("TrafficRoute", "r", "default")]);
    assert.deepEqual([keys.carried, keys.kept], [[], ["TrafficRoute default/r"]]);
  });

  it("carries what once came from a global", async () => {
    const mesh = { type: "Mesh", name: "default", labels: { "kuma.io/origin": "global" } };
    assert.deepEqual((await exported([mesh])).keys.carried, ["Mesh default"]);
  });

  it("carries what a former global had left under the name that it had there, and writes that back", async () => {
    const labels = { "kuma.io/origin": "global", "kuma.io/display-name": "r" };
    const copy = {
      ...provided("TrafficRoute", "r-zzfd69x27d4f6cb7", "default"),
      labels: { ...labels, team: "a" },
    };
    const secret = { type: "Secret", mesh: "default", name: "s", data: "YQ==", labels: { ...labels } };
    const { keys, copies, originals, carried } = await exported([copy, secret]);
    assert.deepEqual(keys.carried.sort(), ["Secret default/s", "TrafficRoute default/r"]);
    assert.deepEqual(originals.map(keyOf).sort(), keys.carried);
    assert.deepEqual(copies.map(keyOf), ["TrafficRoute default/r-zzfd69x27d4f6cb7"]);
    assert.deepEqual(carried.find(({ name }) => name === "r")?.labels, { team: "a" });
  });

  it("gives the global the converted mesh and keeps the zone's own for the way back", async () => {
    const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
    const { carried, originals } = await exported([
      { type: "Mesh", name: "m", mtls, ...times, labels: { "kuma.io/mesh": "m", team: "a" } },
    ]);
    assert.deepEqual(originals, [{ type: "Mesh", name: "m", mtls, labels: { team: "a" } }]);
    assert.deepEqual(carried, [
      {
        type: "Mesh",
        name: "m",
        labels: { team: "a" },
        skipCreatingInitialPolicies: ["*"],
        mtls: {
          enabledBackend: "ca-1",
          skipValidation: true,
          backends: [
            {
              name: "ca-1",
              type: "provided",
              conf: { cert: { secret: "m.ca-builtin-cert-ca-1" }, key: { secret: "m.ca-builtin-key-ca-1" } },
            },
          ],
        },
      },
    ]);
  });

  it("carries names at the limits of length, several meshes and unicode values unchanged", async () => {
    const long = "m".repeat(63);
    const policies = ["default", long].flatMap((mesh) => [
      legacy("TrafficRoute", "n".repeat(253), mesh, { conf: { note: 'Größe ☕ 日本 \u0000 "' } }),
      legacy("TrafficPermission", "a", mesh, { sources: [{ match: { "kuma.io/service": "*" } }] }),
    ]);
    const { carried } = await exported([
      { type: "Mesh", name: "default" },
      { type: "Mesh", name: long },
      ...policies,
    ]);
    assert.equal(carried.length, 6);
    const manifest = manifestOf(carried);
    for (const policy of policies) assert.equal(manifest[keyOf(policy)], digest(policy));
  });

  it("carries 2,500 policies of one type", async () => {
    const policies = Array.from({ length: 2500 }, (_, i) => legacy("TrafficRoute", `r-${i}`, "default"));
    const { carried, fake } = await exported(policies);
    assert.equal(carried.length, 2500);
    assert.equal(fake.asked.filter((line) => line.startsWith("GET /traffic-routes?")).length, 3);
  });

  it("asks for each list once, not for insights nor zones, and writes nothing", async () => {
    const { fake } = await exported([{ type: "Mesh", name: "default" }]);
    const lists = UNIVERSAL_TYPES.filter(({ name }) => name !== "Zone" && !name.endsWith("Insight"));
    assert.deepEqual(
      [...fake.asked].sort(),
      ["GET /_resources", ...lists.map(({ path }) => `GET /${path}?size=1000`)].sort(),
    );
  });

  it("reads types that are read-only for everyone, as on Kubernetes", async () => {
    const types = UNIVERSAL_TYPES.map((type) => ({ ...type, readOnly: true }));
    assert.deepEqual((await exported([{ type: "Mesh", name: "default" }], types)).keys.carried, [
      "Mesh default",
    ]);
  });

  it("takes a type that it has never heard of by its flags", async () => {
    const novelty = { name: "MeshNovelty", scope: "Mesh", path: "meshnovelties", readOnly: false } as const;
    const resource = { type: "MeshNovelty", mesh: "default", name: "n" };
    const carriedType = [{ ...novelty, includeInFederation: true }];
    const keptType = [{ ...novelty, includeInFederation: false }];
    assert.deepEqual((await exported([resource], carriedType)).keys.carried, ["MeshNovelty default/n"]);
    assert.deepEqual((await exported([resource], keptType)).keys.kept, ["MeshNovelty default/n"]);
  });

  describe("what is left behind", () => {
    const encoded = (text: string) => Buffer.from(text).toString("base64");
    const admin = (data: unknown): Resource => ({ type: "GlobalSecret", name: "admin-user-token", data });
    const tokenOf = (kid: string) =>
      [{ alg: "RS256", kid }, { jti: "id" }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".") + ".x";

    it("is the key with which a former global had the zone check tokens", async () => {
      const name = "zone-token-signing-public-key-1";
      const { keys } = await exported([
        { type: "GlobalSecret", name, data: "eA==" },
        { type: "GlobalSecret", name: `x-${name}`, data: "eA==" },
        { type: "Secret", mesh: "m", name, data: "eA==" },
      ]);
      assert.deepEqual(keys.leftOut, [
        [`GlobalSecret ${name}`, "a global that it was federated with has sent it"],
      ]);
      assert.deepEqual(keys.carried, [`GlobalSecret x-${name}`, `Secret m/${name}`]);
    });

    it("is what a former global had sent of other zones, but not what the zone has by itself, nor policies", async () => {
      const of = (origin: string | undefined, type: string, name: string, mesh?: string): Resource => ({
        ...{ type, name, ...(mesh !== undefined && { mesh }) },
        ...(origin !== undefined && { labels: { "kuma.io/origin": origin } }),
      });
      const ingress = {
        ...({ name: "ZoneIngress", scope: "Global", path: "zoneingresses" } as const),
        ...{ readOnly: false, includeInFederation: false },
      } as const;
      const resources = [
        of("global", "ZoneIngress", "others"),
        of("zone", "ZoneIngress", "own"),
        of(undefined, "ZoneIngress", "older"),
        of("global", "MeshTimeout", "policy", "m"),
      ];
      const { keys } = await exported(resources, [ingress, ...UNIVERSAL_TYPES]);
      assert.deepEqual(keys.leftOut, [
        ["ZoneIngress others", "a global that it was federated with has sent it"],
      ]);
      assert.deepEqual(keys.kept.sort(), ["MeshTimeout m/policy", "ZoneIngress older", "ZoneIngress own"]);
    });

    it("is an admin token that the zone refuses, and not one that is no token, or none at all", async () => {
      const pem = newKey();
      const key: Resource = { type: "GlobalSecret", name: "user-token-signing-key-1", data: encoded(pem) };
      const { keys, originals } = await exported([key, admin(encoded(tokenOf("1")))]);
      assert.deepEqual(keys.leftOut, [
        [
          "GlobalSecret admin-user-token",
          "the zone does not accept it: user-token-signing-key-1 has not signed it",
        ],
      ]);
      assert.ok(originals.some(({ name }) => name === "admin-user-token"));
      for (const each of [admin(encoded("opaque")), admin(7)])
        assert.deepEqual((await exported([key, each])).keys.leftOut, []);
      // of this name, and something else
      const other: Resource = {
        type: "Secret",
        mesh: "m",
        name: "admin-user-token",
        data: encoded(tokenOf("9")),
      };
      assert.deepEqual((await exported([other, key])).keys.leftOut, []);
    });

    it("is what the global does not take, in its own words, and what it takes is in its form", async () => {
      const fake = await FakeControlPlane.start({
        resources: [legacy("TrafficRoute", "a", "m"), legacy("TrafficRoute", "b", "m")],
      });
      const { carried, originals, leftOut } = await exportZone(clientOf(fake), {
        leavesOut: ({ name }) => (name === "a" ? "not wanted" : undefined),
        form: (resource) => ({ ...resource, formed: true }),
      });
      assert.deepEqual(
        carried.map(({ name, formed }) => [name, formed]),
        [["b", true]],
      );
      assert.deepEqual(
        originals.map(({ name, formed }) => [name, formed]),
        [
          ["a", undefined],
          ["b", undefined],
        ],
      );
      assert.deepEqual(
        leftOut.map(({ key, reason }) => [key.name, reason]),
        [["a", "not wanted"]],
      );
    });

    it("is a secret in a cluster that its label keeps there", async () => {
      const labels = { "kuma.io/kds-sync": "disabled" };
      const secret: Resource = { type: "Secret", mesh: "m", name: "s", data: "eA==", labels };
      const resources = [
        secret,
        { ...secret, name: "free", labels: {} },
        legacy("TrafficRoute", "r", "m", { labels }),
      ];
      const fake = await FakeControlPlane.start({ resources });
      class InCluster extends ControlPlane {
        override readonly systemNamespace = "kuma-system";
      }
      const there = new InCluster({ title: "the zone", url: fake.url });
      const { leftOut } = await exportZone(there);
      there.close();
      assert.deepEqual(
        leftOut.map(({ key, reason }) => [keyOf(key), reason]),
        [["Secret m/s", "its label kuma.io/kds-sync keeps it in the zone"]],
      );
      assert.deepEqual((await exported(resources)).keys.leftOut, []);
    });

    it("has the admin token of a zone read from the list that holds it", async () => {
      const token = admin(encoded("canary"));
      const others = [
        { ...token, name: "other", data: encoded("no") },
        { ...token, type: "Secret", mesh: "m", data: encoded("no") },
      ];
      assert.equal(adminToken([...others, token]), "canary");
      assert.equal(adminToken(others), undefined);
      assert.equal(adminToken([admin(7)]), undefined);
      const fake = await FakeControlPlane.start({ resources: [...others, token] });
      assert.equal(await adminTokenOf(clientOf(fake)), "canary");
      assert.deepEqual(
        fake.asked.map((line) => line.split("?")[0]),
        ["GET /_resources", "GET /globalsecrets"],
      );
    });
  });

  it("manifestOf has the names in order, however many there are", () => {
    const names = ["d", "a", "e", "c", "b", "f"];
    const manifest = manifestOf(names.map((name) => ({ type: "Mesh", name })));
    assert.deepEqual(Object.keys(manifest), ["Mesh a", "Mesh b", "Mesh c", "Mesh d", "Mesh e", "Mesh f"]);
  });

  it("manifestOf sorts by name and holds digests only", () => {
    const secret = { type: "Secret", mesh: "m", name: "s", data: "canary" };
    const manifest = manifestOf([secret, { type: "Mesh", name: "m" }]);
    assert.deepEqual(Object.keys(manifest), ["Mesh m", "Secret m/s"]);
    assert.match(
      JSON.stringify(manifest),
      /^\{"Mesh m":"hmac:[0-9a-f]{16}","Secret m\/s":"hmac:[0-9a-f]{16}"\}$/,
    );
  });

  it("isOwnedByZone goes by label, then by type, and never for secrets", () => {
    const of = (type: string, origin?: string) =>
      isOwnedByZone({ type, name: "x", ...(origin ? { labels: { "kuma.io/origin": origin } } : {}) });
    assert.deepEqual(
      [of("MeshTimeout", "zone"), of("MeshTimeout", "global"), of("MeshTimeout"), of("MeshIdentity")],
      [true, false, false, true],
    );
    assert.deepEqual(
      [of("MeshIdentity", "global"), of("Secret", "zone"), of("GlobalSecret", "zone")],
      [false, false, false],
    );
  });
});
