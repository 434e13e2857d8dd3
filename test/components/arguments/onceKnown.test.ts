import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { onceKnown } from "../../../components/arguments/onceKnown";
import { cleanUp } from "../../support/cleanUp";
import { mockPulumi, valueOf } from "../../support/pulumi/pulumiMocks";

interface Api {
  url: pulumi.Input<string>;
  tokens?: pulumi.Input<string[]>[];
  ca?: pulumi.Input<string>;
}

describe("components/arguments/onceKnown", () => {
  beforeEach(async () => void (await mockPulumi(() => ({}))));
  afterEach(cleanUp);

  it("gives what is plain as it is, at once", () => {
    const api: Api = { url: "u" };
    assert.equal(
      onceKnown(api, (given, known) => given === api && known === api),
      true,
    );
  });

  it("takes an output apart, and leaves out what is not there", async () => {
    const seen: Api[] = [];
    const made = onceKnown(pulumi.output({ url: "u", ca: undefined }) as pulumi.Input<Api>, (given) => {
      seen.push(given);
      return { url: given.url };
    });
    assert.deepEqual(await valueOf(made.url), { value: "u", secret: false });
    assert.deepEqual(Object.keys(seen[0]), ["url"]);
  });

  it("keeps what is a secret within it, and leaves the rest readable", async () => {
    // as another process sends it
    const sealed = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: ["canary-token"],
    };
    const api = pulumi.output({ url: "u", tokens: [sealed] }) as unknown as pulumi.Input<Api>;
    const made = onceKnown(api, ({ url, tokens = [] }) => ({ url, token: tokens[0] }));
    assert.deepEqual(await valueOf(made.url), { value: "u", secret: false });
    const token = await valueOf(made.token);
    assert.deepEqual(token.value, ["canary-token"]);
    assert.equal(token.secret, true);
  });

  it("takes all of it for a secret where the whole is one", async () => {
    const made = onceKnown(pulumi.secret({ url: "u" }) as pulumi.Input<Api>, ({ url }) => ({ url }));
    assert.deepEqual(await valueOf(made.url), { value: "u", secret: true });
  });
});
