import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { type ControlPlane, isZoneEnabled, knownTypes, removeZone } from "../../../../kuma";
import { parseToken } from "../../../../kuma/api/jwt";
import { typeOf } from "../../../../kuma/api/knownTypes";
import { issueAuthority, issueServerCertificate } from "../../../../platforms/kdsCertificate";
import { adminTokenOf } from "../../../../platforms/universal/adminAccess";
import { ControlPlaneProcess } from "../../../../platforms/universal/controlPlaneProcess";
import { isFederated } from "../../../../platforms/universal/environment";
import type { Properties } from "../../../../resources/provider/handler";
import { captureLog } from "../../../support/captureLog";
import { cleanUp, later, tempDir, withoutPauses } from "../../../support/cleanUp";
import { freePortBase } from "../../../support/ports";
import { HandlerRun } from "../../../support/pulumi/handlerRun";

const MESH = { type: "Mesh", name: "shop" };
const POLICY = {
  ...{ type: "MeshTimeout", mesh: "shop", name: "slow" },
  spec: { to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout: "1h" } }] },
};

interface UpOptions {
  /** The last of the resources, where not all are to be. */
  until?: string;
  /** Days until the token ends. */
  cpToken?: number;
  enabled?: boolean;
}

/** A zone and a global as processes of the stand-in, as the embedded default has them, and an `up` of the zone's resources. */
describe("resources/zone/universal/universalWayBack and universalZoneFederation", () => {
  let state: Map<string, Properties>;
  let zone: ControlPlaneProcess;
  let global: ControlPlaneProcess;
  let alone: Properties;
  let kds: Properties;

  beforeEach(async () => {
    state = new Map();
    captureLog();
    const directory = tempDir();
    zone = new ControlPlaneProcess(path.join(directory, "zone"));
    global = new ControlPlaneProcess(path.join(directory, "global"));
    later(() => zone.remove());
    later(() => global.remove());
    const content = path.join(directory, "content");
    fs.mkdirSync(content);
    fs.writeFileSync(
      path.join(content, "all.yaml"),
      [MESH, POLICY].map((each) => yaml.dump(each)).join("---\n"),
    );
    const common = { kumaCp: "embedded", store: "memory", portSetting: "portBase" };
    alone = {
      ...{ ...common, directory: zone.directory, portBase: await freePortBase() },
      ...{ name: "zone-1", content },
    };
    await run().step("standaloneZone", alone);
    const authority = await issueAuthority("g");
    const { cert: kdsCert, key: kdsKey } = await issueServerCertificate(authority, ["127.0.0.1"]);
    await run().step("universalGlobal", {
      ...{ ...common, directory: global.directory, portBase: await freePortBase() },
      ...{ name: "global", kdsCert, kdsKey },
    });
    kds = { kdsAddress: `grpcs://127.0.0.1:${global.ports.kds}`, kdsCa: authority.cert };
  });
  afterEach(cleanUp);

  const run = () => new HandlerRun(state);
  const sideOf = (process: ControlPlaneProcess) => ({
    url: process.apiUrl,
    tokens: [[adminTokenOf(process) ?? []].flat()],
  });

  /** Gives which of the resources had something to do. */
  async function up({ until = "", ...wanted }: UpOptions = {}): Promise<string[]> {
    const { cpToken, enabled } = wanted;
    const changed: string[] = [];
    const one = run();
    const step = async (name: Parameters<HandlerRun["step"]>[0], inputs: Properties) => {
      const done = await one.step(name, inputs);
      if (done.changed) changed.push(name);
      return done.outs;
    };
    await step("standaloneZone", alone);
    const sides = { zoneName: "zone-1", zone: sideOf(zone), global: sideOf(global) };
    const carried = await step("federatedResources", {
      ...{ ...sides, ...kds, zoneStarted: "yes", zoneRunsHere: true, globalVersion: "2" },
      ...{ onConflict: "fail", onDrift: "repairMissing", digestKey: "" },
    });
    const { adminToken, snapshot, resources, generation, refilled } = carried;
    const tokens = [[adminToken ?? []].flat() as string[], ...sides.global.tokens];
    const member = {
      ...{ ...sides, global: { ...sides.global, tokens } },
      ...{ directory: zone.directory, snapshot },
    };
    const issued =
      cpToken === undefined
        ? {}
        : { cpToken: (await step("cpToken", { ...sides, tokenDays: cpToken, generation })).token };
    const { before } = await step("universalWayBack", {
      ...member,
      ...(enabled !== undefined && { enabled }),
    });
    if (until === "universalWayBack") return changed;
    await step("universalZoneFederation", {
      ...{ ...member, ...kds, resources, generation, refilled, before, ...issued },
      ...{ onConflict: "fail", onFailedSwitch: "takeBack" },
    });
    return changed;
  }
  async function back(): Promise<void> {
    const one = run();
    for (const name of ["universalZoneFederation", "universalWayBack", "federatedResources"] as const)
      await one.remove(name);
  }
  const isMember = () => isFederated(zone.settings()?.environment ?? {});
  const onGlobal = async <T>(work: (api: ControlPlane) => Promise<T>) => {
    const api = global.open("the global");
    try {
      return await work(api);
    } finally {
      api.close();
    }
  };
  const policiesOf = async (process: ControlPlaneProcess) => {
    const api = process.open("a control plane");
    try {
      const { items } = (await api.getJson("/meshes/shop/meshtimeouts", "the policies")) as {
        items: { name: string; labels?: Record<string, string> }[];
      };
      const names = items.map(({ name, labels }) => labels?.["kuma.io/display-name"] ?? name);
      // without those that a control plane makes for each mesh
      return names.filter((name) => !name.endsWith("-all-shop")).sort();
    } finally {
      api.close();
    }
  };
  async function writeInZone(name: string, labels: Record<string, string> = {}): Promise<void> {
    const api = zone.open("the zone");
    try {
      const types = await knownTypes(api);
      const policy = { ...POLICY, name, labels: { "kuma.io/origin": "zone", ...labels } };
      await api.put(typeOf(policy, types, api), policy);
    } finally {
      api.close();
    }
  }
  const keptFiles = () => fs.readdirSync(zone.directory).filter((name) => /kept|leaving/.test(name));

  it("record the zone, switch it, hold it to its record, and have nothing to do the next time", async () => {
    assert.deepEqual(await up(), ["federatedResources", "universalWayBack", "universalZoneFederation"]);
    const { online, version, ledger } = state.get("universalZoneFederation") ?? {};
    assert.deepEqual([online, typeof version, isMember()], [true, "string", true]);
    assert.ok((ledger as { recorded: number }).recorded >= 2, "it was compared with its record");
    assert.deepEqual(keptFiles(), [], "nothing is left of the switch");
    const record = state.get("universalWayBack")?.before;
    assert.equal(typeof record, "string");
    assert.deepEqual(await up(), []);
    assert.equal(state.get("universalWayBack")?.before, record, "a member is not recorded anew");
  });

  it("take it back with what it had, and with what its owner has written since", async () => {
    await up();
    await writeInZone("later");
    await back();
    assert.equal(isMember(), false);
    assert.deepEqual(await policiesOf(zone), ["later", "slow"]);
    assert.deepEqual([keptFiles(), [...state.keys()]], [[], ["standaloneZone", "universalGlobal"]]);
  });

  it("give a member its own again whose store was lost, and leave the record as it is", async () => {
    await up();
    const record = state.get("universalWayBack")?.before;
    await zone.stop();
    assert.deepEqual(await up(), ["standaloneZone", "universalZoneFederation"]);
    assert.deepEqual([isMember(), await policiesOf(zone)], [true, ["slow"]]);
    assert.equal(state.get("universalWayBack")?.before, record);
  });

  it("say with a refresh what a zone whose store was lost had for itself alone, and change nothing", async () => {
    await writeInZone("local", { "kuma.io/kds-sync": "disabled" });
    await up();
    assert.deepEqual((await run().refresh("universalZoneFederation")).drift, {});
    await zone.stop();
    const { drift } = await run().refresh("universalZoneFederation");
    assert.deepEqual(drift, { "MeshTimeout shop/local": "missing" });
    assert.equal(zone.isRunning(), false);
    await up();
    assert.deepEqual(await policiesOf(zone), ["local", "slow"]);
    assert.deepEqual(state.get("universalZoneFederation")?.drift, {});
  });

  it("record a zone anew that its owner changes before it is switched", async () => {
    await up({ until: "universalWayBack" });
    const record = state.get("universalWayBack")?.before;
    await writeInZone("later");
    assert.ok((await up({ until: "universalWayBack" })).includes("universalWayBack"));
    assert.notEqual(state.get("universalWayBack")?.before, record);
    assert.equal(isMember(), false, "the switch is another resource's");
  });

  it("have a zone that the stack has disabled join so, at a second attempt too", async () => {
    const isEnabled = () => onGlobal((api) => isZoneEnabled(api, "zone-1"));
    await up({ until: "universalWayBack", enabled: false });
    assert.equal(await isEnabled(), false);
    // as a switch does that failed and is taken back
    await onGlobal((api) => removeZone(api, "zone-1"));
    assert.deepEqual(await up({ enabled: false }), ["universalWayBack", "universalZoneFederation"]);
    assert.deepEqual([isMember(), await isEnabled()], [true, false]);
    assert.deepEqual(await up({ enabled: true }), [], "what is said of a member is another resource's");
  });

  it("have it show the global a token that the global issues, in a file of its own, until it is not wanted any more", async () => {
    const file = zone.file("cp-token");
    const variables = () =>
      Object.entries(zone.settings()?.environment ?? {}).filter(([name]) => name.includes("TOKEN"));
    assert.deepEqual(await up({ cpToken: 90 }), [
      ...["federatedResources", "cpToken", "universalWayBack", "universalZoneFederation"],
    ]);
    const first = fs.readFileSync(file, "utf8");
    const { claims } = parseToken(first) ?? assert.fail("no token");
    assert.deepEqual([claims.Zone, claims.Scope], ["zone-1", ["cp"]]);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(variables(), [["KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH", file]]);
    assert.deepEqual(await up({ cpToken: 90 }), []);

    // it is about to end: another one, with which the zone is started anew
    const ends = new Date(Date.now() + 29 * 24 * 3_600_000).toISOString();
    state.set("cpToken", { ...state.get("cpToken"), ends });
    const started = fs.readFileSync(zone.file("pid"), "utf8");
    assert.deepEqual(await up({ cpToken: 90 }), ["cpToken", "universalZoneFederation"]);
    assert.notEqual(fs.readFileSync(file, "utf8"), first);
    assert.notEqual(fs.readFileSync(zone.file("pid"), "utf8"), started);

    // a run that was killed after it had written the next one: it is there, and the control plane has not read it
    const again = fs.readFileSync(zone.file("pid"), "utf8");
    fs.writeFileSync(zone.file("cp-token-waits"), "");
    state.set("universalZoneFederation", { ...state.get("universalZoneFederation"), cpToken: first });
    assert.deepEqual(await up({ cpToken: 90 }), ["universalZoneFederation"]);
    assert.notEqual(fs.readFileSync(zone.file("pid"), "utf8"), again);
    assert.equal(fs.existsSync(zone.file("cp-token-waits")), false);

    assert.deepEqual(await up(), ["universalZoneFederation"]);
    assert.deepEqual([variables(), fs.existsSync(file)], [[], false]);
    await up({ cpToken: 90 });
    await back();
    assert.deepEqual([variables(), fs.existsSync(file)], [[], false]);
  });

  it("take nothing back with the federation alone, nor from a zone that was never switched", async () => {
    await up({ until: "universalWayBack" });
    const started = fs.readFileSync(zone.file("pid"), "utf8");
    await run().remove("universalWayBack");
    assert.equal(fs.readFileSync(zone.file("pid"), "utf8"), started, "it was not started again");
    await up();
    await run().remove("universalZoneFederation");
    assert.equal(isMember(), true);
  });

  it("go on with a way back that was cut short: its global is away at first", async () => {
    await up();
    await writeInZone("later");
    const settings = global.settings() ?? assert.fail("never started");
    await global.stop();
    withoutPauses();
    await assert.rejects(back(), /The global control plane still lists zone zone-1/);
    assert.deepEqual([isMember(), state.has("universalWayBack")], [false, true]);
    assert.deepEqual(keptFiles(), ["leaving.json"], "what it was is kept until it was held to it");
    await global.start(settings);
    await back();
    assert.deepEqual(await policiesOf(zone), ["later", "slow"]);
    assert.deepEqual(keptFiles(), []);
  });
});
