import * as assert from "node:assert/strict";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { isDynamic, valueOf } from "../support/pulumi/pulumiMocks";
import {
  GLOBAL,
  alone,
  component,
  federated,
  globalConfig,
  list,
  named,
  run,
  zoneConfig,
} from "./programRun";

describe("index.ts with several zones", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", "/state"));
  afterEach(cleanUp);

  it("federates a second zone when the first one has joined, and counts both", async () => {
    const second = { ...zoneConfig, name: "zone-2", portBase: 7600 };
    const { registered, outputs } = await run({ global: globalConfig, zones: [zoneConfig, second] });
    assert.deepEqual(
      list(registered),
      [...GLOBAL, ...["zone-1", "zone-2"].flatMap((name) => [...alone(name), ...federated(name)])].sort(),
    );
    const bridge = named(registered, "zone-2", component("FederationBridge"));
    assert.ok(bridge.dependencies.includes("zone-1-federation"));
    const order = registered.filter(({ type }) => isDynamic(type)).map(({ name }) => name);
    const at = (name: string) => order.indexOf(name);
    assert.ok(at("zone-1-federation") < at("zone-2-resources"));
    assert.deepEqual((await valueOf(outputs.federatedResources)).value, { Mesh: 2, Secret: 4 });
  });

  it("hands a zone's policies over when the zone has joined, and before the next one is looked at", async () => {
    const first = { ...zoneConfig, profile: "federation-with-policies" };
    const second = { ...first, name: "zone-2", portBase: 7600 };
    const third = { ...zoneConfig, name: "zone-3", portBase: 8600 };
    const config = { global: globalConfig, zones: [first, second, third], policies: "policies/demo" };
    const { registered } = await run(config);
    const record = named(registered, "zone-1-policies-way-back");
    assert.deepEqual(record.inputs, {
      digestKey: "",
      zoneName: "zone-1",
      zone: { url: "http://127.0.0.1:6681", tokens: [[]] },
      global: { url: "http://127.0.0.1:5681", tokens: [["canary-admin"], [], []] },
      globalVersion: "2.14.3",
      onConflict: "fail",
      // also one that hands nothing over: what is the global's is in force there too
      followers: ["zone-2", "zone-3"],
    });
    assert.deepEqual(record.secretOutputs, ["originals", "before"]);
    assert.ok(record.dependencies.includes("zone-1-federation"));
    const { inputs, secretInputs, dependencies } = named(registered, "zone-1-policies");
    assert.deepEqual(inputs.policies, { "MeshTimeout default/a": "hmac:4" });
    assert.deepEqual(secretInputs, ["digestKey", "global.tokens", "originals", "zone.tokens"]);
    assert.ok(dependencies.includes("zone-1-policies-way-back"));
    assert.deepEqual(named(registered, "zone-2-policies-way-back").inputs.followers, ["zone-3"]);
    const order = registered.filter(({ type }) => isDynamic(type)).map(({ name }) => name);
    const at = (name: string) => order.indexOf(name);
    assert.ok(at("zone-1-policies") < at("zone-2-resources"));
    assert.ok(at("zone-1-policies") < at("policies"));
  });

  it("switches the zones of a wave side by side, once all of them are carried and the wave before has settled", async () => {
    const zones = ["zone-1", "zone-2", "zone-3", "zone-4"].map((name, at) => ({
      ...{ ...zoneConfig, name, portBase: 6600 + 100 * at },
    }));
    const rollout = { waves: [1, 2, "all"], settle: 7 };
    const { registered, outputs } = await run({ global: globalConfig, zones, rollout });
    const settled = named(registered, "wave-1-settled");
    assert.deepEqual(settled.inputs, {
      global: { url: "http://127.0.0.1:5681", tokens: [["canary-admin"], [], []] },
      ...{ zoneNames: ["zone-1"], settle: 7, laterZones: ["zone-2", "zone-3", "zone-4"] },
      kdsAddress: "grpcs://127.0.0.1:5685",
    });
    assert.equal(settled.parent, "wave-1");
    const isNeeded = (name: string, other: string) => named(registered, name).dependencies.includes(other);
    // a component's children come after what it comes after
    const needed = (name: string, of: string) => named(registered, name, component(of)).dependencies;
    assert.ok(needed("wave-1", "RolloutWave").includes("zone-1-federation"));
    assert.ok(needed("zone-2", "FederationBridge").includes("wave-1-settled"));
    assert.ok(!needed("zone-3", "FederationBridge").includes("zone-2-federation"));
    const { dependencies: recorded } = named(registered, "zone-3-global-way-back");
    assert.ok(recorded.includes("zone-2-resources"));
    assert.ok(["zone-2-resources", "zone-3-resources"].every((each) => isNeeded("zone-2-way-back", each)));
    assert.ok(!isNeeded("zone-3-federation", "zone-2-federation"));
    const second = needed("wave-2", "RolloutWave");
    assert.ok(["zone-2-federation", "zone-3-federation"].every((each) => second.includes(each)));
    assert.ok(needed("zone-4", "FederationBridge").includes("wave-2-settled"));
    assert.deepEqual(named(registered, "zone-3-global-way-back").inputs.switchedWith, ["zone-2"]);
    assert.equal(named(registered, "zone-2-global-way-back").inputs.switchedWith, undefined);
    assert.ok(!registered.some(({ name }) => name.startsWith("wave-3")));
    assert.deepEqual(
      outputs.zones.map(({ name }) => name),
      zones.map(({ name }) => name),
    );
  });

  it("has zones that hand over their policies join one after another, also within a wave", async () => {
    const zones = ["zone-1", "zone-2"].map((name, at) => ({
      ...{ ...zoneConfig, name, portBase: 6600 + 100 * at, profile: "federation-with-policies" },
    }));
    const { registered } = await run({ global: globalConfig, zones, rollout: { waves: ["all"] } });
    const { dependencies } = named(registered, "zone-2", component("ZoneControlPlane"));
    assert.ok(dependencies.includes("zone-1-policies"));
  });

  it("hands nothing over with the profile federation, and from a zone that runs alone", async () => {
    for (const more of [
      { profile: "federation" },
      { profile: "federation-with-policies", federated: false },
    ]) {
      const { registered } = await run({ global: globalConfig, zones: [{ ...zoneConfig, ...more }] });
      assert.deepEqual(
        list(registered).filter((line) => line.includes("policies")),
        [],
      );
      await cleanUp();
      setEnvironment("KUMA_FEDERATION_STATE", "/state");
    }
  });

  it("hands on what opens the global, and not the tokens of all zones before", async () => {
    const zones = [1, 2, 3, 4, 5].map((at) => ({
      ...zoneConfig,
      name: `zone-${at}`,
      portBase: 6600 + 100 * at,
    }));
    const { registered } = await run({ global: globalConfig, zones });
    const tokensOf = (name: string) =>
      (named(registered, name).inputs.global as { tokens: unknown[] }).tokens;
    for (const name of ["global-way-back", "resources", "way-back", "federation"])
      assert.deepEqual(
        tokensOf(`zone-5-${name}`).map((source) => (source as unknown[]).length),
        tokensOf(`zone-3-${name}`).map((source) => (source as unknown[]).length),
        name,
      );
  });

  it("has the record of the first zone know those that join after it, as they are today", async () => {
    const zones = ["zone-1", "zone-2", "zone-3", "lone"].map((name, index) => ({
      ...{ ...zoneConfig, name, portBase: 6600 + 100 * index },
      federated: name !== "lone",
    }));
    const { registered } = await run({ global: globalConfig, zones });
    const followersOf = (name: string) =>
      named(registered, `${name}-global-way-back`).inputs.followers as
        { zoneName: string; zone: { url: string }; zoneStarted: string }[] | undefined;
    assert.deepEqual(
      followersOf("zone-1")?.map(({ zoneName, zone, zoneStarted }) => [zoneName, zone.url, zoneStarted]),
      [
        ["zone-2", "http://127.0.0.1:6781", "zone-2-alone-id"],
        ["zone-3", "http://127.0.0.1:6881", "zone-3-alone-id"],
      ],
    );
    for (const later of ["zone-2", "zone-3"]) assert.equal(followersOf(later), undefined);
  });
});
