import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, oneZone } from "../support";

const WHOLE = { kind: "Mesh" };
/** Stands in a policy that breaks a rule, and is told to nobody. */
const VALUE = "told-to-nobody";

const BROKEN = [
  {
    ...{ type: "MeshTrafficPermission", mesh: "default", name: "for-all" },
    spec: { targetRef: WHOLE, from: [{ targetRef: WHOLE, default: { action: "Allow" } }] },
  },
  {
    ...{ type: "MeshRetry", mesh: "default", name: "often" },
    spec: {
      targetRef: WHOLE,
      to: [{ targetRef: WHOLE, default: { http: { numRetries: 4, retryOn: ["5xx"] } } }],
    },
  },
  {
    ...{ type: "MeshProxyPatch", mesh: "default", name: "patch" },
    spec: {
      targetRef: WHOLE,
      default: {
        appendModifications: [{ cluster: { operation: "Patch", match: { name: VALUE }, value: "{}" } }],
      },
    },
  },
];
const KEPT = [
  {
    ...{ type: "MeshTrafficPermission", mesh: "default", name: "redis" },
    spec: {
      targetRef: { kind: "Dataplane", labels: { app: "redis" } },
      rules: [{ default: { allow: [{ spiffeID: { type: "Exact", value: "spiffe://default/ns/a/sa/b" } }] } }],
    },
  },
];

/** The real engine runs the pack, and tells what it found. */
describe("guardrails of npm run preview", function () {
  needsEngine();
  this.timeout(600_000);
  let sandbox: Sandbox;
  let config: Record<string, unknown>;

  before(async () => {
    sandbox = new Sandbox();
    ({ config } = await oneZone());
  });
  after(() => sandbox?.remove());

  async function preview(more: object, policies: object[] = BROKEN) {
    const directory = path.join(sandbox.directory, "policies");
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(path.join(directory, "all.yaml"), policies.map((each) => yaml.dump(each)).join("---\n"));
    sandbox.writeStack("test", { ...config, policies: directory, ...more });
    const { status, output } = await sandbox.run("preview", "--stack", "test");
    const told = [...output.matchAll(/^ {2}(advisory|mandatory) (\S+), ([^:]+): (.*)$/gm)];
    return {
      status,
      output,
      told: told.map(([, level, rule, resource]) => `${level} ${rule} ${resource}`).sort(),
    };
  }

  it("are advice by default: each by its name, after the changes, without a value", async () => {
    const { status, output, told } = await preview({});
    assert.equal(status, 0, output);
    assert.deepEqual(
      told,
      ["permission-narrow", "proxy-patch-narrow", "ready-for-kuma-3"].map(
        (rule) => `advisory ${rule} policies`,
      ),
      output,
    );
    assert.match(output, /MeshProxyPatch patch changes .* \(docs\/guardrails\.md#proxy-patch-narrow\)$/m);
    assert.ok(output.indexOf("create   policies") < output.indexOf("Guardrails that are broken:"), output);
    assert.doesNotMatch(output, new RegExp(VALUE));
    assert.doesNotMatch(output, /pulumi-analyzer-policy-nodejs/);
  });

  it("fail the preview where they are mandatory, by the settings of each", async () => {
    const { status, output, told } = await preview({
      guardrails: "mandatory",
      guardrailRules: {
        "permission-narrow": "advisory",
        "ready-for-kuma-3": "off",
        "retries-bounded": { level: "advisory", most: 3 },
      },
    });
    assert.equal(status, 1, output);
    assert.deepEqual(
      told,
      [
        "advisory permission-narrow policies",
        "advisory retries-bounded policies",
        "mandatory proxy-patch-narrow policies",
      ],
      output,
    );
    assert.match(
      output,
      /^error: Guardrails that are mandatory are broken: proxy-patch-narrow\. Nothing was changed\. /m,
    );
  });

  it("hold up no stack that keeps them, and tell in one line what was live before", async () => {
    const { status, output, told } = await preview({ guardrails: "mandatory" }, KEPT);
    assert.equal(status, 0, output);
    assert.deepEqual(told, [], output);
    assert.doesNotMatch(output, /Guardrails that are broken:/);
    // Kuma's own default policies break some
    const [, live = ""] =
      /^Guardrails broken by what is live, which .* blocks nothing: (.*)\. With --output json/m.exec(
        output,
      ) ?? [];
    assert.deepEqual(live.split(", ").sort(), [
      "circuit-breaker-narrow (1)",
      "passthrough-off (1)",
      "ready-for-kuma-3 (5)",
      "timeouts-kept (1)",
    ]);
  });

  it("name a policy that selects none of the proxies that a zone brings", async () => {
    const misspelt = structuredClone(KEPT);
    misspelt[0].spec.targetRef.labels.app = "reddis";
    const { status, output, told } = await preview({ guardrails: "mandatory" }, misspelt);
    assert.equal(status, 1, output);
    assert.deepEqual(
      told,
      ["mandatory target-exists MeshTrafficPermission default/redis on the global"],
      output,
    );
  });

  it("refuse a setting that a rule cannot take, before anything is started", async () => {
    const { status, output } = await preview({ guardrailRules: { "retries-bounded": { most: "many" } } });
    assert.equal(status, 2, output);
    assert.match(output, /guardrailRules\.retries-bounded\.most must be a whole number from 0 on\./);
    assert.doesNotMatch(output, /is started/);
  });

  describe("where the engine cannot run the pack", () => {
    let crippled: Sandbox;

    before(() => {
      // the engine starts it in vain
      const place = path.join(sandbox.directory, "node-options.js");
      fs.writeFileSync(place, `if (/policyPackHost/.test(process.argv[1] ?? "")) process.exit(7);`);
      crippled = new Sandbox({ NODE_OPTIONS: `--require ${place}` });
    });
    after(() => crippled?.remove());

    const run = (guardrails: string) => {
      crippled.writeStack("test", { ...config, guardrails });
      return crippled.run("preview", "--stack", "test");
    };

    it("are named as not looked at, and the preview goes on", async () => {
      const { status, output } = await run("mandatory");
      assert.equal(status, 3, output);
      assert.match(output, /^error: Guardrails are mandatory, and none was looked at/m);
      assert.match(output, /^Guardrails were not looked at, as the engine could not run the policy pack: /m);
      assert.equal(output.match(/^ {2}create {3}zone-1-resources$/gm)?.length, 1, output);
    });

    it("are advice otherwise, so that not to look at them fails nothing", async () => {
      const { status, output } = await run("advisory");
      assert.equal(status, 0, output);
      assert.match(output, /^Guardrails were not looked at, /m);
    });

    it("do not start it with off", async () => {
      const { status, output } = await run("off");
      assert.equal(status, 0, output);
      assert.doesNotMatch(output, /guardrail/i);
    });
  });
});
