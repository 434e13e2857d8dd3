import assert from "node:assert/strict";
import * as path from "node:path";
import { formatDrills, type DrillsReport } from "../../cli/drills/report";
import { Proxy, findDataPlane, proxyPorts } from "../../platforms/universal/dataPlaneProxy";
import { Sandbox, ask, getJson, oneZone, put } from "../integration/support";
import { needsKumaCp } from "../support/controlPlane/kumaCp";
import { freePortBase } from "../support/ports";
import { needsEngine } from "../support/pulumi/engine";
import { until } from "../support/until";
import { startServices } from "./echo";
import { untilConnected } from "./proxies";

const MESH = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
const MTLS = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
const ANYBODY = {
  ...{ type: "MeshTrafficPermission", mesh: "default", name: "anybody" },
  spec: {
    targetRef: { kind: "Mesh" },
    from: [{ targetRef: { kind: "Mesh" }, default: { action: "Allow" } }],
  },
};
const BOTH_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));

/** Real control planes, proxies and calls: zone-2 has a service and a zone ingress, and is what is drilled. */
describe("drills on real parts", function () {
  needsEngine();
  let sandbox: Sandbox;
  let zones: { name: string; url: string; portBase: number }[];
  let globalUrl = "";
  let urls: string[];
  let stopServices: (() => void) | undefined;
  const proxies: Proxy[] = [];

  before(async function () {
    const programs = findDataPlane();
    if (programs === undefined) {
      console.log("      skipped: kuma-dp and envoy are not on PATH; KUMA_DP and ENVOY name them");
      return this.skip();
    }
    const kumaCp = await needsKumaCp(this);
    sandbox = new Sandbox({ KUMA_CP: kumaCp });
    const of = (name: string) =>
      oneZone({ name, kumaCp: "path", store: "memory", content: sandbox.writeContent(name, [MESH]) });
    const [one, two] = [await of("zone-1"), await of("zone-2")];
    const settings = [one, two].map(
      ({ config }) => (config.zones as { name: string; portBase: number }[])[0],
    );
    ({ globalUrl } = one);
    zones = settings.map(({ name, portBase }) => ({
      ...{ name, portBase },
      url: `http://127.0.0.1:${portBase + 81}`,
    }));
    sandbox.writeStack("test", {
      global: { ...(one.config.global as object), kumaCp: "path" },
      zones: settings,
      onConflict: BOTH_MADE,
      drills: "allowed",
    });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.ok((await put(`${globalUrl}/meshes/default`, { ...MESH, mtls: MTLS })) < 300);
    assert.ok((await put(`${globalUrl}/meshes/default/meshtrafficpermissions/anybody`, ANYBODY)) < 300);
    for (const { url } of zones)
      await until(
        "mTLS in both zones",
        async () => (await getJson<{ mtls?: object }>(`${url}/meshes/default`)).mtls,
      );

    const [first, second] = zones;
    const token = async (url: string, place: string, body: object) => {
      const headers = { "content-type": "application/json" };
      const request = { method: "POST", headers, body: JSON.stringify({ ...body, validFor: "24h" }) };
      const answer = await ask(`${url}/tokens/${place}`, request);
      assert.equal(answer.status, 200);
      return answer.text();
    };
    const start = async (
      { name: zone, portBase, url }: (typeof zones)[number],
      dataplane: ConstructorParameters<typeof Proxy>[0]["dataplane"],
      base: number,
    ) => {
      const proxy = new Proxy({
        ...{ programs, base, dataplane },
        controlPlane: {
          port: portBase + 78,
          caFile: path.join(sandbox.state, "stacks", "test", "zones", zone, "work", "kuma-cp.crt"),
        },
        token:
          dataplane.type === "ZoneIngress"
            ? await token(globalUrl, "zone", { zone, scope: ["ingress"] })
            : await token(url, "dataplane", { mesh: "default", type: "dataplane" }),
      });
      proxies.push(proxy);
      proxy.start();
      if (dataplane.type === undefined) await untilConnected(url, [dataplane.name]);
    };
    const bases = {
      ...{ server: await freePortBase(), near: await freePortBase() },
      ...{ far: await freePortBase(), ingress: await freePortBase() },
    };
    const service = bases.server + 10;
    stopServices = await startServices({ http: service, tcp: bases.server + 11 });
    const echo = { "kuma.io/service": "echo", "kuma.io/protocol": "http" };
    const inbound = [{ port: proxyPorts(bases.server).http, servicePort: service, tags: echo }];
    await start(second, { name: "server", networking: { inbound } }, bases.server);
    const at = { address: "127.0.0.1", port: bases.ingress + 5 };
    const advertised = { advertisedAddress: at.address, advertisedPort: at.port };
    await start(
      second,
      { type: "ZoneIngress", name: "ingress", networking: { ...at, ...advertised } },
      bases.ingress,
    );
    const client = (base: number) => ({
      inbound: [{ port: base + 12, servicePort: base + 13, tags: { "kuma.io/service": "client" } }],
      outbound: [{ port: base + 10, tags: { "kuma.io/service": "echo" } }],
    });
    await start(second, { name: "near", networking: client(bases.near) }, bases.near);
    await start(first, { name: "far", networking: client(bases.far) }, bases.far);
    urls = [bases.near, bases.far].map((base) => `http://127.0.0.1:${base + 10}/`);
    for (const url of urls)
      await until(`calls to ${url}`, async () => (await fetch(url).catch(() => undefined))?.ok === true);
  });

  after(async () => {
    await Promise.all(proxies.map((proxy) => proxy.remove()));
    stopServices?.();
    await sandbox?.run("destroy", "--stack", "test");
    await sandbox?.remove();
  });

  for (const name of ["global-down", "zone-down", "link-down", "zones-apart", "disable-zone"]) {
    it(`keep what the guide promises: ${name}`, async function () {
      const probes = ["--probe-url", urls[0], "--across-url", urls[1]];
      const options = ["--stack", "test", name, "zone-2", ...probes, "--output", "json"];
      const { stdout, output, status } = await sandbox.run("drill", ...options);
      if (/iptables as root/.test(output)) return this.skip();
      assert.ok(stdout.startsWith("{"), output);
      const { drills } = JSON.parse(stdout) as DrillsReport;
      console.log(`\n${formatDrills(drills)}\n`);
      assert.equal(status, 0, output);
    });
  }
});
