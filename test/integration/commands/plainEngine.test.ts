import assert from "node:assert/strict";
import { Stack } from "@pulumi/pulumi/automation";
import { exportDeployment } from "../../../cli/stack/deployment";
import type { EngineStack } from "../../../cli/stack/engineStack";
import { outputsOf } from "../../../cli/stack/standing/standing";
import { openWithEngine } from "../../../cli/stack/workspace";
import { needsEngine } from "../../support/pulumi/engine";
import { until } from "../../support/until";
import { ROOT, Sandbox, dialled, getJson, oneZone, put } from "../support";

const MESH = { type: "Mesh", name: "default", skipCreatingInitialPolicies: ["*"] };
/** Each zone made its mesh and its keys by itself. */
const MADE_BY_EACH = ["Mesh default", "*Secret *"].map((resources) => ({ resources, choice: "keepGlobal" }));
const proxy = (name: string) => ({
  ...{ type: "Dataplane", mesh: "default", name },
  networking: { address: "192.0.2.2", inbound: [{ port: 80, tags: { "kuma.io/service": "web" } }] },
});

/** What `pulumi preview` and `pulumi up` do: the engine and the program, without the commands of this project around. */
describe("the program by itself", function () {
  needsEngine();
  // the program runs in this process, where opening a stack sets variables for the engine
  const saved = { ...process.env };
  let sandbox: Sandbox;
  let opened: EngineStack;
  let stack: Stack;
  let zoneUrl: string;

  const open = async (config: object) => {
    sandbox.writeStack("test", { ...config });
    opened = await openWithEngine(ROOT, "test");
    stack = await opened.operations();
  };

  beforeEach(() => {
    sandbox = new Sandbox();
    process.env.KUMA_FEDERATION_STATE = sandbox.state;
    process.env.KUMA_FEDERATION_STACKS = sandbox.directory;
    delete process.env.KUMA_CP;
  });

  afterEach(async () => {
    await sandbox.remove();
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
  });

  it("previews a zone without starting it, starts and federates it in one run, and gives the stack's outputs", async () => {
    const { config, ...urls } = await oneZone();
    ({ zoneUrl } = urls);
    await open(config);
    const { stdout } = await stack.preview();
    assert.match(stdout, /zone zone-1 is not running yet; its resources are listed once it is/);
    await assert.rejects(fetch(zoneUrl));
    await stack.up();
    // without those that are secret
    const outputs = outputsOf(await exportDeployment(opened));
    const { kdsAddress, zones, federatedResources, guiUrl } = outputs;
    const global = outputs.global as { version: string; address: string };
    assert.equal(await dialled(zoneUrl), kdsAddress);
    assert.deepEqual(zones, [
      { name: "zone-1", mode: "federated", online: true, version: global.version, address: zoneUrl },
    ]);
    assert.deepEqual(federatedResources, {
      GlobalSecret: 3,
      HealthCheck: 1,
      Mesh: 1,
      Secret: 4,
      Timeout: 1,
    });
    assert.equal(guiUrl, `${global.address}/gui`);
  });

  it("has the others let go of a zone that leaves, and does not enable one before that is disabled", async () => {
    const zone = (name: string) =>
      oneZone({ kumaCp: "embedded", store: "memory", content: sandbox.writeContent(name, [MESH]) });
    const [one, two, three] = [await zone("one"), await zone("two"), await zone("three")];
    const zoneOf = ({ config }: typeof one, more: object) => ({ ...(config.zones as object[])[0], ...more });
    const write = (...more: [object, object]) =>
      open({
        global: { ...(one.config.global as object), kumaCp: "embedded" },
        zones: [
          zoneOf(one, {}),
          zoneOf(two, { name: "zone-2", ...more[0] }),
          zoneOf(three, { name: "zone-3", ...more[1] }),
        ],
        onConflict: MADE_BY_EACH,
      });
    await write({}, { enabled: false });
    await stack.up();
    for (const [{ zoneUrl }, name] of [
      [one, "web-1"],
      [two, "web-2"],
      [three, "web-3"],
    ] as const)
      assert.ok((await put(`${zoneUrl}/meshes/default/dataplanes/${name}`, proxy(name))) < 300);
    const onGlobal = async (path: string) =>
      (await getJson<{ items: { name: string }[] }>(`${one.globalUrl}/${path}`)).items;
    await until("the global to have all three", async () => (await onGlobal("dataplanes")).length === 3);
    await write({ federated: false }, { federated: false });
    const { stdout } = await stack.up();
    assert.match(stdout, /zone zone-2: it is disabled on the global until it has left, .* \(web\)/);
    assert.doesNotMatch(stdout, /zone zone-3: it is (en|dis)abled/);
    assert.deepEqual(
      (await onGlobal("zones")).map(({ name }) => name),
      ["zone-1"],
    );
  });
});
