import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import * as v from "valibot";
import { ConfigSource, readStackConfig } from "../../stack/config";
import { faultsOf } from "../../stack/faults";
import { integer, object, optional, text } from "../../stack/schema/fields";
import { kumaErrorOf } from "../support/errors";

type Values = Record<string, unknown>;

const RIGHT: Values = {
  global: { platform: "universal", portBase: 5600 },
  zones: [{ name: "zone-1", platform: "universal", portBase: 6600 }],
};

async function faults(values: Values, source: Partial<ConfigSource> = {}): Promise<string[]> {
  const all: Values = { ...RIGHT, ...values };
  const read = () =>
    readStackConfig({ keys: [], get: (key) => all[key], secretsIn: () => [], ...source }, "test");
  const { code, message } = await kumaErrorOf(read);
  assert.equal(code, "invalid");
  return message.split("\n");
}

describe("stack/faults", () => {
  it("tells of everything that is wrong at once, one sentence for each setting", async () => {
    const zone = { name: "zone-1", platform: "universal", portBase: 6600 };
    assert.deepEqual(
      await faults(
        {
          global: { platform: "kubernetes", replicas: 0, kds: { host: "::1", sourceRanges: ["10.0.0.0"] } },
          zones: [
            { ...zone, store: "disk", nmae: "x", prot: 1 },
            { ...zone, portBase: 6610 },
            { name: "", platform: "openshift" },
          ],
          onConflict: [{ resources: "Mesh *", choice: "drop" }, 7],
          onDrift: "never",
        },
        { keys: ["kuma-federation:global", "kuma-federation:polices", "kuma-federaton:zones"] },
      ),
      [
        "14 things are wrong with the settings:",
        "- The setting polices is not known; allowed are global, globalToken, konnectToken, kubeconfig, sshPrivateKey, zones, onConflict, onDrift, onUndo, onFailedSwitch, rollout, acceptDifferences, policies, protect, guardrails, guardrailRules, drills.",
        "- The setting kuma-federaton:zones has no effect, as it does not begin with kuma-federation: write kuma-federation:zones.",
        "- The setting global.context is missing; it must be a text.",
        "- The setting global.replicas is 0; it must be a whole number from 1 to 99.",
        '- The setting global.kds.host is "::1"; it must be a host name or an IPv4 address, without scheme and port.',
        '- The setting global.kds.sourceRanges is "10.0.0.0"; it must be everyone, or a list of ranges in CIDR notation, such as [203.0.113.0/24].',
        '- The setting zones[0].store is "disk"; it must be one of auto, memory, postgres.',
        "- The settings zones[0].nmae, zones[0].prot are not known here; allowed are name, platform, federated, enabled, remove, cpToken, profile, portBase, kumaCp, store, postgres, content, product.",
        '- The setting zones[2].platform is "openshift"; it must be one of universal, kubernetes, host.',
        '- The setting onConflict[0].choice is "drop"; it must be one of fail, keepGlobal, overwrite.',
        "- The setting onConflict[1] is 7; it must be a rule with resources and choice, and for a mesh endsMtls, and nothing else.",
        '- The setting onDrift is "never"; it must be one of repairMissing, repair, report.',
        '- Two zones have the name "zone-1"; each zone needs its own.',
        "- Two settings portBase are closer than 20 to each other (near 6610); control planes would share ports.",
      ],
    );
  });

  it("says of a list that it is no object, wherever one is meant", async () => {
    const [only] = await faults({ zones: [[]] });
    assert.equal(only, "The setting zones[0] is []; it must be an object.");
    const postgres = { zones: [{ ...(RIGHT.zones as Values[])[0], store: "postgres", postgres: ["a"] }] };
    assert.deepEqual(await faults(postgres), [
      'The setting zones[0].postgres is ["a"]; it must be an object.',
    ]);
  });

  it("names what a setting is called now that was renamed", () => {
    const schema = object({ name: text(), size: optional(integer(1, 9)) }, { title: "name", weight: "size" });
    const { issues = [] } = v.safeParse(object({ part: schema }), {
      part: { name: "n", title: "x", colour: 1 },
    });
    assert.deepEqual(
      faultsOf(issues, []).map(({ message }) => message),
      [
        "The setting part.title is called name now. The setting part.colour is not known here; allowed are name, size.",
      ],
    );
  });

  describe("does not show what is or may be secret:", () => {
    const shown = async (values: Values, source: Partial<ConfigSource> = {}) => {
      const told = (await faults(values, source)).join("\n");
      assert.doesNotMatch(told, /canary/);
      return told;
    };
    const only = (secret: string) => ({ secretsIn: (key: string) => (key === secret ? [key] : []) });

    it("any value, where Pulumi tells of the whole setting only", async () => {
      const told = await shown({ global: { platform: "universal", portBase: "canary" } }, only("global"));
      assert.match(
        told,
        /- The setting global\.portBase holds what is not shown, as it may be secret; it must be a whole number/,
      );
      assert.match(told, /- The setting global is or holds a secret, but only what stands below values/);
      assert.match(
        await shown({ onDrift: "canary" }, only("onDrift")),
        /^The setting onDrift holds what is not shown, as it may be secret; it must be one of/,
      );
    });

    it("an encrypted value that stands where it would not stay secret", async () => {
      const secure = { secure: "canary" };
      assert.deepEqual(
        await faults(
          { global: { platform: "universal", portBase: secure } },
          { secretsIn: (key) => (key === "global" ? ["global.portBase"] : []) },
        ),
        [
          "The setting global.portBase is or holds a secret, but only what stands below values of a control plane in a cluster stays secret.",
        ],
      );
    });

    it("values for a chart", async () => {
      const values = { license: "canary" };
      await shown({ global: { platform: "kubernetes", context: "c", values: [values] } });
      await shown({ zones: { name: "default", platform: "kubernetes", context: "c", values } });
      await shown({ zones: [[{ name: "default", values }]] });
      await shown({ global: [{ values }] });
    });

    it("a password in an address, the content of a kubeconfig, a setting that is not known", async () => {
      const existing = { platform: "existing", apiUrl: "https://g", kdsAddress: "grpcs://g:5685" };
      await shown({ global: { ...existing, apiUrl: "https://admin:canary@g" } });
      await shown({ global: { ...existing, kdsAddress: "grpc://admin:canary@g:5685" } });
      await shown({ global: { ...existing, token: "canary" } });
      await shown({ global: { platform: "kubernetes", context: "c", kubeconfig: "users: {canary}" } });
    });
  });

  it("ends in sentences for whatever a stack holds", () => {
    const key = fc.constantFrom("platform", "name", "portBase", "kds", "values", "postgres", "context", "x");
    const leaf = fc.constantFrom<unknown>(null, 1, "", "universal", "kubernetes", "konnect", true, [], {});
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: "small" }, leaf, fc.dictionary(key, tie("value")), fc.array(tie("value"))),
    }));
    fc.assert(
      fc.property(value, value, value, (global, zones, onConflict) => {
        const all: Values = { global, zones, onConflict };
        try {
          readStackConfig({ keys: [], get: (name) => all[name], secretsIn: () => [] }, "test");
        } catch (error) {
          const { name, message } = error as Error;
          assert.equal(name, "KumaError", message);
          for (const line of message.split("\n").filter((each) => each.startsWith("- ")))
            assert.match(line, /^- (The settings? [\w.[\]]+|Two |Give either ).*\.$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
