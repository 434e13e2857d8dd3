import * as assert from "node:assert/strict";
import * as tls from "node:tls";
import { type Exported, exportDeployment, importDeployment } from "../../../cli/stack/deployment";
import { openWithEngine } from "../../../cli/stack/workspace";
import { issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { cleanUp } from "../../support/cleanUp";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { LabStack, clear } from "../../support/hosts/labStack";
import { LabTraffic, dataplaneToken, openMesh } from "../../support/hosts/labTraffic";
import { api } from "../../support/hosts/labZone";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { ROOT } from "../support";

const hosts = labHosts(3);
const why = whyNoLab(hosts);
const DAY_MS = 86_400_000;
const SERVER_DAYS = 365;
const AUTHORITY_DAYS = 3650;
const KDS = 5685;
/** At the loopback of the client's host. */
const SAME_ZONE = 20_001;
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

type Outputs = Record<string, unknown>;

/** Certificates that the stack made for a global and a zone on hosts, as they come to their end. */
describe(`certificates on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  const traffic = new LabTraffic();
  const [global, zoneA, zoneB] = (hosts ?? []) as LabHost[];
  let stack: LabStack;
  const saved = { ...process.env };

  before(function () {
    if (why) this.skip();
  });
  needsEngine();
  before(async () => {
    stack = new LabStack({ global, zoneA, zoneB });
    await stack.prepare();
    traffic.install(zoneA);
    openMesh(zoneA);
    traffic.serve(zoneA, "near", 18_000, dataplaneToken(zoneA, "near"));
    traffic.client(zoneA, "caller", 18_100, dataplaneToken(zoneA, "caller"), { near: SAME_ZONE });
    await until(
      "calls in zone-a",
      () => zoneA.shell(`curl -s -m 5 http://127.0.0.1:${SAME_ZONE}/ || true`).trim() === "near",
    );
    traffic.call(zoneA, "near", SAME_ZONE);
    stack.write({});
    await stack.run("up");
  });
  after(async () => {
    if (why) return;
    const { made, failed } = traffic.calls(zoneA, "near");
    traffic.stop();
    [global, zoneA, zoneB].forEach(clear);
    await stack?.sandbox.remove();
    await cleanUp();
    assert.deepEqual(failed, [], `of ${made} calls`);
  });

  /** Rewrites what the stack's state holds of the certificates for zones, as if it had been made at another time. */
  async function rewrite(change: (outputs: Outputs, caKey: string) => Promise<void>): Promise<Outputs> {
    Object.assign(process.env, stack.sandbox.environment, {
      KUMA_FEDERATION_STATE: stack.sandbox.state,
      KUMA_FEDERATION_STACKS: stack.sandbox.directory,
    });
    try {
      const opened = await openWithEngine(ROOT, "test");
      const state: Exported = await exportDeployment(opened, { withSecrets: true });
      const { outputs = {} } =
        state.deployment.resources?.find(({ urn }) => urn.endsWith("::global-kds")) ?? {};
      const { plaintext } = outputs.caKey as { plaintext: string };
      await change(outputs, JSON.parse(plaintext) as string);
      await importDeployment(opened, state);
      return outputs;
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
      Object.assign(process.env, saved);
    }
  }

  /** A certificate of the stack's authority that ends in so many days. */
  async function withServer(outputs: Outputs, caKey: string, days: number): Promise<void> {
    const authority = { cert: outputs.ca as string, key: caKey };
    const { cert, key } = await daysAgo(SERVER_DAYS - days, () =>
      issueServerCertificate(authority, outputs.hosts as string[]),
    );
    Object.assign(outputs, { cert, key: { ...SECRET, plaintext: JSON.stringify(key) } });
  }

  const onlineZones = () =>
    (api(global, "/zones+insights") as { items: Insight[] }).items
      .filter(({ zoneInsight: { subscriptions } }) => subscriptions?.at(-1)?.disconnectTime === undefined)
      .map(({ name }) => name)
      .sort();

  const daysLeft = async () =>
    Math.round((Date.parse((await shownAt(global.address)).valid_to) - Date.now()) / DAY_MS);

  it("are renewed by the next up before they end, and by no other", async () => {
    assert.equal(await daysLeft(), SERVER_DAYS);
    const before = await shownAt(global.address);
    await rewrite((outputs, caKey) => withServer(outputs, caKey, 20));
    assert.match(await stack.run("preview"), /update +global-kds/);
    assert.equal((await shownAt(global.address)).serialNumber, before.serialNumber);
    await stack.run("up");
    const after = await shownAt(global.address);
    assert.notEqual(after.serialNumber, before.serialNumber);
    assert.equal(await daysLeft(), SERVER_DAYS);
    assert.match(await stack.run("status"), /Healthy/);
    assert.deepEqual(onlineZones(), ["zone-a", "zone-b"]);
    assert.match(await stack.run("up"), /nothing to do/);
  });

  it("are renewed once they have ended, and zones that were cut off come back", async () => {
    const { cert, key } = await rewrite((outputs, caKey) => withServer(outputs, caKey, -2));
    const { plaintext } = key as { plaintext: string };
    const directory = "/etc/kuma-federation/kuma-cp";
    for (const [name, content] of [
      ["kds-server.crt", cert as string],
      ["kds-server.key", JSON.parse(plaintext) as string],
    ])
      global.shell(`cat > ${directory}/${name} <<'END'\n${content}\nEND`);
    global.shell("systemctl restart kuma-cp");
    await until("zones that are cut off", () => onlineZones().length === 0);
    const { status, output } = await stack.sandbox.run("status", "--stack", "test");
    assert.notEqual(status, 0, output);
    assert.match(output, /certificate.*ended/i);
    await stack.run("up");
    assert.deepEqual(onlineZones(), ["zone-a", "zone-b"]);
    assert.match(await stack.run("status"), /Healthy/);
    assert.match(await stack.run("up"), /nothing to do/);
  });

  it("have another authority before it ends, which every zone is told", async () => {
    const { ca } = await rewrite(async (outputs) => {
      const authority = await daysAgo(AUTHORITY_DAYS - 20, () => issueAuthority("global"));
      const caKey = { ...SECRET, plaintext: JSON.stringify(authority.key) };
      Object.assign(outputs, { ca: authority.cert, caKey });
      await withServer(outputs, authority.key, 300);
    });
    await stack.run("up");
    assert.deepEqual(onlineZones(), ["zone-a", "zone-b"]);
    assert.match(await stack.run("status"), /Healthy/);
    assert.match(await stack.run("up"), /nothing to do/);
    const known = await rewrite(async () => {});
    assert.notEqual(known.ca, ca);
    await stack.run("destroy");
  });
});

interface Insight {
  name: string;
  zoneInsight: { subscriptions?: { disconnectTime?: string }[] };
}

/** Whatever the host answers there, trusted or not. */
function shownAt(host: string): Promise<tls.PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port: KDS, rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** As if it were so many days earlier. */
async function daysAgo<T>(days: number, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() - days * DAY_MS;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}
