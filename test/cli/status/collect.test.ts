import * as assert from "node:assert/strict";
import type { Standing, StandingZone } from "../../../cli/stack/standing/standing";
import { collectStatus } from "../../../cli/status/collect";
import type { GlobalConfig, ZoneConfig } from "../../../stack/settings/controlPlanes";
import { Resource, manifestOf } from "../../../kuma";
import { packRecord } from "../../../kuma/ledger";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const mesh: Resource = { type: "Mesh", name: "default" };
const inZone = { ...mesh, labels: { "kuma.io/origin": "global" } };
const copied = (name: string) => ({ "kuma.io/origin": "global", "kuma.io/display-name": name });
const online = { zoneInsight: { subscriptions: [{ id: "s", connectTime: "now" }] } };

describe("cli/status/collect", () => {
  let global: FakeControlPlane;
  let zone: FakeControlPlane;
  beforeEach(async () => {
    global = await FakeControlPlane.start({ resources: [mesh] });
    global.overviews.set("zone-1", [online]);
    zone = await FakeControlPlane.start({ resources: [inZone] });
  });
  afterEach(stopFakes);

  const federation = (more: Partial<StandingZone> = {}): StandingZone => ({
    zoneName: "zone-1",
    zone: { url: zone.url, tokens: ["canary-zone"] },
    global: { url: global.url, tokens: ["canary-global"] },
    kdsAddress: "grpcs://g:5685",
    resources: manifestOf([mesh]),
    joined: true,
    onConflict: "fail",
    ledger: [],
    ...more,
  });
  const wanted = (name: string, federated = true) => ({ name, federated }) as ZoneConfig;
  const openPort =
    "The KDS port of the global (grpcs://g:5685) asks for no credential: whoever reaches it under any zone's name is sent the secrets of every mesh, its certificate authorities and the keys that sign data plane tokens among them. " +
    "Let only your zones reach that port: by a firewall, a private network, or kds.sourceRanges of a load balancer. Kuma 2 can ask zones for nothing; Kong Mesh can (cpToken), and so can 3.0 (zoneToken).";
  const collect = (zones = [federation()], more: Partial<Standing> = {}, acceptDifferences: string[] = []) =>
    collectStatus(
      { zones, alone: [], endsGlobal: false, ...more },
      {
        zones: [...zones.map(({ zoneName }) => wanted(zoneName)), wanted("zone-alone", false)],
        acceptDifferences,
      },
    );

  /** What is warned of besides the open port. */
  const furtherWarnings = ({ warnings }: Awaited<ReturnType<typeof collect>>) => {
    assert.ok(warnings.includes(openPort));
    return warnings.filter((warning) => warning !== openPort);
  };

  it("says which three of ten zones hang, asks them once, and tells of the others as ever", async () => {
    const names = Array.from({ length: 10 }, (_, at) => `zone-${at + 1}`);
    const hanging = ["zone-2", "zone-5", "zone-9"];
    const fakes = new Map<string, FakeControlPlane>();
    for (const name of names) {
      fakes.set(name, await FakeControlPlane.start({ resources: [inZone] }));
      global.overviews.set(name, [online]);
      if (hanging.includes(name)) fakes.get(name)?.fail(() => true, { ending: "freeze" }, Infinity);
    }
    const zones = names.map((zoneName) =>
      federation({ zoneName, zone: { url: (fakes.get(zoneName) as FakeControlPlane).url } }),
    );
    const {
      outcome,
      zones: told,
      problems,
    } = await collectStatus(
      { zones, alone: [], endsGlobal: false },
      { zones: names.map((name) => wanted(name)), acceptDifferences: [] },
      { patience: { attempts: 1, requestTimeoutMs: 1_000 } },
    );
    assert.equal(outcome, "inconclusive");
    assert.deepEqual(
      told.filter(({ globalToZone }) => globalToZone === null).map(({ name }) => name),
      hanging,
    );
    assert.equal(told.filter(({ globalToZone, zoneToGlobal }) => globalToZone && zoneToGlobal).length, 7);
    assert.equal(problems.length, 3, problems.join("\n"));
    for (const [at, name] of hanging.entries())
      assert.ok(problems[at].startsWith(`Zone ${name} could not be compared with the global.`), problems[at]);
    for (const name of hanging) {
      const paths = fakes.get(name)?.requests.map(({ path }) => path) ?? [];
      assert.equal(new Set(paths).size, paths.length, paths.join());
    }
  });

  it("warns of a token for the global that it refuses, though the zone's admin's serves, and names none", async () => {
    global.fail(
      ({ headers }) => headers.authorization === "Bearer canary-former",
      { status: 401, body: "" },
      Infinity,
    );
    const look = (platform: string, givenTokens = ["canary-former"]) =>
      collectStatus(
        {
          zones: [
            federation({ global: { url: global.url, tokens: ["canary-zone", ...givenTokens] }, givenTokens }),
          ],
          ...{ alone: [], endsGlobal: false },
        },
        { global: { platform } as GlobalConfig, zones: [wanted("zone-1")], acceptDifferences: [] },
      );
    for (const platform of ["existing", "kubernetes"]) {
      const { outcome, warnings } = await look(platform);
      assert.equal(outcome, "healthy");
      const [told, ...more] = warnings.filter((each) => each !== openPort);
      assert.match(
        told,
        /^The global does not accept the token that the stack gives for it \(globalToken\): /,
      );
      assert.doesNotMatch(told, /canary/);
      assert.deepEqual(more, []);
    }
    // its own admin's token, which gives way to the zone's
    assert.deepEqual(furtherWarnings(await look("universal")), []);
    assert.deepEqual(furtherWarnings(await look("existing", ["canary-zone"])), []);
    assert.deepEqual(furtherWarnings(await look("existing", [])), []);
  });

  it("is healthy when both sides are equal", async () => {
    assert.deepEqual(await collect(), {
      ok: true,
      outcome: "healthy",
      global: { address: global.url, version: "2.14.3", product: "Kuma" },
      zones: [
        {
          name: "zone-1",
          online: true,
          globalToZone: true,
          zoneToGlobal: true,
          version: undefined,
          proxies: { registered: 0, connected: 0 },
          ...{ since: null, skew: "unknown", sync: null, ingress: [], egress: [] },
        },
      ],
      ...{ checks: [], links: [], meshes: [], services: [], ends: [] },
      alone: [],
      resources: [{ type: "Mesh", mesh: undefined, expected: 1, present: 1, different: 0 }],
      ledger: [],
      markers: [],
      problems: [],
      warnings: [openPort],
    });
    assert.deepEqual([...global.writes, ...zone.writes], []);
    assert.ok(global.requests.every(({ headers }) => headers.authorization === "Bearer canary-global"));
    assert.ok(zone.requests.every(({ headers }) => headers.authorization === "Bearer canary-zone"));
  });

  it("warns of nothing where the global asks zones for a token", async () => {
    const auth = { kds: { auth: { type: "cpToken" } } };
    await global.stop();
    global = await FakeControlPlane.start({
      resources: [mesh],
      config: { mode: "global", kmesh: { multizone: { global: auth } } },
    });
    global.overviews.set("zone-1", [online]);
    assert.deepEqual((await collect()).warnings, []);
  });

  it("is unhealthy when there is a problem", async () => {
    global.overviews.clear();
    const { ok, outcome, problems } = await collect();
    assert.deepEqual(
      [ok, outcome, problems],
      [false, "unhealthy", ["The global has no zone zone-1: it has never connected."]],
    );
  });

  it("is inconclusive, neither healthy nor unhealthy, when a zone cannot be read", async () => {
    zone.fail("GET /", { status: 403, body: "" }, 99);
    const { ok, outcome, problems, zones } = await collect();
    assert.deepEqual([ok, outcome, problems.length], [false, "inconclusive", 1]);
    assert.match(problems[0], /^Zone zone-1 could not be compared with the global\. /);
    assert.deepEqual([zones[0].globalToZone, zones[0].zoneToGlobal], [null, null]);
  });

  it("is unhealthy when the global does not answer as one", async () => {
    global.fail("GET /", { body: "<html></html>" }, 99);
    const { ok, outcome, problems, global: report } = await collect();
    assert.deepEqual([ok, outcome, problems.length], [false, "unhealthy", 1]);
    assert.match(problems[0], /^What answers at \S+ is not a Kuma or Kong Mesh control plane/);
    assert.deepEqual(report, { address: global.url, version: null, product: null });
  });

  it("tells which proxies are connected, and warns where none is", async () => {
    const proxy = (name: string, ...subscriptions: object[]) => {
      return { type: "DataplaneOverview", mesh: "default", name, dataplaneInsight: { subscriptions } };
    };
    const gone = { connectTime: "then", disconnectTime: "now" };
    const show = (...items: object[]) =>
      zone.documents.set("/dataplanes+insights", { total: items.length, items, next: null });
    show(proxy("a", gone, { connectTime: "now" }), proxy("b", gone), proxy("c"));
    const some = await collect();
    assert.deepEqual([some.zones[0].proxies, furtherWarnings(some)], [{ registered: 3, connected: 1 }, []]);
    show(proxy("a", gone));
    const locked = await collect();
    assert.deepEqual([locked.ok, furtherWarnings(locked).length], [true, 1]);
    assert.match(
      furtherWarnings(locked)[0],
      /^No data plane proxy of zone zone-1 is connected with its control plane, of 1:/,
    );
  });

  it("warns of a zone that is disabled on the global, and goes on calling it healthy", async () => {
    global.overviews.set("zone-1", [{ ...online, zone: { enabled: false } }]);
    const disabled = await collect();
    assert.deepEqual([disabled.ok, furtherWarnings(disabled).length], [true, 1]);
    assert.match(furtherWarnings(disabled)[0], /^Zone zone-1 is disabled on the global/);
  });

  it("warns as long as a mesh is without mTLS by a choice of the stack's", async () => {
    const federations = [federation({ mtlsEnded: ["default"] })];
    assert.match(furtherWarnings(await collect(federations)).join(), /^Mesh default is without mTLS/);
    const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
    global.add({ ...mesh, mtls });
    zone.add({ ...inZone, mtls });
    assert.deepEqual(furtherWarnings(await collect(federations)), []);
  });

  it("is unhealthy when a policy that was handed over is gone, or is the zone's again", async () => {
    const policy = (name: string): Resource => ({ type: "MeshTimeout", mesh: "default", name, spec: {} });
    const policies = manifestOf([policy("there"), policy("back"), policy("gone")]);
    global.add(policy("there"), policy("back"));
    zone.add(policy("back"), policy("another"));
    const { outcome, problems } = await collect([federation({ policies })]);
    assert.equal(outcome, "unhealthy");
    const told = problems.join("\n");
    assert.match(told, /missing there, so not in force in the zone: MeshTimeout default\/gone\./);
    assert.match(told, /zone zone-1 has its own of them again: MeshTimeout default\/back\./);
  });

  it("goes on with the other zones", async () => {
    const second = federation({ zoneName: "zone-2" });
    global.overviews.set("zone-2", [online]);
    zone.store.clear();
    const { zones, problems } = await collect([federation(), second]);
    assert.deepEqual(
      zones.map(({ name, globalToZone }) => [name, globalToZone]),
      [
        ["zone-1", false],
        ["zone-2", false],
      ],
    );
    assert.equal(problems.length, 2);
  });

  it("counts once what several zones have carried", async () => {
    global.overviews.set("zone-2", [online]);
    const { resources } = await collect([federation(), federation({ zoneName: "zone-2" })]);
    assert.deepEqual(resources, [{ type: "Mesh", mesh: undefined, expected: 1, present: 1, different: 0 }]);
  });

  it("looks at what the stack itself has written, and counts it", async () => {
    const policy = (name: string): Resource => ({ type: "MeshTimeout", mesh: "default", name, spec: {} });
    const stored = manifestOf([policy("gone"), policy("changed"), policy("there")]);
    const spec = { to: [] };
    global.add(policy("there"), { ...policy("changed"), spec });
    for (const each of [policy("there"), { ...policy("changed"), spec }])
      zone.add({ ...each, name: `${each.name}-hash`, labels: copied(each.name) });
    const { outcome, problems, resources } = await collect([federation()], { policies: { stored } });
    assert.equal(outcome, "unhealthy");
    assert.deepEqual(problems, [
      "Written to the global by the stack's policies and missing there: MeshTimeout default/gone. npm run up puts them back.",
      "Written to the global by the stack's policies and changed there since: MeshTimeout default/changed. npm run up puts them back.",
    ]);
    const row = { type: "MeshTimeout", mesh: "default", expected: 3, present: 2, different: 1 };
    assert.deepEqual(resources.at(-1), row);
  });

  it("calls no zone healthy that is to be federated and is not, or the other way round", async () => {
    const alone = [{ name: "zone-1", url: zone.url }];
    const toJoin = { zones: [wanted("zone-1")], acceptDifferences: [] };
    const before = await collectStatus({ zones: [], alone, endsGlobal: false }, toJoin);
    assert.deepEqual([before.ok, before.outcome, before.global], [false, "unhealthy", null]);
    assert.match(before.problems.join(), /^Zone zone-1 is not federated: no run has carried what it holds/);
    const toLeave = { zones: [wanted("zone-1", false)], acceptDifferences: [] };
    const still = await collectStatus({ zones: [federation()], alone: [], endsGlobal: false }, toLeave);
    assert.match(still.problems.join(), /^Zone zone-1 is a member of the global, and by the stack file/);
    const none = await collectStatus(
      { zones: [], alone: [], endsGlobal: false },
      { zones: [], acceptDifferences: [] },
    );
    assert.deepEqual([none.ok, none.problems], [false, ["There is no zone to look at."]]);
    const gone = await collectStatus(
      { zones: [], alone: [], endsGlobal: false },
      { zones: [], acceptDifferences: [], removed: ["zone-1"] },
    );
    assert.deepEqual([gone.ok, gone.problems], [true, []], "as the stack's file says");
  });

  it("tells of a zone that was renamed in the file that it is the one of before, and nothing else of the two names", async () => {
    const multizone = { zone: { name: "zone-1", globalAddress: "grpcs://g:5685" } };
    const zone = await FakeControlPlane.start({ resources: [mesh], config: { mode: "zone", multizone } });
    const { problems, alone } = await collectStatus(
      { zones: [federation()], alone: [{ name: "new-name", url: zone.url }], endsGlobal: false },
      { zones: [wanted("new-name")], acceptDifferences: [] },
    );
    assert.deepEqual(alone, []);
    assert.deepEqual(
      problems.filter((each) => /new-name|is not to be/.test(each)),
      [
        'The control plane that the stack has for zone new-name is called "zone-1", and a zone keeps its name. Nothing was changed there, and npm run up changes nothing: set the zone\'s name to "zone-1".',
      ],
    );
  });

  it("asks a zone that is to run alone whether it does", async () => {
    const asked = (url: string) =>
      collectStatus(
        { zones: [], alone: [{ name: "zone-1", url }], endsGlobal: false },
        { zones: [wanted("zone-1", false)], acceptDifferences: [] },
        { patience: { attempts: 1 } },
      );
    const lone = await FakeControlPlane.start({ config: { mode: "zone" } });
    const healthy = await asked(lone.url);
    assert.deepEqual([healthy.ok, healthy.alone], [true, [{ name: "zone-1", version: "2.14.3" }]]);
    const multizone = { zone: { globalAddress: "grpcs://other:5685" } };
    const member = await FakeControlPlane.start({ config: { mode: "zone", multizone } });
    assert.match(
      (await asked(member.url)).problems.join(),
      /is to run alone, and is a member of the global at grpcs:\/\/other:5685/,
    );
    await lone.stop();
    const gone = await asked(lone.url);
    assert.deepEqual(
      [gone.ok, gone.outcome, gone.alone],
      [false, "inconclusive", [{ name: "zone-1", version: null }]],
    );
  });

  it("leaves out what the stack accepts as it is", async () => {
    global.store.clear();
    zone.store.clear();
    assert.equal((await collect()).outcome, "unhealthy");
    assert.equal((await collect(undefined, undefined, ["Mesh default"])).ok, true);
  });

  describe("of the ledger", () => {
    const record = (...resources: Resource[]) =>
      packRecord({ zone: "zone-1", environment: "universal", resources });

    it("tells what was compared, and when", async () => {
      const outcome = { recorded: 7, explained: { "owned-by-global": 2 } };
      const by = "2026-11-26T11:04:00Z";
      const { ledger } = await collect([
        federation({ ledger: [{ occasion: "joined", by, outcome, before: record() }] }),
      ]);
      assert.deepEqual(ledger, [
        { zone: "zone-1", occasion: "joined", ...outcome, comparedBy: by, unexplained: [] },
      ]);
    });

    it("compares anew where the last run ended before all was explained, and names what is not", async () => {
      const own: Resource = { type: "Timeout", mesh: "default", name: "own" };
      const before = record({ ...mesh }, own);
      const found = await collect([federation({ joined: false, ledger: [{ occasion: "joined", before }] })]);
      assert.equal(found.outcome, "unhealthy");
      assert.deepEqual(found.ledger[0].unexplained, ["Timeout default/own is gone"]);
      assert.match(
        found.problems.join(),
        /no rule of docs\/ledger\.md explains it: Timeout default\/own is gone\./,
      );
      const accepted = await collect(
        [federation({ joined: false, ledger: [{ occasion: "joined", before }] })],
        {},
        ["Timeout default/own"],
      );
      assert.deepEqual([accepted.ok, accepted.ledger[0].unexplained], [true, []]);
      assert.match(accepted.warnings.join(), /the last run ended before it was finished/);
    });
  });

  it("never holds a token", async () => {
    global.fail("GET /", { status: 401, body: "" }, 99);
    assert.ok(!JSON.stringify(await collect()).includes("canary"));
  });
});
