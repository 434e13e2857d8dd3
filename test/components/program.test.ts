import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Resource, keyOf } from "../../kuma";
import { cleanUp, setEnvironment, tempDir } from "../support/cleanUp";
import { Registered, valueOf } from "../support/pulumi/pulumiMocks";
import {
  GLOBAL,
  STACK,
  Outputs,
  alone,
  component,
  federated,
  globalConfig,
  list,
  named,
  run,
  zoneConfig,
} from "./programRun";

describe("index.ts", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", "/state"));
  afterEach(async () => {
    await cleanUp();
  });

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
