import assert from "node:assert/strict";
import { isViolation, violated } from "../../../cli/plan/violation";

const URN =
  "urn:pulumi:prod::kuma-federation::kuma-federation:index:FederationBridge$pulumi-nodejs:dynamic/kuma-federation:GlobalWayBack::zone-1-global-way-back";
const SECRET = "eyJhbGciOiJSUzI1NiJ9.secret";

/** Texts of the engine 3.246, pkg/resource/deploy: step_generator.go and plan.go. */
const TEXTS = [
  `resource ${URN} violates plan: properties changed: ++global[{map[tokens:{[${SECRET}]}]}!={map[]}], =~zone[${SECRET}, ++x[`,
  `resource ${URN} violates plan: protect changed (expected true)`,
  `update is not allowed by the plan: this resource is constrained to same`,
  `create is not allowed by the plan: no steps were expected for this resource`,
];

describe("a plan that the engine refuses", () => {
  for (const text of TEXTS)
    it(`is one sentence without a value: ${text.replaceAll(URN, "URN").slice(0, 60)}`, () => {
      assert.ok(isViolation(text));
      const { message } = violated("plan.json", [{ urn: URN, text }], "Nothing was changed.");
      assert.ok(!message.includes("secret") && !message.includes("map["), message);
      assert.match(
        message,
        /^What up would do is not what the plan plan\.json has: zone-1-global-way-back( \(global\))? has changed/,
      );
      assert.match(message, /Nothing was changed\. Make a new plan/);
    });

  it("names the first input alone: what follows may be anybody's words", () => {
    const { message } = violated("p", [{ urn: URN, text: TEXTS[0] }], "");
    assert.match(message, /zone-1-global-way-back \(global\) has changed/);
  });

  it("is told where the engine names no resource", () => {
    assert.match(violated("p", [{ text: TEXTS[2] }], "").message, /has: a resource has changed/);
  });

  it("is no other failure", () => {
    for (const text of ["update failed", "Zone zone-1 does not answer", "the plan of the day"])
      assert.ok(!isViolation(text));
  });
});
