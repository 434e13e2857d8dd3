import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { UsageError } from "../../../../cli/terminal/errors";
import {
  readConfigOf,
  readStackFile,
  stackFilePath,
  useKeptStackFile,
} from "../../../../cli/stack/file/stackFile";
import { cleanUp, setEnvironment, tempDir } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";

const ROOT = path.resolve(__dirname, "../../../..");
const PROJECT = "name: kuma-federation\nconfig:\n  onConflict:\n    type: string\n    default: overwrite\n";
const STACK = `
config:
  kuma-federation:global: { platform: universal, portBase: 5600 }
  kuma-federation:zones: [{ name: zone-1, platform: universal, portBase: 6600 }]
`;

const BEFORE_THAT = " To take a stack's file away takes nothing down: npm run destroy does, before that.";

describe("cli/stack/file/stackFile", () => {
  let root: string;
  beforeEach(() => {
    setEnvironment("KUMA_FEDERATION_STACKS", undefined);
    setEnvironment("KUMA_FEDERATION_STATE", undefined);
    root = tempDir();
    fs.writeFileSync(path.join(root, "Pulumi.yaml"), PROJECT);
  });
  afterEach(cleanUp);

  const write = (text: string, stack = "dev") =>
    fs.writeFileSync(path.join(root, `Pulumi.${stack}.yaml`), text);
  const usageError = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      assert.ok(error instanceof UsageError, String(error));
      return error.message;
    }
    return assert.fail("accepted");
  };

  it("reads the settings of a stack, and the project's where the stack has none", () => {
    write(STACK);
    const { global, zones, onConflict } = readConfigOf(root, "dev");
    assert.deepEqual([global.platform, zones[0].name, onConflict], ["universal", "zone-1", "overwrite"]);
    write(`${STACK}  kuma-federation:onConflict: keepGlobal\n`);
    assert.equal(readConfigOf(root, "dev").onConflict, "keepGlobal");
  });

  it("reads settings without the project's name", () => {
    write(STACK.replaceAll("kuma-federation:", ""));
    assert.equal(readConfigOf(root, "dev").zones.length, 1);
  });

  it("refuses a setting whose namespace or name is misspelt, also one without a namespace", async () => {
    for (const [line, message] of [
      [
        "kuma-federaton:onDrift: report",
        /^The setting kuma-federaton:onDrift has no effect, .* write kuma-federation:onDrift\.$/,
      ],
      ["other:policies: p", /^The setting other:policies has no effect/],
      ["kumafederation:polices: p", /^The setting kumafederation:polices has no effect/],
      ["polices: p", /^The setting polices is not known; allowed are /],
      ["kuma-federation:polices: p", /^The setting polices is not known; allowed are /],
    ] as const) {
      write(`${STACK}  ${line}\n`);
      assert.match((await kumaErrorOf(() => readConfigOf(root, "dev"))).message, message);
    }
    write(`${STACK}  kubernetes:context: c\n  pulumi:tags: {a: b}\n  myorg:team: x\n`);
    assert.equal(readConfigOf(root, "dev").zones.length, 1);
  });

  it("reads a setting that pulumi config wrote as JSON, as the program does", () => {
    write(
      STACK.replace(
        "[{ name: zone-1, platform: universal, portBase: 6600 }]",
        () => `'[{"name": "zone-1", "platform": "universal", "portBase": 6600}]'`,
      ),
    );
    assert.equal(readConfigOf(root, "dev").zones.length, 1);
  });

  it("keeps a date in the values for a chart as the text that stands there", () => {
    const values = "values: { <<: { tag: 2024-05-01 }, other: x }";
    write(
      STACK.replace(
        /kuma-federation:global: .*/,
        `kuma-federation:global: { platform: kubernetes, context: c, kds: { sourceRanges: everyone }, ${values} }`,
      ),
    );
    const { global } = readConfigOf(root, "dev");
    assert.deepEqual(global.platform === "kubernetes" && global.values, { tag: "2024-05-01", other: "x" });
  });

  it("takes secrets in the values for a chart, and refuses them where they would not stay secret", () => {
    const values = (controlPlane: string) =>
      STACK.replace(/kuma-federation:global: .*/, `kuma-federation:global: ${controlPlane}`);
    const held = "values: { controlPlane: { license: { secure: canary } } }";
    write(values(`{ platform: kubernetes, context: c, kds: { sourceRanges: everyone }, ${held} }`));
    assert.equal(readConfigOf(root, "dev").global.platform, "kubernetes");
    const json =
      '{"platform":"kubernetes","context":"c","values":{"a":{"secure":"canary"}},"installer":"kumactl"}';
    write(values(`'${json.replace('"values"', '"kds":{"sourceRanges":"everyone"},"values"')}'`));
    assert.throws(
      () => readConfigOf(root, "dev"),
      /^KumaError: The setting global\.values\.a is or holds a secret, but without Helm/,
    );
  });

  it("reads the copy of the last run where the file is gone, for taking the stack down only", () => {
    const copy = path.join(root, ".kuma-federation/workspace/gone");
    assert.equal(useKeptStackFile(root, "gone"), undefined);
    fs.mkdirSync(copy, { recursive: true });
    fs.writeFileSync(path.join(copy, "Pulumi.gone.yaml"), STACK);
    assert.match(
      usageError(() => readConfigOf(root, "gone")),
      / It has been run: npm run destroy -- --stack gone takes down what is left of it\.$/,
    );
    assert.equal(useKeptStackFile(root, "gone"), path.join(root, "Pulumi.gone.yaml"));
    assert.equal(readConfigOf(root, "gone").zones.length, 1);
  });

  it("names the stacks that there are when it is asked for another", () => {
    write(STACK, "prod");
    write(STACK, "dev");
    assert.equal(
      usageError(() => readStackFile(root, "test")),
      `There is no stack test: ${path.join(root, "Pulumi.test.yaml")} cannot be read. Stacks here: dev, prod.${BEFORE_THAT}`,
    );
  });

  it("says that there is none", () => {
    assert.match(
      usageError(() => readStackFile(root, "dev")),
      new RegExp(`Stacks here: none\\.${BEFORE_THAT}$`),
    );
    setEnvironment("KUMA_FEDERATION_STACKS", path.join(root, "missing"));
    assert.match(
      usageError(() => readStackFile(root, "dev")),
      new RegExp(`Stacks here: none\\.${BEFORE_THAT}$`),
    );
  });

  it("looks where KUMA_FEDERATION_STACKS says", () => {
    setEnvironment("KUMA_FEDERATION_STACKS", path.join(root, "stacks"));
    assert.equal(stackFilePath(root, "dev"), path.join(root, "stacks", "Pulumi.dev.yaml"));
  });

  it("refuses a file that is no YAML in one line", () => {
    write("config: [");
    const message = usageError(() => readStackFile(root, "dev"));
    assert.match(message, /^\S+Pulumi\.dev\.yaml is not YAML: [^\n]+\.$/);
  });

  for (const text of ["", "text", "- a", "null"]) {
    it(`refuses a file that holds ${JSON.stringify(text)}`, () => {
      write(text);
      assert.equal(
        usageError(() => readStackFile(root, "dev")),
        `${path.join(root, "Pulumi.dev.yaml")} holds no settings.`,
      );
    });
  }

  it("names the settings that are missing", async () => {
    write("encryptionsalt: x\n");
    assert.deepEqual(await kumaErrorOf(() => readConfigOf(root, "dev")), {
      code: "invalid",
      message: [
        "2 things are wrong with the settings:",
        "- The setting global is missing; it must be an object.",
        "- The setting zones is missing; it must be a list of at least one zone.",
      ].join("\n"),
    });
  });

  it("tells of a token in clear text among what else is wrong, and does not show it", async () => {
    write(`${STACK}  kuma-federation:globalToken: canary\n  kuma-federation:onDrift: never\n`);
    const { message } = await kumaErrorOf(() => readConfigOf(root, "dev"));
    assert.deepEqual(message.split("\n"), [
      "2 things are wrong with the settings:",
      '- The setting onDrift is "never"; it must be one of repairMissing, repair, report.',
      `- The setting globalToken stands in clear text in ${path.join(root, "Pulumi.dev.yaml")}. Set it with "npm run secret -- --stack dev set globalToken", or give it in the variable KUMA_GLOBAL_TOKEN.`,
    ]);
  });

  describe("the stacks that come with the project", () => {
    const stacks = fs.readdirSync(ROOT).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);

    it("are there for this machine and for clusters", () => {
      for (const stack of ["dev", "kind", "minikube", "contexts"]) assert.ok(stacks.includes(stack), stack);
    });

    for (const stack of stacks) {
      it(`accepts the settings of ${stack}, and the policies that it names`, () => {
        const { global, zones } = readConfigOf(ROOT, stack);
        assert.ok(zones.length > 0);
        for (const zone of zones) {
          if (zone.platform !== "kubernetes" || global.platform !== "kubernetes") continue;
          assert.notEqual(zone.context, global.context);
          assert.equal(zone.product, global.product);
        }
      });
    }

    it("has zones on minikube dial the name under which they reach this machine", () => {
      const { global } = readConfigOf(ROOT, "minikube");
      assert.ok(global.platform === "kubernetes");
      assert.deepEqual(
        [global.kds.host, global.kds.type, global.namespace, global.release],
        ["host.minikube.internal", "LoadBalancer", "kong-mesh-system", "kong-mesh"],
      );
    });
  });
});
