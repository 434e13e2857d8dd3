import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import { until } from "../../support/until";
import { Sandbox, ask, getJson, oneZone, put } from "../support";

const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
const CONTENT = [
  { type: "Mesh", name: "default", mtls },
  { type: "Mesh", name: "second", mtls },
  {
    ...{ type: "MeshTrafficPermission", mesh: "second", name: "all" },
    spec: {
      targetRef: { kind: "Mesh" },
      from: [{ targetRef: { kind: "Mesh" }, default: { action: "Allow" } }],
    },
  },
];

/** What may become of a real zone that is a member of its global, and what the commands do and say about it. */
describe("a zone that is a member of its global", function () {
  needsEngine();
  let sandbox: Sandbox;
  let [zoneUrl, globalUrl] = ["", ""];

  before(async function () {
    const kumaCp = await needsKumaCp(this);
    sandbox = new Sandbox({ KUMA_CP: kumaCp });
    const stack = await oneZone({ kumaCp: "path", content: sandbox.writeContent("content", CONTENT) });
    ({ zoneUrl, globalUrl } = stack);
    const global = { ...(stack.config.global as object), kumaCp: "path" };
    sandbox.writeStack("test", { ...stack.config, global });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
  });

  after(() => sandbox?.remove());

  const namesIn = async (list: string) => {
    const { items } = await getJson<{ items: { mesh?: string; name: string; data?: string }[] }>(
      `${zoneUrl}/${list}`,
    );
    return items.map(({ mesh, name, data }) => `${mesh} ${name} ${data}`).sort();
  };

  it("gets back a mesh that was deleted on the global, with its secrets and with what the zone owned in it", async () => {
    const lists = ["meshes", "secrets", "meshtrafficpermissions"];
    const before = await Promise.all(lists.map(namesIn));
    const deleted = await ask(`${globalUrl}/meshes/second`, { method: "DELETE" });
    assert.equal(deleted.status, 200);
    await until("the mesh to go in the zone", async () => (await namesIn("meshes")).length === 1);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /everything is as it should be/);
    assert.match(output, /put back on the global: .*Mesh second/);
    assert.match(
      output,
      /zone zone-1 has mesh second again, which its global had lost: compared with the record of \d resources/,
    );
    assert.deepEqual(await Promise.all(lists.map(namesIn)), before);
  });

  it("says what is not there again with such a mesh, with exit status 1", async () => {
    const permission = `${zoneUrl}/meshes/second/meshtrafficpermissions/all`;
    await ask(`${globalUrl}/meshes/second`, { method: "DELETE" });
    await until("the mesh to go in the zone", async () => (await namesIn("meshes")).length === 1);
    const { child, done } = sandbox.start("up", "--stack", "test");
    while (child.exitCode === null) {
      await ask(permission, { method: "DELETE", signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { status, output } = await done;
    assert.match(output, /rule of docs\/ledger\.md: MeshTrafficPermission second\/all is gone\./);
    assert.equal(status, 1, output);
    // it looks again, and puts back what the zone owned there
    const again = await sandbox.run("up", "--stack", "test");
    assert.equal(again.status, 0, again.output);
    assert.match(again.output, /has mesh second again, .* compared with the record/);
    assert.ok((await namesIn("meshtrafficpermissions")).some((each) => each.startsWith("second all ")));
  });

  it("asks its global anew where it lacks something of it", async () => {
    const before = await namesIn("secrets");
    const [lost] = before.filter((each) => each.startsWith("second "));
    const gone = await ask(`${zoneUrl}/meshes/second/secrets/${lost.split(" ")[1]}`, { method: "DELETE" });
    assert.equal(gone.status, 200);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(
      output,
      /zone zone-1 does not have all that its global gives, and is made to ask for it again/,
    );
    assert.doesNotMatch(output, /everything is as it should be/);
    assert.deepEqual(await namesIn("secrets"), before);
  });

  it("is told to be disabled on the global", async () => {
    const zone = { type: "Zone", name: "zone-1" };
    assert.equal(await put(`${globalUrl}/zones/zone-1`, { ...zone, enabled: false }), 200);
    const { status, output } = await sandbox.run("status", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /Warning: Zone zone-1 is disabled on the global/);
    assert.equal(await put(`${globalUrl}/zones/zone-1`, { ...zone, enabled: true }), 200);
  });
});
