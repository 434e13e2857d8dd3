import * as assert from "node:assert/strict";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { mockPulumi } from "../support/pulumi/pulumiMocks";

describe("index.ts that cannot begin", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", "/state"));
  afterEach(cleanUp);

  it("refuses to begin where no certificate would be checked", async () => {
    const program = require("../../index") as () => Promise<object>;
    setEnvironment("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    await assert.rejects(program, /^KumaError: The variable NODE_TLS_REJECT_UNAUTHORIZED is 0/);
  });

  it("fails with the sentence of the configuration, before any resource is registered", async () => {
    const registered = await mockPulumi(() => ({}), { global: { platform: "universal", portBase: 5600 } });
    const program = require("../../index") as () => Promise<object>;
    await assert.rejects(program, {
      name: "KumaError",
      message: "The setting zones is missing; it must be a list of at least one zone.",
    });
    assert.deepEqual(
      registered.map(({ type }) => type).filter((type) => type !== "pulumi:pulumi:Stack"),
      [],
    );
  });
});
