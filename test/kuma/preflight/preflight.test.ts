import * as assert from "node:assert/strict";
import * as net from "node:net";
import * as tls from "node:tls";
import {
  CHECKS,
  CheckResult,
  Facts,
  Federation,
  Resource,
  Verdict,
  assertNoBlocker,
  digest,
  findingsOf,
  meshForGlobal,
  planZone,
  preflight,
} from "../../../kuma";
import { KeyPair, issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, FakeOptions, clientOf, stopFakes } from "../../support/fakeControlPlane";
import { UNIVERSAL_TYPES } from "../../support/types";

const LOCKED = { authn: { localhostIsAdmin: false } };
const OPEN = { authn: { localhostIsAdmin: true } };
const ZONE_CONFIG = {
  mode: "zone",
  environment: "universal",
  store: { type: "file" },
  apiServer: LOCKED,
  multizone: { zone: { name: "zone-1", globalAddress: "" } },
};
const zoneWithKds = (kds: object) => ({
  ...ZONE_CONFIG,
  multizone: { zone: { ...ZONE_CONFIG.multizone.zone, kds } },
});
const zoneConfig = (changes: object) => ({ ...ZONE_CONFIG, ...changes });
const kdsAuth = (type?: string) => ({ global: { kds: { auth: { type } } } });
const GLOBAL_CONFIG = {
  mode: "global",
  environment: "universal",
  store: { type: "memory" },
  multizone: kdsAuth("zoneToken"),
  apiServer: LOCKED,
};

const MESH: Resource = {
  type: "Mesh",
  name: "default",
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
};
const KEY: Resource = {
  type: "Secret",
  mesh: "default",
  name: "default.ca-builtin-key-ca-1",
  data: "Y2FuYXJ5",
};
const DATAPLANE_KEY: Resource = {
  type: "Secret",
  mesh: "default",
  name: "dataplane-token-signing-key-default-1",
  data: "Y2FuYXJ5",
};
const ADMIN: Resource = { type: "GlobalSecret", name: "admin-user-token", data: "Y2FuYXJ5" };
const TIMEOUT: Resource = { type: "TrafficRoute", mesh: "default", name: "r", conf: { a: 1 } };
const ofZone = (type: string, name: string, more: object = {}, zone = "zone-1"): Resource => ({
  type,
  mesh: "default",
  name,
  labels: { "kuma.io/origin": "zone", "kuma.io/zone": zone },
  spec: {},
  ...more,
});
const content = [MESH, KEY, ADMIN, TIMEOUT, ofZone("MeshTimeout", "own")];

const online = (disconnectTime?: string) => ({
  zoneInsight: { subscriptions: [{ id: "a", connectTime: "2026-01-01T00:00:00Z", disconnectTime }] },
});

const overview = (subscription: object) => ({
  zoneInsight: { subscriptions: [{ id: "a", connectTime: "2026-01-01T00:00:00Z", ...subscription }] },
});

/** What one case changes; everything else is in order. */
interface Change {
  zone?: FakeOptions;
  global?: FakeOptions;
  federation?: Partial<Federation>;
  prepare?(zone: FakeControlPlane, global: FakeControlPlane): void;
}

describe("kuma/preflight", () => {
  let authority: KeyPair;
  let otherAuthority: KeyPair;
  const servers: net.Server[] = [];
  let kdsAddress: string;

  async function serve(hosts: string[], signer: KeyPair): Promise<string> {
    const server = tls.createServer({
      ...(await issueServerCertificate(signer, hosts)),
      ALPNProtocols: ["h2"],
    });
    return listen(server);
  }
  async function listen(server: net.Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `grpcs://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  }

  before(async () => {
    authority = await issueAuthority("test");
    otherAuthority = await issueAuthority("other");
    kdsAddress = await serve(["127.0.0.1"], authority);
  });
  after(() => servers.forEach((server) => server.close()));
  afterEach(stopFakes);

  async function sides({ zone = {}, global = {}, federation = {}, prepare }: Change): Promise<Federation> {
    const zoneFake = await FakeControlPlane.start({
      clusterId: "cluster-zone",
      config: ZONE_CONFIG,
      resources: content,
      ...zone,
    });
    const globalFake = await FakeControlPlane.start({
      clusterId: "cluster-global",
      config: GLOBAL_CONFIG,
      ...global,
    });
    prepare?.(zoneFake, globalFake);
    return {
      zoneName: "zone-1",
      zone: clientOf(zoneFake, { title: "the control plane of zone zone-1" }),
      global: clientOf(globalFake, { title: "the global control plane" }),
      kdsAddress,
      kdsCa: authority.cert,
      zoneRunsHere: true,
      onConflict: "fail",
      ...federation,
    };
  }
  const look = async (change: Change) => preflight(new Facts(await sides(change)));

  it("finds everything in order on two sides that go together", async () => {
    const { checks } = await look({});
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict !== "ok"),
      [],
    );
    assert.deepEqual(
      checks.map(({ code }) => code),
      CHECKS.filter(({ hostedOnly }) => !hostedOnly).map(({ code }) => code),
    );
  });

  const stored = (...resources: Resource[]) => ({ resources });
  const globalsMesh = { ...meshForGlobal(MESH), metrics: { enabledBackend: "p" } };
  const otherCa = {
    ...MESH,
    mtls: { enabledBackend: "other", backends: [{ name: "other", type: "builtin" }] },
  };
  const withoutMtls = { ...MESH, mtls: undefined };
  const identity = ofZone("MeshIdentity", "id");
  const identityKey: Resource = { type: "Secret", mesh: "default", name: "id-private-key", data: "Y2FuYXJ5" };
  const localLabels = { "kuma.io/kds-sync": "disabled" };
  const own = { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" };
  const largeSecret = (index: number, size: number): Resource => ({
    ...{ type: "Secret", mesh: "default", name: `large-${index}` },
    data: Buffer.alloc(size).toString("base64"),
  });
  const userKey: Resource = { type: "GlobalSecret", name: "user-token-signing-key-1", data: "Y2FuYXJ5" };
  const userKeyOfGlobal = { ...userKey, data: "b3RoZXI=" };
  const trust = ofZone("MeshTrust", "trust");
  const withTrust = [
    ...UNIVERSAL_TYPES,
    {
      name: "MeshTrust",
      scope: "Mesh",
      path: "meshtrusts",
      readOnly: false,
      includeInFederation: true,
    } as const,
  ];
  const hosted = { hosted: true };
  const limits = (limit: object) => (_: unknown, global: FakeControlPlane) =>
    global.documents.set("/global-insight", {
      limits: limit,
      zones: { controlPlanes: { total: 2 } },
      policies: { total: 5 },
      dataplanes: { standard: { total: 1 } },
    });

  const nextDatabase = { host: "db", port: 5432, name: "next" };
  const postgresAt = (dbName: string) => ({ type: "postgres", postgres: { host: "db", port: 5432, dbName } });
  const onPostgres = (dbName: string) => zoneConfig({ store: postgresAt(dbName) });
  it("finds everything in order with a global in Konnect, which tells less", async () => {
    const { checks } = await look({ federation: hosted, global: { clusterId: "" }, prepare: limits({}) });
    // the two zones that it tells of are others
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict !== "ok").map(({ code }) => code),
      ["across-zones"],
    );
    assert.deepEqual(
      checks.map(({ code }) => code),
      CHECKS.map(({ code }) => code),
    );
  });

  const ownPolicies = (policy: Resource) => [{ policy, isFor: {}, place: "x.yaml, document 2" }];
  const cases: [what: string, code: string, verdict: Verdict, change: Change, text: RegExp][] = [
    [
      "a policy of the stack is of a type that the global does not know",
      "policies",
      "blocker",
      { federation: { policies: ownPolicies({ type: "Novelty", mesh: "default", name: "x" }) } },
      /x\.yaml, document 2: Novelty default\/x: the global control plane does not know the type Novelty/,
    ],
    [
      "a policy of the stack is in a mesh that nobody brings",
      "policies",
      "blocker",
      { federation: { policies: ownPolicies({ type: "TrafficRoute", mesh: "gone", name: "x" }) } },
      /x\.yaml, document 2: TrafficRoute gone\/x: there is no mesh gone/,
    ],
    [
      "a policy of the stack is in a mesh that the zone brings",
      "policies",
      "ok",
      { federation: { policies: ownPolicies({ type: "TrafficRoute", name: "x" }) } },
      /types and meshes of the stack's 1 policies/,
    ],
    [
      "the zone fails",
      "zone-api",
      "inconclusive",
      { prepare: (z) => z.fail("GET /", { status: 500 }, 99) },
      /could not be checked/,
    ],
    [
      "the global is something else",
      "global-api",
      "blocker",
      { prepare: (_, g) => g.fail((r) => r.path === "/", { body: "<html>" }, 99) },
      /is not a Kuma or Kong Mesh control plane/,
    ],
    [
      "the products differ",
      "products",
      "blocker",
      { global: { product: "Kong Mesh" } },
      /zone runs Kuma and the global control plane Kong Mesh/,
    ],
    [
      "the global is 3.x",
      "version-supported",
      "blocker",
      { global: { version: "3.0.0" } },
      /the global control plane runs Kuma 3\.0\.0/,
    ],
    [
      "the zone is 1.x",
      "version-supported",
      "blocker",
      { zone: { version: "1.8.0" } },
      /the zone control plane runs Kuma 1\.8\.0/,
    ],
    [
      "the global is older",
      "version-skew",
      "blocker",
      { global: { version: "2.13.9" } },
      /the global's is older/,
    ],
    [
      "the global is three minors newer",
      "version-skew",
      "blocker",
      { zone: { version: "2.11.0" } },
      /more than 2 minors apart/,
    ],
    [
      "a version is a preview",
      "version-skew",
      "warning",
      { zone: { version: "0.0.0-preview.vabc" } },
      /cannot be compared/,
    ],
    ["the global is a zone", "modes", "blocker", { global: { config: ZONE_CONFIG } }, /runs in mode zone/],
    ["the zone is a global", "modes", "blocker", { zone: { config: GLOBAL_CONFIG } }, /is a global\./],
    [
      "both are one cluster",
      "distinct-clusters",
      "blocker",
      { global: { clusterId: "cluster-zone" } },
      /same cluster id/,
    ],
    [
      "a side tells no cluster id",
      "distinct-clusters",
      "inconclusive",
      { global: { clusterId: undefined } },
      /does not tell its cluster id/,
    ],
    [
      "the zone is another global's",
      "zone-alone",
      "blocker",
      {
        zone: {
          config: zoneConfig({
            multizone: { zone: { name: "zone-1", globalAddress: "grpcs://other:5685" } },
          }),
        },
      },
      /federated already, with grpcs:\/\/other:5685/,
    ],
    [
      "the zone is called otherwise",
      "zone-name",
      "blocker",
      { federation: { zoneName: "zone-2" } },
      /is called "zone-1", not "zone-2".*carries another name: MeshTimeout default\/own/,
    ],
    [
      "the zone was never given a name",
      "zone-name",
      "blocker",
      { zone: { config: zoneConfig({ multizone: { zone: { name: "default" } } }) } },
      /Set the zone's name to "default".*was never given a name/,
    ],
    [
      "resources carry an old name",
      "zone-name",
      "blocker",
      { zone: stored(...content, ofZone("MeshTimeout", "old", {}, "old-name")) },
      /carry the name of another zone.*carries another name: MeshTimeout default\/old Write/,
    ],
    [
      "the name is online on the global",
      "zone-name-taken",
      "blocker",
      { prepare: (_, g) => g.overviews.set("zone-1", [online()]) },
      /Another control plane is connected to the global as zone zone-1/,
    ],
    [
      "the global has an offline zone of that name",
      "leftovers",
      "warning",
      { prepare: (_, g) => g.overviews.set("zone-1", [online("2026-01-02T00:00:00Z")]) },
      /the zone itself, offline, and 0 resource/,
    ],
    [
      "the global has copies with that zone's label",
      "leftovers",
      "warning",
      { global: stored(ofZone("MeshTimeout", "gone")) },
      /1 resource\(s\) with its label.*would be deleted on the global: MeshTimeout default\/gone/,
    ],
    ["the zone has no mesh", "zone-meshes", "blocker", { zone: stored(ADMIN) }, /has no mesh/],
    [
      "the zone keeps everything in memory",
      "zone-store",
      "warning",
      { zone: { config: zoneConfig({ store: { type: "memory" } }) } },
      /in memory/,
    ],
    [
      "the zone is on Postgres",
      "zone-store",
      "warning",
      { zone: { config: zoneConfig({ store: { type: "postgres" } }) } },
      /Postgres.*new, empty database/,
    ],
    [
      "the zone on Postgres runs alone where it is to be federated",
      "zone-store",
      "blocker",
      { zone: { config: onPostgres("next") }, federation: { nextDatabase } },
      /runs alone on the database that it is to have once it is federated.*database next at db:5432/,
    ],
    [
      "the zone does not tell its store",
      "zone-store",
      "inconclusive",
      { zone: { config: zoneConfig({ store: undefined }) } },
      /does not tell/,
    ],
    [
      "the zone hides its secrets",
      "zone-credential",
      "blocker",
      { prepare: (z) => z.fail("GET /secrets", { status: 403 }, 99) },
      /denies access to the list of Secret/,
    ],
    [
      "the global hides its secrets",
      "global-credential",
      "blocker",
      { prepare: (_, g) => g.fail("GET /secrets", { status: 401 }, 99) },
      /does not accept the token/,
    ],
    [
      "the global is read-only",
      "global-credential",
      "blocker",
      { global: { config: { ...GLOBAL_CONFIG, apiServer: { readOnly: true } } } },
      /set to be read-only/,
    ],
    [
      "nothing listens",
      "kds-reachable",
      "blocker",
      { federation: { kdsAddress: "grpcs://127.0.0.1:1" } },
      /from this machine: connection refused.*dialled from this machine/,
    ],
    [
      "nothing listens, and the zone runs elsewhere",
      "kds-reachable",
      "inconclusive",
      { federation: { kdsAddress: "grpcs://127.0.0.1:1", zoneRunsHere: false } },
      /The zone runs elsewhere/,
    ],
    [
      "the host is not known",
      "kds-reachable",
      "blocker",
      { federation: { kdsAddress: "grpcs://no-such-host.invalid:5685" } },
      /its host name is not known/,
    ],
    [
      "there is no connection",
      "kds-tls",
      "inconclusive",
      { federation: { kdsAddress: "grpcs://127.0.0.1:1" } },
      /no connection/,
    ],
    [
      "the global admits every zone that reaches it, as Kuma 2 does",
      "kds-credential",
      "warning",
      { global: { config: { ...GLOBAL_CONFIG, multizone: undefined } } },
      /KDS port of the global \(grpcs:\/\/.*\) asks for no credential: whoever reaches it .* its certificate authorities and the keys that sign data plane tokens/,
    ],
    [
      "the global is told to ask zones for nothing",
      "kds-credential",
      "warning",
      { global: { config: { ...GLOBAL_CONFIG, multizone: kdsAuth("none") } } },
      /asks for no credential/,
    ],
    [
      "the global of Kong Mesh asks for a token",
      "kds-credential",
      "ok",
      {
        global: {
          config: { ...GLOBAL_CONFIG, multizone: undefined, kmesh: { multizone: kdsAuth("cpToken") } },
        },
      },
      /asks each zone for its token \(cpToken\)/,
    ],
    [
      "the zone takes its machine for its admin",
      "localhost-admin",
      "warning",
      { zone: { config: zoneConfig({ apiServer: OPEN }) } },
      /same machine as the control plane of the zone is its admin/,
    ],
    [
      "both do",
      "localhost-admin",
      "warning",
      {
        zone: { config: zoneConfig({ apiServer: OPEN }) },
        global: { config: { ...GLOBAL_CONFIG, apiServer: OPEN } },
      },
      /the control plane of the zone and the control plane of the global/,
    ],
    [
      "the global does not tell",
      "localhost-admin",
      "inconclusive",
      { global: { config: { ...GLOBAL_CONFIG, apiServer: {} } } },
      /does not tell.*global: no apiServer/,
    ],
    [
      "KDS is without TLS",
      "kds-tls",
      "warning",
      { federation: { kdsAddress: "grpc://127.0.0.1:1" } },
      /clear text/,
    ],
    [
      "the products differ, for the types",
      "global-types",
      "blocker",
      { global: { types: UNIVERSAL_TYPES.filter(({ name }) => name !== "TrafficRoute") } },
      /does not know the type of 1.*TrafficRoute default\/r/,
    ],
    [
      "a policy differs",
      "conflicts",
      "blocker",
      { global: stored({ ...TIMEOUT, conf: { a: 2 } }) },
      /1 resource\(s\) of zone zone-1 .*TrafficRoute default\/r: differs in conf\.a \(zone 1, global 2\).*onConflict/,
    ],
    [
      "a policy differs, and is to be overwritten",
      "conflicts",
      "warning",
      {
        global: stored({ ...TIMEOUT, conf: { a: 2 } }),
        federation: { onConflict: [{ resources: "TrafficRoute */*", choice: "overwrite" }] },
      },
      /overwrite: TrafficRoute default\/r/,
    ],
    [
      "a mesh differs in something else than its authority",
      "conflicts",
      "blocker",
      { global: stored(globalsMesh) },
      /Mesh default: differs in metrics/,
    ],
    [
      "a mesh has another authority",
      "mesh-authority",
      "blocker",
      { global: stored(otherCa), federation: { onConflict: "overwrite" } },
      /Mesh default has another certificate authority.*zone backend .*; global backend .*choice: keepGlobal\}: .*choice: overwrite\}: /,
    ],
    [
      "the zone has no mTLS in a mesh in which the global has",
      "mesh-authority",
      "blocker",
      {
        zone: stored(...content.map((each) => (each === MESH ? withoutMtls : each))),
        global: stored(meshForGlobal(MESH), ofZone("Dataplane", "elsewhere", {}, "zone-2")),
      },
      /zone no mTLS; global backend ca-1.*choice: keepGlobal\}: the 0 data plane proxies of zone zone-1 begin with mTLS.*choice: overwrite, endsMtls: true\}: the 1 data plane proxy of other zones lose mTLS/,
    ],
    [
      "mTLS of the global would end by a choice that does not say so",
      "mesh-authority",
      "blocker",
      {
        zone: stored(...content.map((each) => (each === MESH ? withoutMtls : each))),
        global: stored(meshForGlobal(MESH)),
        federation: { onConflict: [{ resources: "Mesh default", choice: "overwrite" }] },
      },
      /endsMtls: true/,
    ],
    [
      "mTLS of the zone would end by a choice that does not say so",
      "mesh-authority",
      "blocker",
      {
        global: stored(withoutMtls),
        federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal" }] },
      },
      /choice: overwrite\}: the 0 data plane proxies of other zones begin with mTLS.*choice: keepGlobal, endsMtls: true\}: /,
    ],
    [
      "mTLS ends by a choice that says so",
      "mesh-authority",
      "warning",
      {
        global: stored(withoutMtls),
        federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal", endsMtls: true }] },
      },
      /mTLS ends in mesh default, as endsMtls allows/,
    ],
    [
      "another zone is on the global",
      "across-zones",
      "warning",
      {
        global: stored({ type: "Zone", name: "zone-2" }, { ...DATAPLANE_KEY, data: "b3RoZXI=" }),
        zone: stored(...content, DATAPLANE_KEY),
        federation: { onConflict: [{ resources: "Mesh default", choice: "keepGlobal" }] },
      },
      /Zone zone-1 joins zone-2; .*zone ingress in zone zone-1.*new dataplane tokens in mesh default.*MeshTrafficPermission .* in mesh default/,
    ],
    [
      "an authority's key differs",
      "mesh-authority",
      "blocker",
      {
        global: stored({ ...KEY, data: "b3RoZXI=" }),
        federation: { onConflict: [{ resources: "*", choice: "keepGlobal" }] },
      },
      new RegExp(`ca-builtin-key-ca-1: zone ${digest(KEY)}, global hmac`),
    ],
    [
      "a mesh has another authority, and is to be overwritten",
      "mesh-authority",
      "warning",
      {
        global: stored(otherCa),
        federation: { onConflict: [{ resources: "Mesh default", choice: "overwrite" }] },
      },
      /needs new certificates/,
    ],
    [
      "the authority of a MeshIdentity differs, whatever a wildcard says",
      "identity-secrets",
      "blocker",
      {
        zone: stored(...content, identity, identityKey),
        global: stored({ ...identityKey, data: "b3RoZXI=" }),
        federation: { onConflict: [{ resources: "*", choice: "keepGlobal" }] },
      },
      /MeshIdentity default\/id .*\{resources: "MeshIdentity default\/id", choice: keepGlobal\}/,
    ],
    [
      "the authority of a MeshIdentity gives way by a rule that names it",
      "identity-secrets",
      "warning",
      {
        zone: stored(...content, identity, identityKey),
        global: stored({ ...identityKey, data: "b3RoZXI=" }),
        federation: { onConflict: [{ resources: "MeshIdentity default/id", choice: "keepGlobal" }] },
      },
      /keepGlobal: Secret default\/id-private-key/,
    ],
    [
      "the zone holds what the global would keep to itself",
      "kds-sync",
      "blocker",
      { zone: stored(...content, { ...TIMEOUT, name: "local", labels: localLabels }) },
      /1 resource\(s\) would be the global's and would not come back.*TrafficRoute default\/local.*Remove that label/,
    ],
    [
      "the global would keep a mesh to itself that is left as it is there",
      "kds-sync",
      "blocker",
      {
        global: stored({ ...meshForGlobal(MESH), labels: localLabels }),
        federation: { onConflict: "keepGlobal" },
      },
      /and a mesh with all that is in it.*Mesh default/,
    ],
    [
      "what the zone owns stays in it alone",
      "kds-sync",
      "ok",
      { zone: stored(...content, ofZone("MeshTimeout", "local", { labels: { ...own, ...localLabels } })) },
      /1 resource\(s\) of the zone stay in it alone.*MeshTimeout default\/local/,
    ],
    [
      "two resources would have one name when they are copied",
      "copy-names",
      "blocker",
      {
        zone: stored(
          ...content,
          ofZone("MeshTimeout", "b", { labels: { ...own, "kuma.io/display-name": "own" } }),
        ),
      },
      /only one of them would be copied.*MeshTimeout default\/own and MeshTimeout default\/b/,
    ],
    [
      "a name is longer than a zone that has joined takes",
      "name-length",
      "blocker",
      {
        zone: stored(
          ...content,
          ofZone("MeshTimeout", "n".repeat(246)),
          ofZone("MeshRetry", "n".repeat(245)),
        ),
      },
      /^1 resource\(s\) that zone zone-1 goes on owning .* at most 245 characters.*MeshTimeout default\/n+: 246 characters, at most 245.*under a shorter name/,
    ],
    [
      "what the global is to own is called as long as that",
      "name-length",
      "ok",
      { zone: stored(...content, { ...TIMEOUT, name: "n".repeat(253) }) },
      /Each name is short enough/,
    ],
    [
      "a mesh's name is longer than a global takes for a new one",
      "name-length",
      "blocker",
      { zone: stored(...content, { ...MESH, name: "m".repeat(64) }) },
      /takes no mesh with a name of more than 63 characters.*Mesh m+: 64 characters, at most 63/,
    ],
    [
      "a mesh with a long name is on the global already",
      "name-length",
      "ok",
      {
        zone: stored({ type: "Mesh", name: "m".repeat(64) }, ADMIN),
        global: stored({ type: "Mesh", name: "m".repeat(64), skipCreatingInitialPolicies: ["*"] }),
      },
      /Each name is short enough/,
    ],
    [
      "all of a type is more than one message holds",
      "kds-message-size",
      "blocker",
      { zone: stored(...content, ...[0, 1, 2].map((index) => largeSecret(index, 4_000_000))) },
      /Secret would not fit.*Secret from the global to zone zone-1: 4 .*KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE of the global.*KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE of the zone.* 19000000 or more/,
    ],
    [
      "one side's limit is too low for what the zone sends up",
      "kds-message-size",
      "blocker",
      {
        zone: stored(...content, ofZone("MeshTimeout", "large", { spec: { text: "x".repeat(20_000) } })),
        global: { config: { ...GLOBAL_CONFIG, multizone: { global: { kds: { maxMsgSize: 15_000 } } } } },
      },
      /MeshTimeout from zone zone-1 to the global.*Set KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE of the global control plane \(now 15000\) to 1000000/,
    ],
    [
      "the form in which an older type travels may be too large",
      "kds-message-size",
      "warning",
      {
        zone: stored(...content, { ...TIMEOUT, name: "wide", conf: { numbers: Array(9_000).fill(1) } }),
        global: { config: { ...GLOBAL_CONFIG, multizone: { global: { kds: { maxMsgSize: 15_000 } } } } },
      },
      /TrafficRoute might not fit/,
    ],
    [
      "another zone takes smaller messages than both sides",
      "kds-other-zones",
      "warning",
      {
        zone: stored(...content, { ...TIMEOUT, name: "large", conf: { text: "x".repeat(20_000) } }),
        global: stored({ type: "Zone", name: "zone-2" }, { type: "Zone", name: "zone-3" }),
        prepare: (_, global) => {
          const config = JSON.stringify(zoneWithKds({ maxMsgSize: 15_000 }));
          global.documents.set("/zones/zone-2/_overview", overview({ config }));
          global.documents.set("/zones/zone-3/_overview", overview({}));
        },
      },
      /may be more than other zones take: zone-2 \(15,000 bytes\)\..*TrafficRoute from the global to zone zone-2: 2 .*KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE of these zones/,
    ],
    [
      "another zone is at its limit by what this one does not bring",
      "kds-other-zones",
      "ok",
      {
        global: stored(
          { type: "Zone", name: "zone-2" },
          { type: "CircuitBreaker", mesh: "default", name: "large", conf: { text: "x".repeat(20_000) } },
        ),
        prepare: (_, global) => {
          const config = JSON.stringify(zoneWithKds({ maxMsgSize: 15_000 }));
          global.documents.set("/zones/zone-2/_overview", overview({ config }));
        },
      },
      /fits into the messages to the other zones/,
    ],
    [
      "no token would serve any more",
      "global-token",
      "blocker",
      { zone: stored(...content.filter((each) => each !== ADMIN), userKey), global: stored(userKeyOfGlobal) },
      /accepts none of the tokens at hand, and its users would be locked out.*is replaced by the zone's.*kumactl generate user-token/,
    ],
    [
      "no token would serve, but the global asks this machine for none",
      "global-token",
      "warning",
      {
        zone: stored(...content.filter((each) => each !== ADMIN), userKey),
        global: stored(userKeyOfGlobal),
        prepare: (_, global) =>
          global.documents.set("/who-am-i", { name: "admin", groups: ["mesh-system:admin"] }),
      },
      /its users are locked out/,
    ],
    [
      "no token would serve, unless one was signed elsewhere",
      "global-token",
      "inconclusive",
      {
        zone: stored(...content.filter((each) => each !== ADMIN), userKey),
        global: {
          ...stored(userKeyOfGlobal),
          config: {
            ...GLOBAL_CONFIG,
            apiServer: { authn: { tokens: { validator: { publicKeys: [{ kid: "1" }] } } } },
          },
        },
      },
      /unless they were signed with a public key/,
    ],
    [
      "signing keys give way",
      "secrets",
      "warning",
      {
        global: stored({ ...ADMIN, data: "b3RoZXI=" }, { type: "Mesh", name: "other" }),
        federation: { onConflict: "keepGlobal" },
      },
      /1 signing key\(s\) differ/,
    ],
    ["the zone shows no secret", "secrets", "inconclusive", { zone: stored(MESH) }, /shows no secret/],
    [
      "a policy of the zone counts as the global's",
      "deleted-in-zone",
      "blocker",
      { zone: stored(...content, ofZone("MeshTimeout", "g", { labels: { "kuma.io/origin": "global" } })) },
      /would delete them.*MeshTimeout default\/g/,
    ],
    [
      "a legacy policy counts as the zone's",
      "deleted-in-zone",
      "blocker",
      { zone: stored(...content, ofZone("TrafficRoute", "z")) },
      /would delete them.*TrafficRoute default\/z/,
    ],
    [
      "identities would change",
      "mesh-identity",
      "blocker",
      { zone: stored(...content, identity), federation: { zoneName: "zone-2" } },
      /issue every identity again.*MeshIdentity default\/id/,
    ],
    [
      "another zone has a MeshTrust",
      "mesh-trust",
      "warning",
      {
        zone: { ...stored(...content, trust), types: withTrust },
        global: { ...stored(ofZone("MeshTrust", "theirs", {}, "zone-2")), types: withTrust },
      },
      /do not trust each other yet/,
    ],
    [
      "there are too many zones",
      "global-limits",
      "blocker",
      { prepare: limits({ zones: 2, policies: 0 }) },
      /limit for zones would be exceeded.*zones: 2 there, at most 1 more, limit 2/,
    ],
    [
      "there are too many policies",
      "global-limits",
      "blocker",
      { prepare: limits({ policies: 6 }) },
      /limit for policies/,
    ],
    [
      "the zone trusts an authority of its own alone",
      "konnect-trust",
      "blocker",
      {
        zone: { config: zoneWithKds({ rootCaFile: "/tmp/ca.crt" }) },
        federation: hosted,
        prepare: limits({}),
      },
      /would not trust Konnect's public certificate/,
    ],
    [
      "the zone looks at no certificate",
      "konnect-trust",
      "blocker",
      { zone: { config: zoneWithKds({ tlsSkipVerify: true }) }, federation: hosted, prepare: limits({}) },
      /send its token to whoever answers/,
    ],
    [
      "Konnect serves a type to be read only",
      "konnect-types",
      "blocker",
      {
        global: {
          types: UNIVERSAL_TYPES.map((type) => ({
            ...type,
            readOnly: type.readOnly || type.name === "TrafficRoute",
          })),
        },
        federation: hosted,
        prepare: limits({}),
      },
      /Konnect does not take 1 resource\(s\) of zone zone-1/,
    ],
  ];
  for (const [what, code, verdict, change, text] of cases) {
    it(`${code}: ${verdict} when ${what}`, async () => {
      const report = await look(change);
      const found = report.checks.find((check) => check.code === code) ?? assert.fail("not looked at");
      assert.equal(found.verdict, verdict, found.sentence);
      assert.match(textOf(found), text);
      assert.ok(!JSON.stringify(report).includes("Y2FuYXJ5"), "no secret");
      if (verdict !== "ok") assert.notEqual(found.remedy, undefined);
    });
  }

  /** They tell, and never stop anything. */
  const NEVER_FAILS = ["namespaced"];

  it("has a case for each check that can find something", () => {
    const shown = new Set([...cases.map(([, code]) => code), ...NEVER_FAILS]);
    assert.deepEqual(
      CHECKS.map(({ code }) => code).filter((code) => !shown.has(code)),
      [],
    );
  });

  it("zone-store: ok when this program moves the zone to a new database", async () => {
    const federation = { nextDatabase };
    const { checks } = await look({ zone: { config: onPostgres("today") }, federation });
    const { verdict, evidence } = checks.find(({ code }) => code === "zone-store") as CheckResult;
    assert.equal(verdict, "ok");
    assert.deepEqual(evidence, [
      "runs alone on database today at db:5432",
      "will be federated on database next at db:5432",
    ]);
  });

  for (const [dbName, federation, verdict] of [
    ["next", { nextDatabase }, "ok"],
    ["other", { nextDatabase }, "blocker"],
    ["next", {}, "blocker"],
  ] as const) {
    const own = federation.nextDatabase ? "next" : "not known";
    it(`zone-name-taken: ${verdict} when what is connected is on database ${dbName}, and the zone's next one is ${own}`, async () => {
      const [subscription] = online().zoneInsight.subscriptions;
      const config = JSON.stringify({ store: postgresAt(dbName) });
      const overview = { zoneInsight: { subscriptions: [{ ...subscription, config }] } };
      const { checks } = await look({
        zone: { config: onPostgres("today") },
        federation,
        prepare: (_, global) => global.overviews.set("zone-1", [overview]),
      });
      assert.equal(checks.find(({ code }) => code === "zone-name-taken")?.verdict, verdict);
    });
  }

  it("namespaced: names the policies in namespaces of applications", async () => {
    const labels = (namespace: string) => ({
      "kuma.io/origin": "zone",
      "kuma.io/zone": "zone-1",
      "k8s.kuma.io/namespace": namespace,
    });
    const zone = stored(
      ...content,
      ofZone("MeshTimeout", "a.shop", { labels: labels("shop") }),
      ofZone("MeshTimeout", "b.kuma-system", { labels: labels("kuma-system") }),
    );
    const namesFound = async (environment: string) =>
      (await look({ zone: { ...zone, config: zoneConfig({ environment }) } })).checks.find(
        ({ code }) => code === "namespaced",
      )?.evidence;
    assert.deepEqual(await namesFound("kubernetes"), ["MeshTimeout default/a.shop in shop"]);
    assert.deepEqual(await namesFound("universal"), [], "there the label is the user's");
  });

  describe("the certificate at the KDS address", () => {
    const tlsOf = async (change: Change) =>
      (await look(change)).checks.find(({ code }) => code === "kds-tls") ?? assert.fail();

    it("is refused when it is for another address", async () => {
      const found = await tlsOf({
        federation: { kdsAddress: await serve(["10.0.0.1", "other"], authority) },
      });
      assert.equal(found.verdict, "blocker");
      assert.match(textOf(found), /it is not valid for 127\.0\.0\.1.* for 10\.0\.0\.1, other/);
    });

    it("is refused when another authority signed it", async () => {
      const found = await tlsOf({ federation: { kdsAddress: await serve(["127.0.0.1"], otherAuthority) } });
      assert.equal(found.verdict, "blocker");
      assert.match(found.sentence, /not signed by the authority that the zone gets/);
    });

    it("is not judged when the zone's system may know its authority", async () => {
      const found = await tlsOf({ federation: { kdsCa: "" } });
      assert.equal(found.verdict, "inconclusive");
    });

    it("is not there when something else listens", async () => {
      const address = await listen(net.createServer((socket) => socket.end("hello")));
      const found = await tlsOf({ federation: { kdsAddress: address } });
      assert.deepEqual([found.verdict, /no TLS handshake/.test(found.sentence)], ["blocker", true]);
    });
  });

  it("waits for a global that the stack is still to make", async () => {
    const { checks } = await look({ federation: { global: undefined } });
    const pending = checks.filter(({ verdict }) => verdict === "pending");
    for (const code of ["global-api", "products", "zone-name-taken", "kds-tls"])
      assert.ok(
        pending.some((check) => check.code === code),
        code,
      );
    // a row is pending, or has a result, and never both
    for (const { code, sentence } of pending)
      assert.match(sentence, /[Tt]he stack is still to make the global control plane\.$/, code);
    for (const code of ["conflicts", "mesh-authority", "secrets", "across-zones"])
      assert.equal(checks.find((check) => check.code === code)?.verdict, "ok", code);
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict !== "pending" && verdict !== "ok"),
      [],
    );
  });

  it("could not look at a global that is stopped, and does not take it for one that is still to be made", async () => {
    const { checks } = await look({ federation: { global: undefined, globalIsStopped: true } });
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict === "pending"),
      [],
    );
    for (const code of ["global-api", "conflicts", "secrets", "kds-tls", "across-zones", "version-supported"])
      assert.equal(checks.find((check) => check.code === code)?.verdict, "inconclusive", code);
    const { evidence, sentence } = checks.find(({ code }) => code === "conflicts") ?? assert.fail();
    assert.match(
      `${sentence}${evidence.join()}`,
      /The global control plane is stopped and was not started\./,
    );
  });

  it("looks at what still matters of a zone that is federated with this global", async () => {
    const config = zoneConfig({ multizone: { zone: { name: "zone-1", globalAddress: kdsAddress } } });
    const { checks } = await look({ zone: { config } });
    assert.deepEqual(
      checks.map(({ code, verdict }) => `${code} ${verdict}`),
      [
        "zone-api ok",
        "global-api ok",
        "modes ok",
        "zone-alone ok",
        "localhost-admin ok",
        "kds-reachable ok",
        "kds-tls ok",
        "kds-credential ok",
        "policies ok",
      ],
    );
  });

  describe("in up and preview", () => {
    it("stops planZone, names every blocker once, and writes nothing", async () => {
      const federation = await sides({
        global: { version: "2.13.0", resources: [{ ...TIMEOUT, conf: { a: 2 } }] },
      });
      const { code, message } = await kumaErrorOf(planZone(federation));
      assert.equal(code, "unsupportedVersion");
      assert.match(message, /^Zone zone-1 was not federated, and nothing was written\. 2 blockers:\n/);
      assert.match(message, /\[version-skew\][^]*\[conflicts\]/);
      assert.deepEqual(federation.global?.sent, { GET: federation.global?.sent.GET });
    });

    it("says one and the same thing once", async () => {
      const report = await look({ prepare: (_, g) => g.fail("GET /meshes", { status: 403 }, 99) });
      assert.ok(findingsOf(report, "blocker").length > 1);
      const { message } = await kumaErrorOf(() => assertNoBlocker(report));
      assert.equal(message.split("denies access").length, 2);
    });

    it("gives warnings along with the plan", async () => {
      const federation = await sides({ zone: { config: zoneConfig({ store: { type: "memory" } }) } });
      const prospect = (await planZone(federation)) ?? assert.fail();
      assert.deepEqual(
        findingsOf(prospect.report, "warning").map(({ code }) => code),
        ["zone-store"],
      );
    });

    it("tells of a zone that cannot be reached as such, so that a preview can wait for it", async () => {
      const federation = await sides({ prepare: (zone) => zone.fail(() => true, { ending: "cut" }, 999) });
      assert.equal((await kumaErrorOf(planZone(federation))).code, "unreachable");
    });
  });
});

function textOf({ sentence, evidence, remedy }: CheckResult): string {
  return [sentence, ...evidence, remedy].join(" ");
}
