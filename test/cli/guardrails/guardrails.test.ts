import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { Guardrails } from "../../../cli/guardrails/guardrails";
import type { BrokenLive } from "../../../policies/pack/held";
import { withGuardrails } from "../../../cli/guardrails/withGuardrails";
import { OperationFailed, exitStatusOf } from "../../../cli/terminal/errors";
import { cleanUp } from "../../support/cleanUp";

type Settings = Parameters<typeof Guardrails.of>[0];

const of = (guardrails: Settings["guardrails"], guardrailRules: Settings["guardrailRules"] = {}) =>
  Guardrails.of({ guardrails, guardrailRules }) as Guardrails;

/** As the engine tells it (3.246), in colors. */
function event(policyName: string, message: string, resource = "policies"): EngineEvent {
  const policyEvent = {
    ...{
      policyName,
      policyPackName: "kuma-federation",
      policyPackVersion: "0.1.0",
      policyPackVersionTag: "0.1.0",
    },
    ...{ color: "raw", enforcementLevel: "warning" as const },
    resourceUrn: `urn:pulumi:test::kuma-federation::a:b:C::${resource}`,
    message: `<{%reset%}>It holds.\n${message}<{%reset%}>\n`,
  };
  return { sequence: 1, timestamp: 1, policyEvent };
}

const UNDECIDED =
  "can't run policy 'zone-ingress' from policy pack 'kuma-federation@v0.1.0' during preview: string value at .values can't be known during preview";

function assertHeld(guardrails: Guardrails): void {
  const failure = guardrails.failure();
  if (failure) throw failure;
}

describe("the guardrails of a preview", () => {
  let directory: string;
  before(() => (directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-guardrails-"))));
  after(() => fs.rmSync(directory, { recursive: true }));
  afterEach(cleanUp);

  it("are none with off", () => assert.equal(of("off"), undefined));

  it("are told by level, each with its resource", () => {
    const guardrails = of("advisory", {
      "api-encrypted": "mandatory",
      "zone-ingress": { level: "mandatory" },
    });
    guardrails.onEvent(event("timeouts-kept", "One is off."));
    guardrails.onEvent(event("api-encrypted", "It is in clear.", "zone-1-resources"));
    guardrails.onEvent({ sequence: 1, timestamp: 1 });
    assert.deepEqual(guardrails.lines(), [
      "Guardrails that are broken:",
      "  mandatory api-encrypted, zone-1-resources: It is in clear.",
      "  advisory timeouts-kept, policies: One is off.",
    ]);
  });

  it("are named where they are not decided, which fails nothing", () => {
    const guardrails = of("mandatory");
    guardrails.onEvent(event("zone-ingress", UNDECIDED, "zone-1"));
    guardrails.onEvent(event("zone-ingress", UNDECIDED, "zone-2"));
    assert.deepEqual(guardrails.lines(), [
      "Guardrails that are not decided, as what they look at is known only once it is made: zone-ingress (zone-1, zone-2)",
    ]);
    assert.equal(guardrails.failure(), undefined);
  });

  it("fail a preview where one that is mandatory is broken, and not where it is advice", () => {
    const guardrails = of("mandatory", { "api-encrypted": { level: "advisory" } });
    guardrails.onEvent(event("api-encrypted", "It is in clear."));
    assert.equal(guardrails.failure(), undefined);
    guardrails.onEvent(event("timeouts-kept", "One is off."));
    assert.throws(
      () => assertHeld(guardrails),
      (error: Error) => {
        assert.match(
          error.message,
          /^Guardrails that are mandatory are broken: timeouts-kept\. Nothing was changed\. /,
        );
        return exitStatusOf(error) === 1;
      },
    );
  });

  it("give the engine the settings of rules, and leave levels to themselves", () => {
    const guardrails = of("mandatory", {
      "timeouts-kept": "off",
      "api-encrypted": "mandatory",
      "retries-bounded": { level: "mandatory", most: 3 },
    });
    const { policyPacks, policyPackConfigs } = guardrails.options(directory);
    assert.deepEqual(policyPacks, [path.resolve(__dirname, "../../../policies/pack")]);
    assert.deepEqual(JSON.parse(fs.readFileSync(policyPackConfigs[0], "utf8")), {
      "timeouts-kept": { enforcementLevel: "disabled" },
      "api-encrypted": { enforcementLevel: "advisory" },
      "retries-bounded": { enforcementLevel: "advisory", most: 3 },
    });
  });

  it("refuse what a rule's setting cannot be", () => {
    for (const most of ["3", -1, 1.5, [3], null])
      assert.throws(() => of("advisory", { "retries-bounded": { most } }), {
        message:
          "The setting guardrailRules.retries-bounded.most must be a whole number from 0 on.\n" +
          "Nothing was looked at. The rules are in docs/guardrails.md.",
      });
    for (const stacks of ["prod", [1], {}])
      assert.throws(
        () => of("advisory", { "store-kept": { stacks } }),
        /store-kept\.stacks must be a list of texts\./,
      );
    of("advisory", { "store-kept": { stacks: [] }, "retries-bounded": { most: 0 } });
  });

  it("refuse a rule that there is not, and a setting that a rule does not take", () => {
    assert.throws(
      () =>
        of("advisory", { "timeouts-kept": { most: 3 }, "kds-opn": "off", "retries-bounded": { most: 1 } }),
      (error: Error) => {
        assert.equal(
          error.message,
          [
            "The setting guardrailRules.timeouts-kept.most is not known; allowed are level.",
            "The setting guardrailRules names a rule kds-opn, which there is not.",
            "Nothing was looked at. The rules are in docs/guardrails.md.",
          ].join("\n"),
        );
        return exitStatusOf(error) === 2;
      },
    );
  });

  it("are found for programs with the level that the stack gives them, the most severe first", () => {
    const guardrails = of("advisory", { "timeouts-kept": "mandatory" });
    guardrails.onEvent(event("retries-bounded", "Too many."));
    guardrails.onEvent(event("timeouts-kept", "One is off."));
    assert.deepEqual(
      guardrails.found().map(({ policy, level, message }) => [policy, level, message]),
      [
        ["timeouts-kept", "mandatory", "One is off."],
        ["retries-bounded", "advisory", "Too many."],
      ],
    );
  });

  it("of what is live fail a preview by what it brings or keeps, and never by what it does not touch", () => {
    const live = (change: BrokenLive["change"], at = "the global"): BrokenLive => ({
      ...{ rule: "timeouts-kept", key: `MeshTimeout default/${change}`, at, change, message: "One is off." },
    });
    const guardrails = of("mandatory");
    guardrails.takeLive([live("none"), live("none", "zone zone-1")]);
    assert.equal(guardrails.failure(), undefined);
    assert.deepEqual(guardrails.lines(), [
      "Guardrails broken by what is live, which this change does not touch and which blocks nothing: timeouts-kept (2). With --output json each resource is named.",
    ]);
    assert.equal(guardrails.brokenBefore().length, 2);
    guardrails.takeLive([live("brings"), live("keeps")]);
    assert.match(guardrails.failure()?.message ?? "", /broken: timeouts-kept\./);
    assert.deepEqual(guardrails.lines().slice(1), [
      "  mandatory timeouts-kept, MeshTimeout default/brings on the global: One is off.",
      "  mandatory timeouts-kept, MeshTimeout default/keeps on the global, as today: One is off.",
    ]);
    const off = of("mandatory", { "timeouts-kept": "off" });
    off?.takeLive([live("none"), live("brings")]);
    assert.deepEqual(off?.lines(), []);
  });

  describe("with a preview", () => {
    const failed = (text: string) => Promise.reject(new OperationFailed(text));

    it("are left out in one sentence where the engine cannot run the pack", async () => {
      const lines: string[] = [];
      const seen: object[] = [];
      const guardrails = of("advisory", { "timeouts-kept": "mandatory" });
      const result = await withGuardrails(
        guardrails,
        directory,
        (line) => void lines.push(line),
        ({ options }) => {
          seen.push(options);
          return seen.length === 1
            ? failed(`policy pack "/a/b" failed to start: it ended\nand more`)
            : Promise.resolve("previewed");
        },
      );
      assert.equal(result, "previewed");
      assert.deepEqual(seen[1], {});
      assert.throws(
        () => assertHeld(guardrails),
        (error: Error) => /none was looked at/.test(error.message) && exitStatusOf(error) === 3,
      );
      assert.deepEqual(lines, [
        'Guardrails were not looked at, as the engine could not run the policy pack: policy pack "/a/b" failed to start: it ended',
      ]);
    });

    it("leave every other failure as it is", async () => {
      const preview = withGuardrails(
        of("advisory"),
        directory,
        () => {},
        () => failed("zone zone-1 does not answer"),
      );
      await assert.rejects(preview, /zone zone-1 does not answer/);
    });
  });
});
