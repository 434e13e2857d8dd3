import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import {
  Sandbox,
  clearFaults,
  contentOf,
  filesBelow,
  getJson,
  killTree,
  oneZone,
  requestsOf,
  setFaults,
} from "../support";
import { until } from "../../support/until";

interface Policy {
  type: string;
  name: string;
  labels: Record<string, string>;
  spec?: unknown;
}

const LISTS = [
  "meshcircuitbreakers",
  "meshgateways",
  "meshhttproutes",
  "meshproxypatches",
  "meshretries",
  "meshtimeouts",
  "meshtrafficpermissions",
];

const CONTENT = [
  {
    type: "Mesh",
    name: "default",
    mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
    skipCreatingInitialPolicies: ["*"],
  },
  timeout("first", "11s"),
  timeout("second", "12s"),
  {
    type: "MeshTrafficPermission",
    mesh: "default",
    name: "everyone",
    spec: {
      targetRef: { kind: "Mesh" },
      from: [{ targetRef: { kind: "Mesh" }, default: { action: "Allow" } }],
    },
  },
  // three of which one names the other
  {
    type: "MeshGateway",
    mesh: "default",
    name: "edge",
    selectors: [{ match: { "kuma.io/service": "edge" } }],
    conf: { listeners: [{ port: 8080, protocol: "HTTP", tags: { port: "http/8080" } }] },
  },
  {
    type: "MeshHTTPRoute",
    mesh: "default",
    name: "edge-route",
    spec: {
      targetRef: { kind: "MeshGateway", name: "edge" },
      to: [
        {
          targetRef: { kind: "Mesh" },
          rules: [
            {
              matches: [{ path: { type: "PathPrefix", value: "/" } }],
              default: { backendRefs: [{ kind: "MeshServiceSubset", name: "demo-app", weight: 1 }] },
            },
          ],
        },
      ],
    },
  },
  {
    type: "MeshTimeout",
    mesh: "default",
    name: "edge-timeout",
    spec: {
      targetRef: { kind: "MeshHTTPRoute", name: "edge-route" },
      to: [{ targetRef: { kind: "Mesh" }, default: { http: { requestTimeout: "13s" } } }],
    },
  },
  {
    type: "MeshProxyPatch",
    mesh: "default",
    name: "patch",
    spec: {
      targetRef: { kind: "Mesh" },
      default: { appendModifications: [{ cluster: { operation: "Add", value: "name: canary" } }] },
    },
  },
];
/** With those that a control plane makes for the mesh that it begins with. */
const MOVED = [
  "edge",
  "edge-route",
  "edge-timeout",
  "everyone",
  "first",
  "mesh-circuit-breaker-all-default",
  "mesh-gateways-timeout-all-default",
  "mesh-retry-all-default",
  "mesh-timeout-all-default",
  "second",
];
const ownedBy = (owner: string) => Object.fromEntries(MOVED.map((name) => [name, [owner]]));

for (const real of [false, true]) {
  describe(`a zone's policies become the global's, on ${real ? "real control planes" : "stand-ins"}`, function () {
    needsEngine();
    let sandbox: Sandbox;
    let config: Record<string, unknown>;
    let zoneUrl: string;
    let globalUrl: string;
    let contentBefore: object;

    before(async function () {
      sandbox = new Sandbox(real ? { KUMA_CP: await needsKumaCp(this) } : {});
      const kumaCp = real ? "path" : "embedded";
      const stack = await oneZone({ kumaCp, content: sandbox.writeContent("zone", CONTENT) });
      ({ zoneUrl, globalUrl } = stack);
      config = { ...stack.config, global: { ...(stack.config.global as object), kumaCp } };
      write("federation-with-policies");
    });

    after(() => sandbox?.remove());

    function write(profile: string, more: object = {}): void {
      const [zone] = config.zones as object[];
      sandbox.writeStack("test", { ...config, zones: [{ ...zone, profile, ...more }] });
    }

    it("shows in a preview what becomes the global's, and what stays and why", async () => {
      await sandbox.startZones();
      const { status, output } = await sandbox.run("preview", "--stack", "test");
      assert.equal(status, 0, output);
      assert.match(output, /zone zone-1: 10 policies become the global's/);
      assert.match(output, /create on the global, then retire in the zone: MeshTimeout default\/first/);
      assert.match(output, /stays the zone's: MeshProxyPatch default\/patch \(the field appendModifications/);
      contentBefore = await contentOf(zoneUrl);
    });

    it("hands them over, and no list of the zone is ever without one of them", async () => {
      write("federation");
      const joined = await sandbox.run("up", "--stack", "test");
      assert.equal(joined.status, 0, joined.output);
      write("federation-with-policies");
      const watch = watchPolicies(zoneUrl);
      const { status, output } = await sandbox.run("up", "--stack", "test");
      const { looks, lacking } = await watch.stop();
      assert.equal(status, 0, output);
      assert.deepEqual(lacking, []);
      assert.ok(looks > 10, `${looks} looks`);
      const inState = filesBelow(sandbox.state).filter((file) => /stacks.*test\.json$/.test(file));
      const state = inState.map((file) => fs.readFileSync(file, "utf8")).join("\n");
      assert.match(state, /"originals": *\{/, "encrypted");
      assert.doesNotMatch(state, /"originals": *"/, "not in clear");
      await assertHandedOver();
    });

    it("finds nothing to do the second time, and writes nothing", async () => {
      const before = real
        ? undefined
        : [(await requestsOf(zoneUrl)).writes, (await requestsOf(globalUrl)).writes];
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      assert.match(output, /nothing to do: everything is as it should be/);
      if (before)
        assert.deepEqual([(await requestsOf(zoneUrl)).writes, (await requestsOf(globalUrl)).writes], before);
    });

    it("gives them back with the profile federation, and takes them again", async () => {
      write("federation");
      const watch = watchPolicies(zoneUrl);
      const back = await sandbox.run("up", "--stack", "test");
      const seen = await watch.stop();
      assert.equal(back.status, 0, back.output);
      assert.deepEqual(seen.lacking, []);
      assert.deepEqual(originsOf(await policiesOf(zoneUrl)), { ...ownedBy("zone"), patch: ["zone"] });
      assert.deepEqual(
        (await policiesOf(globalUrl)).filter(({ labels }) => labels["kuma.io/origin"] !== "zone"),
        [],
      );
      assert.equal((await sandbox.run("status", "--stack", "test")).status, 0);

      write("federation-with-policies");
      const again = await sandbox.run("up", "--stack", "test");
      assert.equal(again.status, 0, again.output);
      await assertHandedOver();
    });

    it("gives them back with federated: false, as they were", async () => {
      write("federation-with-policies", { federated: false });
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, output);
      assert.deepEqual(await contentOf(zoneUrl), contentBefore);
      assert.deepEqual(await policiesOf(globalUrl), []);
    });

    it("is gone after destroy", async () => {
      write("federation-with-policies");
      const up = await sandbox.run("up", "--stack", "test");
      assert.equal(up.status, 0, up.output);
      await assertHandedOver();
      const { status, output } = await sandbox.run("destroy", "--stack", "test");
      assert.equal(status, 0, output);
      assert.deepEqual(sandbox.processes(), []);
    });

    async function assertHandedOver(): Promise<void> {
      await assertGlobals(zoneUrl, globalUrl);
    }
  });
}

describe("a handover that is disturbed", function () {
  needsEngine();
  let sandbox: Sandbox;
  let config: Record<string, unknown>;
  let zoneUrl: string;
  let globalUrl: string;

  before(async () => {
    sandbox = new Sandbox();
    const stack = await oneZone({ store: "memory", content: sandbox.writeContent("zone", CONTENT) });
    ({ zoneUrl, globalUrl, config } = stack);
    await upWith("federation");
  });

  after(() => sandbox?.remove());

  async function upWith(profile: string): Promise<void> {
    write(profile);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
  }

  function write(profile: string): void {
    const [zone] = config.zones as object[];
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, profile }] });
  }

  /** Begins the handover, and kills the engine when it asks for something that is not answered. */
  async function killedAt(url: string, request: string): Promise<void> {
    write("federation-with-policies");
    const seen = async () => (await requestsOf(url)).byPath[request] ?? 0;
    const before = await seen();
    await setFaults(url, { freeze: true, only: `^${request}$` });
    const { child, done } = sandbox.start("up", "--stack", "test");
    await until(request, async () => (await seen()) > before);
    killTree(child, sandbox.processes());
    await done;
    await clearFaults(url);
  }

  const WRITE = "PUT /meshes/default/meshtimeouts/second";
  const RETIREMENT = "DELETE /meshes/default/meshtimeouts/second";
  const moments = { "a write to the global": WRITE, "the retirement": RETIREMENT };
  for (const [moment, request] of Object.entries(moments)) {
    for (const way of ["completed", "undone"]) {
      it(`is ${way} after a kill at ${moment}, and the zone lacks nothing`, async () => {
        const watch = watchPolicies(zoneUrl);
        await killedAt(request === WRITE ? globalUrl : zoneUrl, request);
        const isRetired = !originsOf(await policiesOf(zoneUrl)).everyone.includes("zone");
        if (request === WRITE) assert.ok(!isRetired, "nothing is retired before everything is on the global");
        await upWith(way === "completed" ? "federation-with-policies" : "federation");
        if (way === "completed") {
          await assertGlobals(zoneUrl, globalUrl);
          const again = await sandbox.run("up", "--stack", "test");
          assert.match(again.output, /nothing to do: everything is as it should be/);
          await upWith("federation");
        }
        assert.deepEqual((await watch.stop()).lacking, []);
        await assertZones(zoneUrl, globalUrl);
      });
    }
  }

  it("retires again what came back with a zone that kept its store in memory", async () => {
    await upWith("federation-with-policies");
    const pid = fs
      .readFileSync(path.join(sandbox.state, "stacks/test/zones/zone-1/pid"), "utf8")
      .split(" ")[0];
    process.kill(Number(pid), "SIGKILL");
    await upWith("federation-with-policies");
    await assertGlobals(zoneUrl, globalUrl);
  });

  it("puts back on the global what was deleted there, and leaves what was changed", async () => {
    await upWith("federation-with-policies");
    const url = `${globalUrl}/meshes/default/meshtimeouts`;
    await fetch(`${url}/first`, { method: "DELETE" });
    const changed = timeout("second", "59s");
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/second`, { method: "PUT", headers, body: JSON.stringify(changed) });
    const refresh = await sandbox.run("refresh", "--stack", "test");
    assert.equal(refresh.status, 1, refresh.output);
    assert.match(refresh.output, /^ {2}missing: MeshTimeout default\/first$/m);
    assert.match(refresh.output, /^ {2}changed: MeshTimeout default\/second$/m);
    const preview = await sandbox.run("preview", "--stack", "test");
    assert.match(preview.output, /gone from the global, to be put back: MeshTimeout default\/first/);
    assert.match(preview.output, /changed on the global, and not put back: MeshTimeout default\/second/);
    await upWith("federation-with-policies");
    await assertGlobals(zoneUrl, globalUrl);
    assert.deepEqual((await getJson<Policy>(`${url}/second`)).spec, changed.spec);
    await upWith("federation");
    await assertZones(zoneUrl, globalUrl);
    const { spec } = await getJson<Policy>(`${zoneUrl}/meshes/default/meshtimeouts/second`);
    assert.deepEqual(spec, changed.spec, "it comes back as it was in force");
  });
});

async function assertGlobals(zoneUrl: string, globalUrl: string): Promise<void> {
  assert.deepEqual(originsOf(await policiesOf(zoneUrl)), { ...ownedBy("global"), patch: ["zone"] });
  const onGlobal = (await policiesOf(globalUrl)).filter(({ labels }) => labels["kuma.io/origin"] !== "zone");
  assert.deepEqual(onGlobal.map(({ name }) => name).sort(), MOVED);
}

async function assertZones(zoneUrl: string, globalUrl: string): Promise<void> {
  assert.deepEqual(originsOf(await policiesOf(zoneUrl)), { ...ownedBy("zone"), patch: ["zone"] });
  const onGlobal = (await policiesOf(globalUrl)).filter(({ labels }) => labels["kuma.io/origin"] !== "zone");
  assert.deepEqual(onGlobal, []);
}

function timeout(name: string, connectionTimeout: string) {
  const to = [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout } }];
  return { type: "MeshTimeout", mesh: "default", name, spec: { targetRef: { kind: "Mesh" }, to } };
}

async function policiesOf(url: string): Promise<Policy[]> {
  const lists = await Promise.all(
    LISTS.map((list) => getJson<{ items: Policy[] | null }>(`${url}/${list}?size=1000`)),
  );
  return lists.flatMap(({ items }) => items ?? []);
}

/** Who owns each policy, by the name that users know. */
function originsOf(policies: readonly Policy[]): Record<string, string[]> {
  const origins: Record<string, string[]> = {};
  for (const { name, labels } of policies)
    (origins[labels["kuma.io/display-name"] ?? name] ??= []).push(labels["kuma.io/origin"]);
  return origins;
}

/** Lists the zone's policies every 100 ms, and notes each look in which one of them is not there. */
function watchPolicies(url: string): { stop: () => Promise<{ looks: number; lacking: string[] }> } {
  const lacking: string[] = [];
  let looks = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const found = originsOf(await policiesOf(url));
      looks++;
      for (const name of [...MOVED, "patch"]) if (!found[name]) lacking.push(`${name} at look ${looks}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await watching;
      return { looks, lacking };
    },
  };
}
