import * as assert from "node:assert/strict";
import * as net from "node:net";
import * as tls from "node:tls";
import {
  CHECKS,
  CheckResult,
  Facts,
  Federation,
  assertNoBlocker,
  findingsOf,
  planZone,
  preflight,
} from "../../../kuma";
import { KeyPair, issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { CASES } from "./cases";
import {
  Change,
  ZONE_CONFIG,
  zoneConfig,
  GLOBAL_CONFIG,
  TIMEOUT,
  ofZone,
  content,
  online,
  stored,
  hosted,
  limits,
  nextDatabase,
  postgresAt,
  onPostgres,
  vantageOf,
} from "./fixtures";

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

  async function sides({
    zone = {},
    global = {},
    federation = {},
    host,
    prepare,
  }: Change): Promise<Federation> {
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
    const zoneClient = clientOf(zoneFake, { title: "the control plane of zone zone-1" });
    if (host) Object.defineProperty(zoneClient, "vantage", { value: vantageOf(host) });
    return {
      zoneName: "zone-1",
      zone: zoneClient,
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
      CHECKS.filter(({ hostedOnly, hostOnly }) => !hostedOnly && !hostOnly).map(({ code }) => code),
    );
  });

  it("finds everything in order with a global in Konnect, which tells less", async () => {
    const { checks } = await look({ federation: hosted, global: { clusterId: "" }, prepare: limits({}) });
    // the two zones that it tells of are others
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict !== "ok").map(({ code }) => code),
      ["across-zones"],
    );
    assert.deepEqual(
      checks.map(({ code }) => code),
      CHECKS.filter(({ hostOnly }) => !hostOnly).map(({ code }) => code),
    );
  });

  for (const [what, code, verdict, change, text] of CASES) {
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
    const shown = new Set([...CASES.map(([, code]) => code), ...NEVER_FAILS]);
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
