import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ComponentHost } from "../../components/host";
import { SCHEMA_FILE } from "../../components/schema";
import { cleanUp, tempDir } from "../support/cleanUp";
import { mockPulumi, valueOf } from "../support/pulumi/pulumiMocks";

const ROOT = path.resolve(__dirname, "../..");
const EXISTING = { apiUrl: "https://g.example.com", kdsAddress: "grpcs://g.example.com:5685" };

describe("components/host", () => {
  afterEach(cleanUp);

  it("gives a schema that is what the types say today (npm run generate)", function () {
    this.timeout(120_000);
    const generator = path.join(ROOT, "scripts/generateComponentSchema.js");
    const { componentSchema } = require(generator) as { componentSchema(): string };
    assert.equal(fs.readFileSync(SCHEMA_FILE, "utf8"), componentSchema());
  });

  it("is of the package's version", () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as pulumi.Inputs;
    assert.equal(new ComponentHost(ROOT).version, version);
  });

  it("makes a component with what another process has sent, and gives all of its outputs", async () => {
    await mockPulumi(() => ({ product: "Kuma", version: "2.14.3" }));
    const type = "kuma-federation:index:GlobalControlPlane";
    const inputs = { existing: EXISTING, apiToken: pulumi.secret("canary-token") };
    const { state } = await new ComponentHost(ROOT).construct("g", type, inputs, {});
    assert.deepEqual(await valueOf(state.kdsAddress), { value: EXISTING.kdsAddress, secret: false });
    assert.deepEqual(await valueOf(state.version), { value: "2.14.3", secret: false });
    // as a whole, as it holds a token
    assert.equal((await valueOf(state.membership)).secret, true);
    assert.deepEqual(Object.keys(state).sort(), [
      ...["apiUrl", "guiCommand", "guiUrl", "kdsAddress", "kdsCa", "membership", "product", "version"],
    ]);
  });

  it("says in one sentence what the directory of the program lacks, before anything is made", () => {
    const directory = tempDir();
    const construct = () =>
      new ComponentHost(directory).construct("g", "kuma-federation:index:GlobalControlPlane", {}, {});
    assert.throws(construct, {
      message:
        `The npm packages @pulumi/pulumi and kuma-federation cannot be found from ${directory}, where the engine starts the provider of this package. Nothing was changed. ` +
        "Next: npm install kuma-federation @pulumi/pulumi in the directory of the program.",
    });
  });

  it("knows no other component", () => {
    assert.throws(
      () => new ComponentHost(ROOT).construct("x", "kuma-federation:index:Mesh", {}, {}),
      /The package kuma-federation has no component kuma-federation:index:Mesh\./,
    );
  });
});
