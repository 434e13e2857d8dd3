import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { Registered, isDynamic, mockPulumi, valueOf } from "../support/pulumi/pulumiMocks";

const HOSTED = "https://eu.api.konghq.com/v1/mesh/control-planes/the-id/api";
const LIMITS = { zones: 3, dataplanes: 0, policies: 0 };

function outputsOf(name: string): Record<string, unknown> {
  if (name === "global")
    return {
      controlPlaneId: "the-id",
      hostedUrl: HOSTED,
      product: "Kong Mesh",
      version: "2.14.3",
      limits: LIMITS,
    };
  if (name === "zone-1-konnect-access") return { zoneToken: "canary-spat" };
  if (name === "zone-1-resources")
    return {
      kdsAddress: "grpcs://from-the-bridge:443",
      kdsCa: "",
      resources: { "Mesh default": "hmac:1" },
      snapshot: "canary-snapshot",
    };
  if (name === "zone-1-federation") return { online: true, version: "2.14.3" };
  return {};
}

type Outputs = Record<string, pulumi.Input<unknown>>;

describe("index.ts with a control plane in Konnect", () => {
  let registered: Registered[];
  let outputs: Outputs;

  before(async () => {
    setEnvironment("KUMA_FEDERATION_STATE", "/state");
    setEnvironment("KONNECT_TOKEN", "canary-kpat");
    registered = await mockPulumi(outputsOf, {
      global: { platform: "konnect", region: "eu", controlPlane: "my-global", systemCaFile: "ca.crt" },
      zones: [{ name: "zone-1", platform: "universal", portBase: 6600 }],
    });
    const program = require("../../index") as () => Promise<Outputs>;
    await pulumi.runtime.runInPulumiStack(async () => (outputs = await program()));
    await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  });
  after(cleanUp);

  const named = (name: string): Registered =>
    registered.find((each) => each.name === name && isDynamic(each.type)) ?? assert.fail(`no ${name}`);

  it("has a control plane that is looked up, a bridge, and what the zone needs to connect", () => {
    assert.deepEqual(
      registered
        .filter(({ type }) => isDynamic(type))
        .map(({ name, parent }) => `${name} in ${parent}`)
        .sort(),
      [
        "global in global",
        "zone-1-alone in zone-1",
        "zone-1-federation in zone-1",
        "zone-1-global-way-back in zone-1",
        "zone-1-konnect-access in zone-1",
        "zone-1-resources in zone-1",
        "zone-1-way-back in zone-1",
      ],
    );
  });

  it("looks for the control plane with the token of the environment, as a secret", () => {
    const { inputs, secretInputs } = named("global");
    assert.deepEqual(inputs, {
      region: "eu",
      name: "my-global",
      create: false,
      provisioning: "systemAccount",
      apiUrl: "https://eu.api.konghq.com",
      identityUrl: "https://global.api.konghq.com",
      kdsAddress: "grpcs://eu.mesh.sync.konghq.com:443",
      token: "canary-kpat",
    });
    assert.deepEqual(secretInputs, ["token"]);
  });

  it("tells the bridge that Konnect does not take everything", () => {
    const { inputs, secretInputs } = named("zone-1-resources");
    const { hosted, global, kdsAddress, kdsCa } = inputs;
    assert.deepEqual(
      [hosted, global, kdsAddress, kdsCa],
      [true, { url: HOSTED, tokens: [["canary-kpat"]] }, "grpcs://eu.mesh.sync.konghq.com:443", ""],
    );
    assert.ok(secretInputs.includes("global.tokens"));
  });

  it("grants the zone access once the global holds everything, and before it is switched", () => {
    const access = named("zone-1-konnect-access");
    assert.deepEqual(access.inputs, {
      zoneName: "zone-1",
      controlPlaneId: "the-id",
      region: "eu",
      apiUrl: "https://eu.api.konghq.com",
      identityUrl: "https://global.api.konghq.com",
      token: "canary-kpat",
      provisioning: "systemAccount",
      tokenDays: 90,
    });
    assert.deepEqual([access.secretInputs, access.secretOutputs], [["token"], ["zoneToken"]]);
    assert.ok(access.dependencies.includes("zone-1-resources"));
    // deleted in the reverse order: the zone leaves before its account goes
    assert.ok(named("zone-1-way-back").dependencies.includes("zone-1-konnect-access"));
  });

  it("gives the zone the token, as a secret, and no authority", () => {
    const { inputs, secretInputs } = named("zone-1-federation");
    assert.deepEqual(inputs.konnect, {
      controlPlaneId: "the-id",
      token: "canary-spat",
      systemCaFile: "ca.crt",
    });
    assert.deepEqual([inputs.kdsAddress, inputs.kdsCa], ["grpcs://from-the-bridge:443", ""]);
    assert.ok(secretInputs.includes("konnect"));
  });

  it("tells KDS address, id, API address, version and limits, and no secret", async () => {
    const { konnectToken, ...open } = outputs;
    const plain = await valueOf(open as unknown as pulumi.Input<Record<string, unknown>>);
    assert.equal(plain.secret, false);
    assert.equal(plain.value.kdsAddress, "grpcs://eu.mesh.sync.konghq.com:443");
    assert.equal(plain.value.guiUrl, "https://cloud.konghq.com/mesh-manager");
    assert.deepEqual(plain.value.global, {
      address: HOSTED,
      product: "Kong Mesh",
      version: "2.14.3",
      id: "the-id",
      limits: LIMITS,
    });
    assert.doesNotMatch(JSON.stringify(plain.value), /canary/);
    assert.ok((await valueOf(konnectToken)).secret);
  });
});
