import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import * as http from "node:http";
import * as net from "node:net";
import type { AddressReport } from "../../cli/commands/addresses";
import type { StatusReport } from "../../cli/status/report";
import { getJson, put } from "../integration/support";
import { tempDir } from "../support/cleanUp";
import { freePortBase } from "../support/ports";
import { needsEngine } from "../support/pulumi/engine";
import { until } from "../support/until";
import { FederatedMesh } from "./federatedMesh";

const FAILED = "failed";
const MULTI = {
  ...{ type: "MeshMultiZoneService", mesh: "default", name: "all" },
  spec: {
    selector: { meshService: { matchLabels: { "kuma.io/display-name": "echo" } } },
    // no MeshService has it
    ports: [{ port: 80, appProtocol: "http" }],
  },
};
const IDENTITY = {
  ...{ type: "MeshIdentity", mesh: "default", name: "identity" },
  spec: {
    selector: { dataplane: { matchLabels: {} } },
    spiffeID: { trustDomain: "{{ .Mesh }}.{{ .Zone }}.mesh.local" },
    provider: {
      type: "Bundled",
      bundled: {
        ...{ meshTrustCreation: "Enabled", insecureAllowSelfSigned: true },
        ...{ certificateParameters: { expiry: "24h" }, autogenerate: { enabled: true } },
      },
    },
  },
};

/**
 * What others have met in meshes over zones, made again on real control planes and proxies: what calls do, and what `status` and
 * `addresses` say of it. The tests go on from one another.
 */
describe("meshes over zones in which calls fail, as others have reported", function () {
  needsEngine();
  let mesh: FederatedMesh;
  let byTag: string;
  const stops: (() => void)[] = [];

  before(async function () {
    mesh = await FederatedMesh.start(this, ["zone-1", "zone-2"]);
    await mesh.service("zone-2", "echo");
    await mesh.ingress("zone-2");
    byTag = await mesh.client("zone-1", "echo");
  });
  after(async () => {
    stops.forEach((stop) => stop());
    await mesh?.stop();
  });

  const call = async (url: string): Promise<string> => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
      const text = await answer.text();
      return answer.ok ? text : FAILED;
    } catch {
      return FAILED;
    }
  };
  const untilCalled = (url: string, wanted: string) =>
    until(`${wanted} at ${url}`, async () => (await call(url)) === wanted);
  const told = async (): Promise<StatusReport> => {
    const { stdout, output } = await mesh.sandbox.run("status", "--stack", "test", "--output", "json");
    assert.ok(stdout.startsWith("{"), output);
    return JSON.parse(stdout) as StatusReport;
  };
  const evidenceOf = async (code: string) =>
    (await told()).checks.find((check) => check.code === code)?.evidence ?? assert.fail(code);
  const linkOf = async (from: string, to: string) =>
    (await told()).links.find((link) => link.from === from && link.to === to) ?? assert.fail("no link");
  /** Zones that a service's addresses of a kind reach from zone-1. */
  const reached = async (service: string, by: string) => {
    let found: AddressReport["addresses"] = [];
    await until(`an address of ${service}`, async () => {
      const { stdout } = await mesh.sandbox.run("addresses", "--stack", "test", service, "--output", "json");
      const { addresses } = JSON.parse(stdout) as AddressReport;
      found = addresses.filter((each) => each.from === "zone-1" && each.by === by);
      return found.length > 0;
    });
    return [...new Set(found.flatMap(({ reaches }) => reaches.map(({ zone }) => zone)))];
  };

  it("kumahq/kuma 11443: a MeshExternalService is not called without a zone egress, whatever the mesh asks for", async () => {
    const server = http.createServer((_, response) => response.end("outside"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as net.AddressInfo;
    const outside = {
      ...{ type: "MeshExternalService", mesh: "default", name: "outside" },
      spec: {
        match: { type: "HostnameGenerator", port: 80, protocol: "http" },
        endpoints: [{ address: "127.0.0.1", port }],
      },
    };
    const path = "meshes/default/meshexternalservices";
    assert.ok((await put(`${mesh.globalUrl}/${path}/outside`, outside)) < 300);
    await until(
      "it in the zone",
      async () => (await getJson<{ total: number }>(`${mesh.urlOf("zone-1")}/${path}`)).total === 1,
    );
    const labels = { "kuma.io/display-name": "outside" };
    const url = await mesh.caller("zone-1", "out", {
      backendRef: { kind: "MeshExternalService", labels, port: 80 },
    });
    await until(
      "an answer of Envoy's",
      async () => (await fetch(url).catch(() => undefined))?.status === 503,
    );
    assert.deepEqual(
      await evidenceOf("zone-egress"),
      ["zone-1", "zone-2"].map(
        (zone) => `mesh default: zone ${zone} has no zone egress, for MeshExternalService outside`,
      ),
    );
  });

  it("a zone egress serves no mesh without mTLS of its own", async () => {
    await mesh.egress("zone-1");
    const labels = { "kuma.io/display-name": "outside" };
    const url = await mesh.caller("zone-1", "out-by-egress", {
      backendRef: { kind: "MeshExternalService", labels, port: 80 },
    });
    await untilCalled(url, "outside");
    // calls go through it some seconds before its control plane has told the global that it is connected
    await until("the egress to be connected", async () =>
      (await told()).zones.some(({ egress }) => egress.some(({ connected }) => connected === true)),
    );
    const ofZone2 = "mesh default: zone zone-2 has no zone egress, for MeshExternalService outside";
    assert.deepEqual(await evidenceOf("zone-egress"), [ofZone2]);
    await mesh.writeMesh({ mtls: undefined });
    await untilCalled(url, FAILED);
    assert.deepEqual(await evidenceOf("zone-egress"), [
      ofZone2,
      "mesh default: the zone egress of zone zone-1 serves no mesh without mTLS of its own, for MeshExternalService outside",
    ]);
    await mesh.writeMesh({});
    await untilCalled(url, "outside");
  });

  it("kumahq/kuma 4218: a zone ingress whose name its own control plane does not resolve is connected, and nobody answers", async () => {
    await mesh.service("zone-1", "web");
    await mesh.ingress("zone-1", "only.elsewhere.invalid");
    await until("the ingress to be connected", async () =>
      (await told()).zones.some(({ ingress }) =>
        ingress.some(({ name, connected }) => name === "ingress-zone-1" && connected === true),
      ),
    );
    const [evidence] = (await evidenceOf("zone-ingress")).filter((each) => each.startsWith("zone zone-1"));
    assert.match(
      evidence,
      /ingress-zone-1 is connected and has no listener, so that nobody answers at only\.elsewhere\.invalid:\d+$/,
    );
    assert.deepEqual(await linkOf("zone-2", "zone-1"), {
      ...{ from: "zone-2", to: "zone-1", mesh: "default", state: "closed" },
      why: ["no zone ingress of zone-1 that tells an address has a listener"],
    });
  });

  it("kumahq/kuma 12988: a zone with capitals in its name, which others have connected, hides none of the stack's", async function () {
    const base = await freePortBase();
    const kds = Number(new URL(mesh.globalUrl).port) + 4;
    const child = startZone("Zone-A", `grpcs://127.0.0.1:${kds}`, base);
    stops.push(() => child.kill("SIGKILL"));
    await until("it on the global", async () =>
      (await getJson<{ items: { name: string }[] }>(`${mesh.globalUrl}/zones`)).items.some(
        ({ name }) => name === "Zone-A",
      ),
    );
    const { zones, problems } = await told();
    assert.deepEqual(
      zones.map(({ name, online }) => [name, online]),
      [
        ["zone-1", true],
        ["zone-2", true],
      ],
    );
    assert.deepEqual(problems, []);
    assert.equal(await call(byTag), "zone-2");
    assert.deepEqual(await reached("echo", "tag"), ["zone-2"]);
  });

  it("kumahq/kuma 10459: with MeshServices alone nothing is called in another zone by its tag", async () => {
    await mesh.writeMesh({ meshServices: { mode: "Exclusive" } });
    assert.ok((await put(`${mesh.globalUrl}/meshes/default/meshmultizoneservices/all`, MULTI)) < 300);
    await untilCalled(byTag, FAILED);
    assert.deepEqual(await reached("echo", "outbound"), []);

    const found = async () =>
      (
        await getJson<{ items: { labels: object; spec: { ports: { port: number }[] } }[] }>(
          `${mesh.urlOf("zone-1")}/meshservices`,
        )
      ).items.find(({ labels }) => Object.values(labels).includes("zone-2"));
    await until("its MeshService in zone-1", found);
    const port = (await found())?.spec.ports[0].port;
    const labels = { "kuma.io/display-name": "echo", "kuma.io/zone": "zone-2" };
    const byName = await mesh.caller("zone-1", "named", {
      backendRef: { kind: "MeshService", labels, port },
    });
    await untilCalled(byName, "zone-2");
    assert.deepEqual(await reached("echo", "outbound"), ["zone-2"]);
    assert.deepEqual(await reached("all", "HostnameGenerator"), []);
    const multi = await mesh.caller("zone-1", "multi", {
      backendRef: { kind: "MeshMultiZoneService", labels: { "kuma.io/display-name": "all" }, port: 80 },
    });
    await until(
      "an answer of Envoy's",
      async () => (await fetch(multi).catch(() => undefined))?.status === 503,
    );
    assert.deepEqual(await reached("all", "outbound"), []);
  });

  it("kumahq/kuma 14339: with a MeshIdentity and no mTLS nothing is called in another zone by its tag", async () => {
    await mesh.writeMesh({ meshServices: { mode: "Disabled" } });
    await untilCalled(byTag, "zone-2");
    assert.ok((await put(`${mesh.globalUrl}/meshes/default/meshidentities/identity`, IDENTITY)) < 300);
    await mesh.writeMesh({ meshServices: { mode: "Disabled" }, mtls: undefined });
    await untilCalled(byTag, FAILED);
    assert.deepEqual(await reached("echo", "tag"), []);
    const { state, why } = await linkOf("zone-1", "zone-2");
    assert.deepEqual(
      [state, ...why],
      ["closed", "mesh default has neither mTLS of its own nor MeshServices"],
    );
  });
});

/** A zone that the stack knows nothing of. */
function startZone(name: string, global: string, base: number): ChildProcess {
  const ports = {
    KUMA_API_SERVER_HTTP_PORT: 1,
    KUMA_API_SERVER_HTTPS_PORT: 2,
    KUMA_DP_SERVER_PORT: 3,
    KUMA_DIAGNOSTICS_SERVER_PORT: 4,
    KUMA_MONITORING_ASSIGNMENT_SERVER_PORT: 5,
    KUMA_INTER_CP_SERVER_PORT: 6,
  };
  return spawn(process.env.KUMA_CP ?? "kuma-cp", ["run"], {
    stdio: "ignore",
    env: {
      PATH: process.env.PATH,
      ...Object.fromEntries(Object.entries(ports).map(([key, offset]) => [key, String(base + offset)])),
      ...{ KUMA_MODE: "zone", KUMA_STORE_TYPE: "memory", KUMA_GENERAL_WORK_DIR: tempDir() },
      ...{ KUMA_MULTIZONE_ZONE_NAME: name, KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: global },
      KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY: "true",
      KUMA_INTER_CP_CATALOG_INSTANCE_ADDRESS: "127.0.0.1",
    },
  });
}
