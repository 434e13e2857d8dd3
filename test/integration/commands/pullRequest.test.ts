import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as v from "valibot";
import { PREVIEW_REPORT, type PreviewReport } from "../../../cli/preview/report";
import { partsOf } from "../../cli/comment/markdown";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, ask, getJson, oneZone, put, requestsOf, startGlobal } from "../support";

const TIMEOUT = (connectTimeout: string) => ({
  ...{ type: "Timeout", mesh: "default", name: "redis-timeout" },
  sources: [{ match: { "kuma.io/service": "*" } }],
  destinations: [{ match: { "kuma.io/service": "redis" } }],
  conf: { connectTimeout },
});
const POLICY = (connectionTimeout: string) => ({
  ...{ type: "MeshTimeout", mesh: "default", name: "of-the-stack" },
  spec: {
    targetRef: { kind: "Mesh" },
    to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout } }],
  },
});
const PROXY = {
  ...{ type: "Dataplane", mesh: "default", name: "web-1" },
  networking: {
    address: "127.0.0.1",
    inbound: [{ port: 10_080, servicePort: 10_081, tags: { "kuma.io/service": "web" } }],
  },
};

describe("a preview in a pull request, with the real engine", function () {
  needsEngine();
  let sandbox: Sandbox;
  let zoneUrl: string;
  let config: Record<string, unknown>;

  before(async () => {
    sandbox = new Sandbox();
    const stack = await oneZone();
    ({ config, zoneUrl } = stack);
    sandbox.writeStack("test", { ...config, policies: sandbox.writeContent("policies", [POLICY("2s")]) });
  });
  after(() => sandbox?.remove());

  async function report(
    stack = "test",
  ): Promise<{ status: number | null; report: PreviewReport; file: string }> {
    const run = await sandbox.run("preview", "--stack", stack, "--output", "json");
    const file = path.join(sandbox.directory, `${stack}.json`);
    fs.writeFileSync(file, run.stdout);
    try {
      return { status: run.status, report: v.parse(PREVIEW_REPORT, JSON.parse(run.stdout)), file };
    } catch (error) {
      return assert.fail(`${String(error)}\n${run.output}`);
    }
  }
  async function comment(...files: string[]): Promise<string> {
    const run = await sandbox.run("pr-comment", ...files);
    assert.equal(run.status, 0, run.output);
    partsOf(run.stdout);
    return run.stdout;
  }

  it("tells of a first federation what is carried, and what restarts", async () => {
    await sandbox.startZones();
    assert.equal(await put(`${zoneUrl}/meshes/default/dataplanes/web-1`, PROXY), 201);
    const { status, report: found, file } = await report();
    assert.deepEqual([status, found.outcome], [0, "changes"], JSON.stringify(found));
    const [zone] = found.zones;
    assert.deepEqual([zone.zone, zone.change, zone.restarts], ["zone-1", "joins", true]);
    assert.deepEqual(zone.plan?.types.find(({ type }) => type === "Mesh")?.counts, { create: 1 });
    assert.ok(zone.plan?.leftOut.some(({ key }) => key === "GlobalSecret envoy-admin-ca"));
    const secret = zone.plan?.resources.find(({ key }) => key === "Secret default/partner-api-key");
    assert.match(secret?.detail ?? "", /^hmac:[0-9a-f]{16}$/);
    assert.deepEqual(found.blastRadius.restarts, [
      { controlPlane: "zone zone-1", why: "it joins the global" },
    ]);
    const [mesh] = found.blastRadius.meshes;
    assert.deepEqual([mesh.mesh, mesh.appears], ["default", 1], "the stack's policy");
    assert.ok((mesh.proxies ?? 0) >= 1, "the zone's proxies come with it");

    const text = await comment(file);
    assert.match(text, /^### 🔄 `test`: \d+ resources to create, 1 control plane to restart/);
    assert.match(text, /\| Secret \| `Secret default\/partner-api-key` \| comes to the global \| `hmac:/);
    const plain = await sandbox.run("preview", "--stack", "test");
    assert.match(
      plain.output,
      /^ {2}blast radius: the control plane of zone zone-1 restarts \(it joins the global\)/m,
    );
    assert.match(plain.output, /^ {2}blast radius: policies: in mesh default 1 appears, up to \d+ prox/m);
  });

  it("tells of a changed value where it differs, and of nothing else", async () => {
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    const { report: same } = await report();
    assert.deepEqual([same.outcome, same.changes, same.policies], ["same", [], []]);
    sandbox.writeContent("policies", [POLICY("3s")]);
    const { report: found, file } = await report();
    assert.deepEqual(
      found.changes.map(({ op, type, changed }) => [op, type, changed]),
      [["update", "kuma-federation:MeshPolicies", ["available", "policies"]]],
    );
    const [policy] = found.policies;
    assert.deepEqual([policy.key, policy.change], ["MeshTimeout default/of-the-stack", "changes"]);
    assert.match(policy.detail ?? "", /connectionTimeout \(now "2s", then "3s"\)/);
    assert.match(
      await comment(file),
      /\| Policy \| `MeshTimeout default\/of-the-stack` \| changes on the global: /,
    );
  });

  it("says of a conflict which resources differ, in the words of the error", async () => {
    const global = await startGlobal(sandbox.directory);
    const { config: other } = await oneZone();
    assert.equal(await put(`${global.url}/meshes/default`, { type: "Mesh", name: "default" }), 201);
    assert.equal(await put(`${global.url}/meshes/default/timeouts/redis-timeout`, TIMEOUT("1s")), 201);
    const before = (await requestsOf(global.url)).writes;
    sandbox.writeStack("conflict", { ...other, global: global.config });
    const { status, report: found, file } = await report("conflict");
    assert.deepEqual([status, found.outcome], [2, "failed"]);
    assert.match(found.error ?? "", /^Zone zone-1 was not federated, and nothing was written\./);
    const conflicts = found.zones[0].plan?.resources.filter(({ action }) => action === "conflict") ?? [];
    assert.ok(conflicts.some(({ key }) => key === "Timeout default/redis-timeout"));
    assert.equal((await requestsOf(global.url)).writes, before);
    const text = await comment(file);
    assert.match(text, /^### ❌ `conflict`: `up` would stop/);
    assert.match(text, /\*\*Why it stops\*\*\n\n```\nZone zone-1 was not federated/);
    assert.match(text, /\| `Timeout default\/redis-timeout` \| `differs in conf/);
  });

  it("makes one comment of three stacks, one of which has no file that can be read", async () => {
    fs.writeFileSync(path.join(sandbox.directory, "Pulumi.broken.yaml"), "config: [");
    const { status, report: broken, file } = await report("broken");
    assert.deepEqual([status, broken.outcome], [2, "failed"]);
    const files = ["test", "conflict"].map((name) => path.join(sandbox.directory, `${name}.json`));
    const text = await comment(...files, file);
    assert.match(text, /^### ❌ 3 stacks\. Would stop: `conflict`, `broken`; Change: `test`\n/);
  });

  it("never tells a secret", async () => {
    const secrets = await getJson<{ items: { data: string }[] }>(`${zoneUrl}/meshes/default/secrets`);
    assert.ok(secrets.items.length > 0 && (await ask(`${zoneUrl}/`)).ok);
    for (const { data } of secrets.items) assert.ok(!sandbox.printed.includes(data));
  });
});
