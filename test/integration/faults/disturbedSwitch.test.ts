import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ControlPlane, readResources, writeResources } from "../../../kuma";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { standaloneEnvironment } from "../../../platforms/universal/environment";
import type { Properties } from "../../../resources/provider/handler";
import { captureLog } from "../../support/captureLog";
import { FaultProxy, FaultScript, Faults } from "../../support/controlPlane/faultProxy";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { freePortBase } from "../../support/ports";
import { ROOT, Sandbox, contentOf, dialled, getJson, startGlobal } from "../support";

/** The run is killed at every so many requests; 1 is each of them, and takes an hour. */
const STRIDE = Number(process.env.KUMA_FEDERATION_FAULT_STRIDE ?? 80);
/** A switch with all that it has to look at needs about so many. */
const REQUESTS = 240;

type Step = "carry" | "switch" | "undo";

/**
 * The switch of a zone and the way back, disturbed. They start processes and wait for KDS, so a run that is killed is
 * tried at a sample of the requests (KUMA_FEDERATION_FAULT_STRIDE); the faults that pass are met by every request of
 * one run.
 * The zone keeps its store in memory, which has the most to lose.
 */
describe("a switch that is disturbed", () => {
  let sandbox: Sandbox;
  let zone: ControlPlaneProcess;
  let global: Awaited<ReturnType<typeof startGlobal>>;
  let toZone: FaultProxy;
  let toGlobal: FaultProxy;
  let state: Map<string, Properties>;
  let before: object;

  beforeEach(async () => {
    sandbox = new Sandbox();
    process.env.STAND_IN_INSIGHT_DELAY = "50ms";
    process.env.STAND_IN_RECONNECT_DELAY = "50ms";
    global = await startGlobal(sandbox.directory);
    zone = new ControlPlaneProcess(path.join(sandbox.directory, "zone"));
    await zone.start({
      title: "zone-1",
      command: [process.execPath, path.join(ROOT, "stand-in/kuma-cp.js")],
      portBase: await freePortBase(),
      portSetting: "",
      environment: { ...standaloneEnvironment("zone-1"), KUMA_STORE_TYPE: "memory" },
    });
    const api = new ControlPlane({ title: "the zone", url: zone.apiUrl });
    await writeResources(api, readResources(path.join(ROOT, "stand-in/demo-zone"), "the demo"));
    api.close();
    before = await contentOf(zone.apiUrl);
    toZone = await FaultProxy.start(zone.apiUrl);
    toGlobal = await FaultProxy.start(global.url);
    state = new Map();
    await run("carry");
  });

  afterEach(async () => {
    delete process.env.STAND_IN_INSIGHT_DELAY;
    delete process.env.STAND_IN_RECONNECT_DELAY;
    await Promise.all([toZone.stop(), toGlobal.stop(), zone.remove(), global.process.remove()]);
    await sandbox.remove();
  });

  for (const kind of ["503", "answerLost", "truncated"] as const) {
    it(`bears ${kind} at every request of the switch and of the way back`, async () => {
      await run("switch", { kind, at: "each" });
      await assertFederated(kind);
      await run("undo", { kind, at: "each" });
      await assertAlone(kind);
    });
  }

  for (let at = Math.ceil(STRIDE / 2); at <= REQUESTS; at += STRIDE) {
    it(`goes on after a kill at request ${at} of the switch, and of the way back`, async () => {
      await killed("switch", at);
      await run("switch");
      await assertFederated(`kill at ${at}`);
      await killed("undo", at);
      await run("undo");
      await assertAlone(`kill at ${at}`);
    });

    it(`takes the zone back after a kill at request ${at} of the switch`, async () => {
      await killed("switch", at);
      await run("undo");
      await assertAlone(`kill at ${at}`);
    });
  }

  it("is undone by itself where the zone cannot be a member, or left where the stack says so", async () => {
    const unusable = { kdsAddress: "https://127.0.0.1:5685" };
    const messageOf = (more: object) =>
      run("switch", undefined, { ...unusable, ...more }).then(
        () => assert.fail("it was switched"),
        ({ message }: Error) => message,
      );
    assert.match(
      await messageOf({}),
      /^zone-1 ended at once .*unsupported scheme "https".*Zone zone-1 was taken back: it runs alone again, with all that it had\./s,
    );
    await assertAlone("taken back");
    assert.match(
      await messageOf({ onFailedSwitch: "leave" }),
      /^zone-1 ended at once .*Zone zone-1 was left as it is, as onFailedSwitch says\./s,
    );
    assert.equal(zone.isRunning(), false);
    await run("undo");
    await assertAlone("taken back by hand");
  });

  /** The step, ended at a request; one that needs fewer of them is done. */
  async function killed(step: Step, at: number): Promise<void> {
    await run(step, { kind: "kill", at }).catch((error: Error) => {
      assert.match(error.message, /[.]$/);
      assert.ok(!error.stack?.includes("\n    at "), "no stack");
    });
  }

  async function run(step: Step, script?: FaultScript, inputs: object = {}): Promise<void> {
    toZone.faults = toGlobal.faults = new Faults(script);
    const handlers = new HandlerRun(state);
    const { restore } = captureLog();
    try {
      await STEPS[step](handlers, inputs);
    } finally {
      restore();
      await Promise.all([toZone.quiet(), toGlobal.quiet()]);
    }
  }

  const connections = () => ({
    zoneName: "zone-1",
    zone: { url: toZone.url },
    global: { url: toGlobal.url },
  });

  const STEPS: Record<Step, (handlers: HandlerRun, inputs: object) => Promise<unknown>> = {
    carry: (handlers) =>
      handlers.step("federatedResources", {
        ...connections(),
        zoneStarted: "zone-1",
        globalVersion: "2.14.3",
        onConflict: "fail",
        kdsAddress: String(global.config.kdsAddress),
        kdsCa: fs.readFileSync(String(global.config.kdsCaFile), "utf8"),
      }),
    switch: async (handlers, inputs) => {
      const { directory } = zone;
      const carried = state.get("federatedResources") ?? assert.fail("nothing was carried");
      const { snapshot, resources, generation, kdsAddress, kdsCa } = carried;
      await handlers.step("universalWayBack", { ...connections(), directory, snapshot });
      const given = { directory, kdsAddress, kdsCa, resources, generation, snapshot, onConflict: "fail" };
      await handlers.step("universalZoneFederation", { ...connections(), ...given, ...inputs });
    },
    undo: async (handlers) => {
      await handlers.remove("universalZoneFederation");
      await handlers.remove("universalWayBack");
    },
  };

  async function assertFederated(where: string): Promise<void> {
    assert.equal(await dialled(zone.apiUrl), global.config.kdsAddress, where);
    for (const list of [
      "meshtrafficpermissions",
      "meshtimeouts",
      "dataplanes",
      "timeouts",
      "health-checks",
    ]) {
      const [inZone, onGlobal] = [await names(zone.apiUrl, list), await names(global.url, list)];
      assert.deepEqual(inZone, onGlobal, `${list}: ${where}`);
      assert.ok(inZone.length > 0);
      assert.equal(new Set(inZone).size, inZone.length, `nothing is doubled: ${where}`);
    }
  }

  async function assertAlone(where: string): Promise<void> {
    assert.equal(await dialled(zone.apiUrl), undefined, where);
    assert.deepEqual(await contentOf(zone.apiUrl), before, where);
    assert.deepEqual(await names(global.url, "zones"), [], where);
    assert.deepEqual(await names(global.url, "meshtrafficpermissions"), [], `copies are gone: ${where}`);
  }
});

async function names(url: string, list: string): Promise<string[]> {
  type List = { items: { mesh?: string; name: string; labels?: Record<string, string> }[] };
  const { items } = await getJson<List>(`${url}/${list}?size=1000`);
  return items.map(({ mesh, name, labels }) => `${mesh}/${labels?.["kuma.io/display-name"] ?? name}`).sort();
}
