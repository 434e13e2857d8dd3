import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { Proxy, ZONE_PROXIES, findDataPlane, proxyPorts } from "../../platforms/universal/dataPlaneProxy";
import { Sandbox, ask, getJson, oneZone, put } from "../integration/support";
import { needsKumaCp } from "../support/controlPlane/kumaCp";
import { freePortBase } from "../support/ports";
import { until } from "../support/until";
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
/** Each zone made its mesh and its keys by itself. */
const ALL_MADE = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));
const ADDRESS = "127.0.0.1";

interface Zone {
  name: string;
  portBase: number;
  url: string;
}

/** A global and zones on real kuma-cp, federated by `up` into one mesh with mTLS, and real proxies in it. */
export class FederatedMesh {
  private readonly stops: (() => Promise<void> | void)[] = [];

  private constructor(
    private readonly programs: { kumaDp: string; envoy: string },
    readonly sandbox: Sandbox,
    readonly globalUrl: string,
    private readonly zones: Zone[],
    private readonly config: { global: object; zones: { name: string }[] },
  ) {}

  /** To be called in a `before` hook: skips the tests where a program is missing. */
  static async start(context: Mocha.Context, names: readonly string[]): Promise<FederatedMesh> {
    const programs = findDataPlane();
    if (programs === undefined) {
      console.log("      skipped: kuma-dp and envoy are not on PATH; KUMA_DP and ENVOY name them");
      return context.skip();
    }
    const sandbox = new Sandbox({ KUMA_CP: await needsKumaCp(context) });
    let [global, globalUrl] = [{}, ""];
    const settings: { name: string; portBase: number }[] = [];
    for (const name of names) {
      const content = sandbox.writeContent(name, [MESH]);
      const stack = await oneZone({ name, kumaCp: "path", store: "memory", content });
      settings.push(...(stack.config.zones as typeof settings));
      [global, globalUrl] = [{ ...(stack.config.global as object), kumaCp: "path" }, stack.globalUrl];
    }
    const zones = settings.map(({ name, portBase }) => ({
      ...{ name, portBase },
      url: `http://${ADDRESS}:${portBase + 81}`,
    }));
    const mesh = new FederatedMesh(programs, sandbox, globalUrl, zones, { global, zones: settings });
    await mesh.begin();
    return mesh;
  }

  private async begin(): Promise<void> {
    this.writeStack();
    await this.run("up");
    assert.ok((await put(`${this.globalUrl}/meshes/default`, { ...MESH, mtls: MTLS })) < 300);
    const permission = `${this.globalUrl}/meshes/default/meshtrafficpermissions/anybody`;
    assert.ok((await put(permission, ANYBODY)) < 300);
    for (const { url, name } of this.zones)
      await until(
        `mTLS in ${name}`,
        async () => (await getJson<{ mtls?: object }>(`${url}/meshes/default`)).mtls,
      );
  }

  /** The stack file, with these settings of single zones. */
  writeStack(ofZones: Record<string, object> = {}): void {
    this.sandbox.writeStack("test", {
      ...this.config,
      zones: this.config.zones.map((zone) => ({ ...zone, ...ofZones[zone.name] })),
      onConflict: ALL_MADE,
      drills: "allowed",
    });
  }

  async run(command: string, ...args: string[]): Promise<string> {
    const { status, output } = await this.sandbox.run(command, "--stack", "test", ...args);
    assert.equal(status, 0, output);
    return output;
  }

  /** The API of a zone's control plane. */
  urlOf(zone: string): string {
    return this.zones.find(({ name }) => name === zone)?.url ?? assert.fail(`there is no zone ${zone}`);
  }

  /** The mesh with mTLS, and what else it is to say. */
  async writeMesh(more: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...MESH, mtls: MTLS, ...more });
    const answer = await ask(`${this.globalUrl}/meshes/default`, { method: "PUT", headers, body });
    assert.equal(answer.status, 200);
    await answer.text();
  }

  /** The process of a zone's control plane. */
  pidOf(zone: string): string {
    return fs.readFileSync(path.join(this.zoneDirectory(zone), "pid"), "utf8");
  }

  /** A service that answers with the name of its zone, and its proxy. */
  async service(zone: string, service: string): Promise<void> {
    const base = await freePortBase();
    const port = base + 10;
    const server = http.createServer((_, response) => response.end(zone));
    await new Promise<void>((resolve) => server.listen(port, ADDRESS, resolve));
    this.stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const tags = { "kuma.io/service": service, "kuma.io/protocol": "http" };
    const inbound = [{ port: proxyPorts(base).http, servicePort: port, tags }];
    await this.proxy(zone, base, { name: `${service}-${zone}`, networking: { inbound } });
  }

  async ingress(zone: string, advertisedAddress = ADDRESS): Promise<void> {
    const base = await freePortBase();
    const at = { address: ADDRESS, port: base + 5 };
    const advertised = { advertisedAddress, advertisedPort: at.port };
    const networking = { ...at, ...advertised };
    await this.proxy(zone, base, { type: "ZoneIngress", name: `ingress-${zone}`, networking });
  }

  async egress(zone: string): Promise<void> {
    const base = await freePortBase();
    const networking = { address: ADDRESS, port: base + 5 };
    await this.proxy(zone, base, { type: "ZoneEgress", name: `egress-${zone}`, networking });
  }

  /** A proxy that calls a service, and the URL at which it takes the calls. */
  async client(zone: string, service: string): Promise<string> {
    const url = await this.caller(zone, "client", { tags: { "kuma.io/service": service } });
    await until(`calls from ${zone}`, async () => (await fetch(url).catch(() => undefined))?.ok === true);
    return url;
  }

  /** A proxy with an outbound, and the URL at which it takes calls for that; whether they arrive is another matter. */
  async caller(zone: string, name: string, outbound: object): Promise<string> {
    const base = await freePortBase();
    const tags = { "kuma.io/service": name };
    await this.proxy(zone, base, {
      name: `${name}-${zone}`,
      networking: {
        inbound: [{ port: base + 12, servicePort: base + 13, tags }],
        outbound: [{ port: base + 10, ...outbound }],
      },
    });
    return `http://${ADDRESS}:${base + 10}/`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.stops.map((stop) => stop()));
    await this.sandbox.run("destroy", "--stack", "test");
    await this.sandbox.remove();
  }

  private zoneDirectory(zone: string): string {
    return path.join(this.sandbox.state, "stacks", "test", "zones", zone);
  }

  private async proxy(
    zone: string,
    base: number,
    dataplane: ConstructorParameters<typeof Proxy>[0]["dataplane"],
  ): Promise<void> {
    const of = this.zones.find(({ name }) => name === zone);
    assert.ok(of);
    const proxy = new Proxy({
      ...{ programs: this.programs, base, dataplane },
      controlPlane: {
        port: of.portBase + 78,
        caFile: path.join(this.zoneDirectory(zone), "work", "kuma-cp.crt"),
      },
      token:
        dataplane.type !== undefined
          ? await this.token(this.globalUrl, "zone", { zone, scope: [ZONE_PROXIES[dataplane.type]] })
          : await this.token(of.url, "dataplane", { mesh: "default", type: "dataplane" }),
    });
    this.stops.push(() => proxy.remove());
    proxy.start();
    if (dataplane.type === undefined) await untilConnected(of.url, [dataplane.name]);
  }

  private async token(url: string, place: string, body: object): Promise<string> {
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify({ ...body, validFor: "24h" }) };
    const answer = await ask(`${url}/tokens/${place}`, request);
    assert.equal(answer.status, 200);
    return answer.text();
  }
}
