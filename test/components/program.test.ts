import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Resource, keyOf } from "../../kuma";
import { cleanUp, setEnvironment, tempDir } from "../support/cleanUp";
import { Registered, isDynamic, mockPulumi, valueOf } from "../support/pulumi/pulumiMocks";

const component = (name: string) => `kuma-federation:index:${name}`;

/** What the provider gives for each resource; the addresses are others than those that were put in. */
function outputsOf(name: string): Record<string, unknown> {
  if (name === "global-kds") return { ca: "the ca", caKey: "canary", cert: "the cert", key: "canary-key" };
  if (name === "global") return { product: "Kuma", version: "2.14.3", standIn: true };
  if (name.endsWith("-resources")) {
    return {
      kdsAddress: "grpcs://from-the-bridge:5685",
      kdsCa: "ca from the bridge",
      resources: {
        "Mesh default": "hmac:1",
        "Secret default/s": "hmac:2",
        "Secret default/t": "hmac:3",
      },
      snapshot: "canary-snapshot",
      adminToken: "canary-admin",
      opener: "canary-admin",
    };
  }
  if (name.endsWith("-policies-way-back"))
    return { policies: { "MeshTimeout default/a": "hmac:4" }, originals: "canary-policies", added: [] };
  if (name.endsWith("-federation")) return { online: true, version: "2.14.2" };
  return {};
}

const globalConfig = { platform: "universal", portBase: 5600 };
const zoneConfig = { name: "zone-1", platform: "universal", portBase: 6600, content: "stand-in/demo-zone" };

type Outputs = Record<string, unknown> & { zones: Record<string, unknown>[] };

async function run(config: Record<string, unknown>): Promise<{ registered: Registered[]; outputs: Outputs }> {
  const registered = await mockPulumi(outputsOf, config);
  const program = require("../../index") as () => Promise<Outputs>;
  let outputs: Outputs | undefined;
  await pulumi.runtime.runInPulumiStack(async () => (outputs = await program()));
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return { registered, outputs: outputs as Outputs };
}

describe("index.ts", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", "/state"));
  afterEach(async () => {
    await cleanUp();
  });

  const named = (registered: Registered[], name: string, type?: string): Registered =>
    registered.find((each) => each.name === name && (type ? each.type === type : isDynamic(each.type))) ??
    assert.fail(`no ${type} ${name}`);
  const list = (registered: Registered[]) =>
    registered
      .filter(({ type }) => type !== "pulumi:pulumi:Stack")
      .map(({ type, name, parent }) => `${type.split(":").at(-1)} ${name} in ${parent}`)
      .sort();

  const STACK = "kuma-federation-test";
  const GLOBAL = [
    `GlobalControlPlane global in ${STACK}`,
    "UniversalGlobal global in global",
    "KdsCertificate global-kds in global",
  ];
  const alone = (name: string) => [
    `StandaloneZone ${name}-alone in ${name}`,
    `ExistingZone ${name} in ${STACK}`,
  ];
  const federated = (name: string) => [
    `FederationBridge ${name} in ${STACK}`,
    `UniversalZoneFederation ${name}-federation in ${name}`,
    `GlobalWayBack ${name}-global-way-back in ${name}`,
    `FederatedResources ${name}-resources in ${name}`,
    `UniversalWayBack ${name}-way-back in ${name}`,
    `ZoneControlPlane ${name} in ${STACK}`,
  ];

  describe("with one zone", () => {
    let registered: Registered[];
    let outputs: Outputs;
    before(async () => {
      setEnvironment("KUMA_FEDERATION_STATE", "/state");
      ({ registered, outputs } = await run({ global: globalConfig, zones: [zoneConfig] }));
    });

    it("has exactly these resources", () => {
      assert.deepEqual(list(registered), [...GLOBAL, ...alone("zone-1"), ...federated("zone-1")].sort());
    });

    it("issues a certificate for the host that zones dial, and keeps its keys secret", () => {
      const { inputs, secretOutputs } = named(registered, "global-kds");
      assert.deepEqual(inputs, { name: "global", hosts: ["127.0.0.1"] });
      assert.deepEqual([...secretOutputs].sort(), ["caKey", "key"]);
    });

    it("runs the global with that certificate", () => {
      const { inputs, dependencies } = named(registered, "global");
      assert.deepEqual(inputs, {
        name: "global",
        directory: "/state/stacks/test/global",
        portBase: 5600,
        kumaCp: "auto",
        store: "auto",
        portSetting: "global.portBase",
        kdsCert: "the cert",
        kdsKey: "canary-key",
      });
      assert.ok(dependencies.includes("global-kds"));
    });

    it("runs the zone with its content", () => {
      assert.deepEqual(named(registered, "zone-1-alone").inputs, {
        name: "zone-1",
        directory: "/state/stacks/test/zones/zone-1",
        portBase: 6600,
        kumaCp: "auto",
        store: "auto",
        content: "stand-in/demo-zone",
        portSetting: "portBase of zone zone-1",
      });
    });

    it("gives the bridge both sides, tokens as secrets, and keeps what the zone held secret", () => {
      const bridge = named(registered, "zone-1-resources");
      assert.deepEqual(bridge.inputs, {
        digestKey: "",
        zoneName: "zone-1",
        zone: { url: "http://127.0.0.1:6681", tokens: [[]] },
        zoneStarted: "zone-1-alone-id",
        global: { url: "http://127.0.0.1:5681", tokens: [[]] },
        globalVersion: "2.14.3",
        kdsAddress: "grpcs://127.0.0.1:5685",
        kdsCa: "the ca",
        zoneRunsHere: true,
        onDrift: "repairMissing",
        onConflict: "fail",
      });
      assert.deepEqual(bridge.secretInputs, ["digestKey", "global.tokens", "zone.tokens"]);
      assert.deepEqual([...bridge.secretOutputs].sort(), ["adminToken", "opener", "snapshot"]);
    });

    it("begins to carry over when the zone and the global run", () => {
      const component_ = named(registered, "zone-1", component("FederationBridge"));
      assert.ok(component_.dependencies.includes("zone-1-alone"));
      const { dependencies } = named(registered, "zone-1-resources");
      assert.ok(["global", "global-kds"].every((name) => dependencies.includes(name)));
    });

    it("gives the zone the address, authority and credentials that come out of the bridge", () => {
      const zone = named(registered, "zone-1-federation");
      assert.deepEqual(zone.inputs, {
        zoneName: "zone-1",
        directory: "/state/stacks/test/zones/zone-1",
        zone: { url: "http://127.0.0.1:6681", tokens: [[]] },
        global: { url: "http://127.0.0.1:5681", tokens: [["canary-admin"], [], []] },
        kdsAddress: "grpcs://from-the-bridge:5685",
        kdsCa: "ca from the bridge",
        resources: {
          "Mesh default": "hmac:1",
          "Secret default/s": "hmac:2",
          "Secret default/t": "hmac:3",
        },
        snapshot: "canary-snapshot",
        onConflict: "fail",
        onFailedSwitch: "takeBack",
      });
      assert.ok(zone.dependencies.includes("zone-1-resources"));
      assert.ok(zone.secretInputs.includes("global.tokens") && zone.secretInputs.includes("zone.tokens"));
    });

    it("tells the addresses, the zone's state and how many resources were carried", async () => {
      const plain = await valueOf(outputs as Record<string, pulumi.Input<unknown>>);
      assert.equal(plain.secret, false);
      assert.deepEqual(plain.value, {
        kdsAddress: "grpcs://127.0.0.1:5685",
        global: { address: "http://127.0.0.1:5681", product: "Kuma", version: "2.14.3" },
        zones: [
          {
            name: "zone-1",
            mode: "federated",
            online: true,
            version: "2.14.2",
            address: "http://127.0.0.1:6681",
          },
        ],
        federatedResources: { Mesh: 1, Secret: 2 },
        guiUrl: "http://127.0.0.1:5681/gui",
      });
    });
  });

  it("has no bridge for a zone that runs alone", async () => {
    const { registered, outputs } = await run({
      global: globalConfig,
      zones: [{ ...zoneConfig, federated: false }],
      policies: "policies/demo",
    });
    assert.deepEqual(list(registered), [...GLOBAL, ...alone("zone-1")].sort());
    const { zones, federatedResources } = outputs;
    assert.deepEqual((await valueOf(zones)).value, [
      { name: "zone-1", mode: "standalone", online: false, address: "http://127.0.0.1:6681" },
    ]);
    assert.deepEqual((await valueOf(federatedResources)).value, {});
  });

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

  it("writes the stack's policies when the zone has joined, with the credentials that serve then", async () => {
    const { registered } = await run({
      global: globalConfig,
      zones: [zoneConfig],
      policies: "policies/demo",
    });
    const { inputs, secretInputs, parent } = named(registered, "policies");
    const { available, ...others } = inputs as { available: { policy: Resource; isFor: object }[] };
    assert.deepEqual(others, {
      digestKey: "",
      global: { url: "http://127.0.0.1:5681", tokens: [["canary-admin"], [], []] },
      globalVersion: "2.14.3",
    });
    const guides = ["MeshCircuitBreaker default/demo-app-to-redis", "MeshTrafficPermission default/redis"];
    assert.deepEqual(
      available.map(({ policy, isFor }) => [keyOf(policy), isFor]),
      [{ before: [2, 10] }, { since: [2, 10] }].flatMap((isFor) => guides.map((key) => [key, isFor])),
    );
    assert.deepEqual(secretInputs, ["digestKey", "global.tokens"]);
    const component_ = named(registered, "policies", component("MeshPolicies"));
    assert.ok(component_.dependencies.includes("zone-1-federation"), String(component_.dependencies));
    assert.equal(parent, "policies");
  });

  it("hands a zone's policies over when the zone has joined, and before the next one is looked at", async () => {
    const first = { ...zoneConfig, profile: "federation-with-policies" };
    const second = { ...first, name: "zone-2", portBase: 7600 };
    const config = { global: globalConfig, zones: [first, second], policies: "policies/demo" };
    const { registered } = await run(config);
    const record = named(registered, "zone-1-policies-way-back");
    assert.deepEqual(record.inputs, {
      digestKey: "",
      zoneName: "zone-1",
      zone: { url: "http://127.0.0.1:6681", tokens: [[]] },
      global: { url: "http://127.0.0.1:5681", tokens: [["canary-admin"], [], []] },
      globalVersion: "2.14.3",
      onConflict: "fail",
      followers: ["zone-2"],
    });
    assert.deepEqual(record.secretOutputs, ["originals", "before"]);
    assert.ok(record.dependencies.includes("zone-1-federation"));
    const { inputs, secretInputs, dependencies } = named(registered, "zone-1-policies");
    assert.deepEqual(inputs.policies, { "MeshTimeout default/a": "hmac:4" });
    assert.deepEqual(secretInputs, ["digestKey", "global.tokens", "originals", "zone.tokens"]);
    assert.ok(dependencies.includes("zone-1-policies-way-back"));
    assert.deepEqual(named(registered, "zone-2-policies-way-back").inputs.followers, []);
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

  it("records what the global does not have before anything is carried, and what is to become of it", async () => {
    const second = { ...zoneConfig, name: "zone-2", portBase: 7600 };
    const { registered } = await run({
      global: globalConfig,
      zones: [zoneConfig, second],
      onUndo: "removeFromGlobal",
    });
    assert.ok(named(registered, "zone-1-resources").dependencies.includes("zone-1-global-way-back"));
    for (const name of ["zone-1", "zone-2"])
      assert.equal(named(registered, `${name}-global-way-back`).inputs.onUndo, "removeFromGlobal");
    const { secretInputs } = named(registered, "zone-1-global-way-back");
    assert.deepEqual(secretInputs, ["digestKey", "followers.zone.tokens", "global.tokens", "zone.tokens"]);
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

  it("has the record of each zone know those that join after it, as they are today", async () => {
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
    assert.deepEqual(
      followersOf("zone-2")?.map(({ zoneName }) => zoneName),
      ["zone-3"],
    );
    assert.equal(followersOf("zone-3"), undefined);
  });

  it("passes on what is to happen with conflicts", async () => {
    const { registered } = await run({ global: globalConfig, zones: [zoneConfig], onConflict: "overwrite" });
    for (const name of ["zone-1-resources", "zone-1-federation"])
      assert.equal(named(registered, name).inputs.onConflict, "overwrite");
  });

  it("starts no global where one exists, and uses its token as a secret", async () => {
    const { registered, outputs } = await run({
      global: {
        platform: "existing",
        apiUrl: "https://g.example.com:5681",
        kdsAddress: "grpcs://g.example.com:5685",
      },
      zones: [zoneConfig],
      globalToken: "canary-token",
    });
    assert.deepEqual(
      list(registered),
      [
        `GlobalControlPlane global in ${STACK}`,
        "ExistingGlobal global in global",
        ...alone("zone-1"),
        ...federated("zone-1"),
      ].sort(),
    );
    const { inputs, secretInputs } = named(registered, "zone-1-resources");
    assert.deepEqual(
      [inputs.global, inputs.kdsAddress, inputs.globalVersion],
      [
        { url: "https://g.example.com:5681", tokens: [["canary-token"]] },
        "grpcs://g.example.com:5685",
        "2.14.3",
      ],
    );
    assert.deepEqual(secretInputs, ["digestKey", "global.tokens", "zone.tokens"]);
    assert.ok(named(registered, "zone-1-federation").secretInputs.includes("global.tokens"));
    const plain = await valueOf(outputs as Record<string, pulumi.Input<unknown>>);
    assert.ok(!plain.secret && !JSON.stringify(plain.value).includes("canary"));
  });

  it("gives every resource the authority of an existing global's API", async () => {
    const apiCaFile = path.join(tempDir(), "ca.crt");
    fs.writeFileSync(apiCaFile, "own authority");
    const { registered, outputs } = await run({
      global: {
        platform: "existing",
        apiUrl: "https://g.example.com:5681",
        apiCaFile,
        kdsAddress: "grpcs://g.example.com:5685",
      },
      zones: [zoneConfig],
    });
    const onGlobal = registered.filter(({ inputs }) => inputs.global !== undefined);
    assert.ok(onGlobal.length >= 4);
    for (const { inputs } of onGlobal) assert.equal((inputs.global as { ca?: string }).ca, "own authority");
    const { global } = outputs as unknown as { global: pulumi.Input<{ ca?: string }> };
    assert.equal(((await valueOf(global)) as { value: { ca?: string } }).value.ca, "own authority");
  });
});
