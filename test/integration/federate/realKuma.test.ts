import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import { Sandbox, contentOf, dialled, getJson, oneZone } from "../support";

/** The whole way on the real thing: both sides a real `kuma-cp`, store in memory. */
describe("a zone is federated on real control planes", function () {
  needsEngine();
  let sandbox: Sandbox;
  let zoneUrl: string;
  let config: Record<string, unknown>;
  let contentBefore: object;

  before(async function () {
    const found = await needsKumaCp(this);
    sandbox = new Sandbox({ KUMA_CP: found });
    const stack = await oneZone({ kumaCp: "path" });
    zoneUrl = stack.zoneUrl;
    config = {
      ...stack.config,
      global: { ...(stack.config.global as object), kumaCp: "path" },
      policies: "policies/demo",
    };
    sandbox.writeStack("test", config);
  });

  after(() => sandbox?.remove());

  it("previews, federates, and finds nothing to do the second time", async () => {
    await sandbox.startZones();
    const preview = await sandbox.run("preview", "--stack", "test");
    assert.equal(preview.status, 0, preview.output);
    assert.match(preview.output, /create: Mesh default\n/);
    contentBefore = await contentOf(zoneUrl);

    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    assert.match(up.output, /zone-1 +online +2\.\d+\.\d+ +equal +equal\n/);
    const again = await sandbox.run("up", "--stack", "test");
    assert.equal(again.status, 0, again.output);
    assert.match(again.output, /nothing to do: everything is as it should be/);
    const status = await sandbox.run("status", "--stack", "test", "--output", "json");
    assert.equal(status.status, 0, status.output);
  });

  it("brings the stack's policy to the zone, and the zone keeps its authority", async () => {
    const { items } = await getJson<{ items: { labels: Record<string, string> }[] }>(
      `${zoneUrl}/meshcircuitbreakers`,
    );
    assert.ok(items.some(({ labels }) => labels["kuma.io/display-name"] === "demo-app-to-redis"));
    const mesh = await getJson<{ mtls: { backends: { type: string }[] } }>(`${zoneUrl}/meshes/default`);
    assert.deepEqual(
      mesh.mtls.backends.map(({ type }) => type),
      ["provided"],
    );
  });

  it("lets the zone run alone again, with what it had", async () => {
    const [zone] = config.zones as object[];
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
    const undo = await sandbox.run("up", "--stack", "test");
    assert.equal(undo.status, 0, undo.output);
    assert.equal(await dialled(zoneUrl), undefined);
    assert.deepEqual(await contentOf(zoneUrl), contentBefore);
  });

  it("is gone after destroy", async () => {
    const { status, output } = await sandbox.run("destroy", "--stack", "test");
    assert.equal(status, 0, output);
    assert.deepEqual(sandbox.processes(), []);
  });
});
