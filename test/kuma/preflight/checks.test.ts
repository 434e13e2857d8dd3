import * as assert from "node:assert/strict";
import * as net from "node:net";
import { CHECKS, CheckResult, Facts, preflight } from "../../../kuma";
import { certificateUntil } from "../../support/endingCertificate";
import { stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { CASES } from "./cases";
import { Told } from "./told";
import {
  Change,
  MESH,
  content,
  hosted,
  limits,
  nextDatabase,
  ofZone,
  onPostgres,
  online,
  postgresAt,
  stored,
  zoneConfig,
} from "./fixtures";
import { Sides, textOf } from "./sides";

/** Each check by itself: what the others find on the same sides is not looked at. */
describe("kuma/preflight: what each check finds", () => {
  let sides: Sides;
  // anew for each run: StrykerJS runs a suite many times in one process
  let told: Told;
  before(async () => {
    sides = await Sides.start();
    told = new Told();
  });
  after(() => {
    sides.stop();
    told.keep();
  });
  afterEach(stopFakes);

  async function look(code: string, change: Change): Promise<CheckResult> {
    const alone = CHECKS.filter((check) => check.code === code);
    const { checks } = await preflight(new Facts(await sides.with(change)), alone);
    return checks[0] ?? assert.fail("not looked at");
  }

  for (const [what, code, verdict, change, text] of CASES) {
    it(`${code}: ${verdict} when ${what}`, async () => {
      const found = await look(code, change);
      assert.equal(found.verdict, verdict, found.sentence);
      assert.match(textOf(found), text);
      assert.ok(!JSON.stringify(found).includes("Y2FuYXJ5"), "no secret");
      if (verdict !== "ok" && verdict !== "pending") assert.notEqual(found.remedy, undefined);
      told.check(`${code}, when ${what}`, found);
    });
  }

  for (const { code, hostedOnly, hostOnly } of CHECKS) {
    const sound: [string, Change][] = [
      ["a global of one's own", {}],
      ["a zone on a host", { host: {} }],
      ["a global in Konnect", { federation: hosted, global: { clusterId: "" }, prepare: limits({}) }],
      ["a global that is still to be made", { federation: { global: undefined } }],
      ["a zone that holds nothing", { zone: { resources: [] } }],
    ];
    for (const [what, change] of sound) {
      if ((hostedOnly && change.federation !== hosted) || (hostOnly && !change.host)) continue;
      it(`${code}: says what it has seen, with ${what}`, async () =>
        told.check(`${code}, with ${what}`, await look(code, change)));
    }
  }

  for (const [days, sentence, told] of [
    [3, /ends within 14 days/, "ends"],
    [-3, /has ended/, "ended"],
  ] as const) {
    it(`certificates-and-tokens: warns of an authority of the zone's that ${told}`, async () => {
      const data = Buffer.from(await certificateUntil(new Date(Date.now() + days * 86_400_000))).toString(
        "base64",
      );
      const ca = { type: "Secret", mesh: "default", name: "default.ca-provided-cert-ca-1", data };
      const global = stored({ type: "Zone", name: "zone-2" });
      const found = await look("certificates-and-tokens", { zone: stored(...content, ca), global });
      assert.equal(found.verdict, "warning");
      assert.match(found.sentence, sentence);
      assert.match(
        textOf(found),
        new RegExp(`certificate in Secret default/default\\.ca-provided-cert-ca-1: ${told} 20`),
      );
      assert.ok(!JSON.stringify(found).includes(data.slice(0, 40)));
      const known = { zone: stored(...content), global: stored({ type: "Zone", name: "zone-2" }, MESH, ca) };
      assert.equal(
        (await look("certificates-and-tokens", known)).verdict,
        "ok",
        "what is so without the zone is told by status",
      );
    });
  }

  it("zone-store: ok when this program moves the zone to a new database", async () => {
    const federation = { nextDatabase };
    const found = await look("zone-store", { zone: { config: onPostgres("today") }, federation });
    const { verdict, evidence } = found;
    told.check("zone-store, when this program moves the zone to a new database", found);
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
      const found = await look("zone-name-taken", {
        zone: { config: onPostgres("today") },
        federation,
        prepare: (_, global) => global.overviews.set("zone-1", [overview]),
      });
      assert.equal(found.verdict, verdict);
      told.check(`zone-name-taken, when ${dbName} is connected, and ${own} is the zone's next`, found);
    });
  }

  it("zone-host: has nothing to look at where no host is reached", async () => {
    const check = CHECKS.find(({ code }) => code === "zone-host") ?? assert.fail();
    const found = await check.run(new Facts(await sides.with({})));
    assert.deepEqual(found, { verdict: "ok", sentence: "There is no host to look at." });
  });

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
    const namesFound = async (environment: string) => {
      const found = await look("namespaced", { zone: { ...zone, config: zoneConfig({ environment }) } });
      told.check(`namespaced, on ${environment}`, found);
      return found.evidence;
    };
    assert.deepEqual(await namesFound("kubernetes"), ["MeshTimeout default/a.shop in shop"]);
    assert.deepEqual(await namesFound("universal"), [], "there the label is the user's");
  });

  describe("the certificate at the KDS address", () => {
    const tlsOf = async (when: string, change: Change) => {
      const found = await look("kds-tls", change);
      told.check(`kds-tls, when ${when}`, found);
      return found;
    };

    it("is refused when it is for another address", async () => {
      const found = await tlsOf("it is for another address", {
        federation: { kdsAddress: await sides.serve(["10.0.0.1", "other"]) },
      });
      assert.equal(found.verdict, "blocker");
      assert.match(textOf(found), /it is not valid for 127\.0\.0\.1.* for 10\.0\.0\.1, other/);
    });

    it("is refused when another authority signed it", async () => {
      const found = await tlsOf("another authority signed it", {
        federation: { kdsAddress: await sides.serve(["127.0.0.1"], { byAnother: true }) },
      });
      assert.equal(found.verdict, "blocker");
      assert.match(found.sentence, /not signed by the authority that the zone gets/);
    });

    it("is not judged when the zone's system may know its authority", async () => {
      const found = await tlsOf("the zone's system may know its authority", { federation: { kdsCa: "" } });
      assert.equal(found.verdict, "inconclusive");
    });

    it("is not there when something else listens", async () => {
      const address = await sides.listen(net.createServer((socket) => socket.end("hello")));
      const found = await tlsOf("something else listens", { federation: { kdsAddress: address } });
      assert.deepEqual([found.verdict, /no TLS handshake/.test(found.sentence)], ["blocker", true]);
    });
  });
});
