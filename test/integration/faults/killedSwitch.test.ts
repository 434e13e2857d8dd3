import assert from "node:assert/strict";
import { needsEngine } from "../../support/pulumi/engine";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import * as fs from "node:fs";
import * as path from "node:path";
import { Sandbox, contentOf, dialled, getJson, killTree, oneZone } from "../support";

/** How often each way is killed; more with the variable. */
const KILLS = Number(process.env.KILLS ?? 2);
/** Milliseconds within which a run is killed, after it began or after it began with the switch. */
const WITHIN_MS = { run: 20_000, switch: 6_000 };

const CONTENT = [
  {
    type: "Mesh",
    name: "default",
    mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
  },
  { type: "Secret", mesh: "default", name: "own", data: "ZXhhbXBsZSBvbmx5" },
  { type: "Timeout", mesh: "default", name: "legacy", ...matching(), conf: { connectTimeout: "7s" } },
  {
    ...{ type: "MeshTimeout", mesh: "default", name: "own" },
    spec: {
      targetRef: { kind: "Mesh" },
      to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "7s" } }],
    },
  },
  {
    ...{ type: "Dataplane", mesh: "default", name: "proxy" },
    networking: { address: "127.0.0.1", inbound: [{ port: 7777, tags: { "kuma.io/service": "web" } }] },
  },
];

function matching() {
  const all = [{ match: { "kuma.io/service": "*" } }];
  return { sources: all, destinations: all };
}

/**
 * A real zone on a memory store loses everything when its process ends, and each switch ends it. Runs are killed at
 * random moments, with everything that they started but the control planes, and one more run has to mend it.
 */
describe("a zone on a memory store loses nothing when a switch is killed", function () {
  needsEngine();
  let sandbox: Sandbox;
  let zoneUrl: string;
  let config: Record<string, unknown>;
  let contentBefore: object;
  let secretsBefore: string;

  before(async function () {
    const kumaCp = await needsKumaCp(this);
    sandbox = new Sandbox({ KUMA_CP: kumaCp });
    const content = sandbox.writeContent("content", CONTENT);
    const stack = await oneZone({ kumaCp: "path", store: "memory", content });
    zoneUrl = stack.zoneUrl;
    config = { ...stack.config, global: { ...(stack.config.global as object), kumaCp: "path" } };
    setFederated(false);
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    contentBefore = await contentOf(zoneUrl);
    secretsBefore = await secretsOf();
  });

  after(() => sandbox?.remove());

  const setFederated = (federated: boolean) => {
    const [zone] = config.zones as object[];
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated }] });
  };
  const secretsOf = async () => {
    const { items } = await getJson<{ items: { name: string; data: string }[] }>(`${zoneUrl}/secrets`);
    return JSON.stringify(items.map(({ name, data }) => `${name} ${data}`).sort());
  };

  /** Kills an `up`, half of the times once it is at the switch, and gives when. */
  async function killedOnce(sign: string): Promise<string> {
    const file = path.join(sandbox.state, "stacks/test/zones/zone-1", sign);
    const { child, done } = sandbox.start("up", "--stack", "test");
    const atSwitch = Math.random() < 0.6;
    const begin = Date.now();
    while (atSwitch && !fs.existsSync(file) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) =>
      setTimeout(resolve, Math.random() * WITHIN_MS[atSwitch ? "switch" : "run"]),
    );
    const spent = `${Date.now() - begin} ms${atSwitch ? ", at the switch" : ""}`;
    if (child.exitCode === null) killTree(child, sandbox.processes());
    await done;
    return spent;
  }

  for (let round = 1; round <= KILLS; round++) {
    it(`joins, ${round}`, async () => {
      setFederated(true);
      const spent = await killedOnce("kept.json");
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, `killed after ${spent}: ${output}`);
      assert.match(output, /zone-1 +online +2\.\d+\.\d+ +equal +equal\n/);
      assert.equal(await secretsOf(), secretsBefore, `killed after ${spent}`);
    });

    it(`leaves, ${round}`, async () => {
      setFederated(false);
      const spent = await killedOnce("kept-for-return.json");
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 0, `killed after ${spent}: ${output}`);
      assert.equal(await dialled(zoneUrl), undefined);
      assert.deepEqual(await contentOf(zoneUrl), contentBefore, `killed after ${spent}`);
      assert.equal(await secretsOf(), secretsBefore, `killed after ${spent}`);
    });
  }

  it("is a member again by an up after a destroy was killed", async () => {
    setFederated(true);
    assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
    const file = path.join(sandbox.state, "stacks/test/zones/zone-1/kept-for-return.json");
    const { child, done } = sandbox.start("destroy", "--stack", "test");
    while (!fs.existsSync(file)) {
      assert.equal(child.exitCode, null, "it ended before");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_000));
    killTree(child, sandbox.processes());
    await done;
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.equal(await secretsOf(), secretsBefore);
  });
});
