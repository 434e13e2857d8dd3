import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { RULES } from "../../../policies/pack/rules";
import { cleanUp } from "../../support/cleanUp";
import { FakeCluster } from "../../support/kubernetes/fakeCluster";
import { needsEngine } from "../../support/pulumi/engine";
import { ROOT, Sandbox, oneZone } from "../support";

/** Stands in a credential, and is told to nobody. */
const VALUE = "told-to-nobody";
const WHOLE = { kind: "Mesh" };
const REDIS = { kind: "MeshService", name: "redis" };
const mtls = (mode = "STRICT") => ({
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin", mode }] },
});
const policy = (type: string, spec: object, more: object = {}) => ({
  ...{ type, mesh: "default", name: type.toLowerCase(), spec },
  ...more,
});
const to = (conf: object) => ({ targetRef: WHOLE, to: [{ targetRef: WHOLE, default: conf }] });
const permission = (name: string, mesh: string, action: string) =>
  policy(
    "MeshTrafficPermission",
    { targetRef: WHOLE, from: [{ targetRef: WHOLE, default: { action } }] },
    { name, mesh },
  );

/** What the files of a stack hold that breaks each rule on resources of meshes. */
const BROKEN = [
  { type: "Mesh", name: "open" },
  { type: "Mesh", name: "lax", ...mtls("PERMISSIVE") },
  permission("for-all", "default", "Allow"),
  permission("for-none", "default", "Deny"),
  policy("MeshTimeout", to({ http: { requestTimeout: "0s" } })),
  policy("MeshRetry", to({ http: { numRetries: 9 } })),
  policy("MeshCircuitBreaker", to({ connectionLimits: { maxConnections: 2 } })),
  policy("MeshHTTPRoute", {
    targetRef: WHOLE,
    to: [{ targetRef: REDIS, rules: [{ matches: [], default: { backendRefs: [{ ...REDIS, weight: 1 }] } }] }],
  }),
  policy("MeshProxyPatch", {
    targetRef: WHOLE,
    default: { appendModifications: [{ cluster: { operation: "Remove", match: { name: "x" } } }] },
  }),
  policy("MeshFaultInjection", to({ http: [{ abort: { httpStatus: 500, percentage: 50 } }] })),
  policy("MeshTimeout", to({ connectionTimeout: "5s" }), {
    ...{ name: "of-a-zone", labels: { "kuma.io/origin": "zone" } },
  }),
  policy(
    "MeshTimeout",
    { ...to({ connectionTimeout: "5s" }), targetRef: { kind: "Dataplane", labels: { app: "nobody" } } },
    { name: "of-nobody" },
  ),
];

/**
 * Those that no preview of a stack of this program can break, and why: they are for programs of others, whose previews show them
 * (the cases in test/policies/pack hold them to what such a program registers).
 */
const OF_OTHER_PROGRAMS: Record<string, string> = {
  "api-encrypted": "the stack's file takes no address without TLS but of this machine",
  "zone-names-once": "the stack's file takes no name twice",
  "settings-seen": "it installs control planes by Helm releases, or writes what kumactl gives it by itself",
};

const seen = new Set<string>();

describe("every rule of the policy pack, by npm run preview", function () {
  needsEngine();
  this.timeout(600_000);
  let sandbox: Sandbox;

  before(() => {
    sandbox = new Sandbox();
  });
  after(() => sandbox?.remove());
  afterEach(cleanUp);

  /** Rules that are told as broken; those that are said to be undecided stand apart. */
  async function rulesOf(stack: string) {
    const { status, output } = await sandbox.run("preview", "--stack", stack);
    assert.equal(status, 0, output);
    const told = [...output.matchAll(/^ {2}advisory (\S+), /gm)].map(([, rule]) => rule);
    for (const rule of told) seen.add(rule);
    return { told: [...new Set(told)].sort(), output };
  }

  const writePolicies = (policies: object[]) => {
    const directory = path.join(sandbox.directory, "policies");
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(path.join(directory, "all.yaml"), policies.map((each) => yaml.dump(each)).join("---\n"));
    return directory;
  };

  it("on settings and files of a stack of processes", async () => {
    const names = ["zone-1", "1st", "alone-1", "alone-2"];
    const stacks = await Promise.all(names.map(async (name) => (await oneZone({ name })).config));
    const zones = stacks.flatMap((stack) => stack.zones as object[]);
    sandbox.writeStack("prod", {
      ...stacks[0],
      zones: zones.map((zone, at) => ({ ...zone, federated: at < 2 })),
      policies: writePolicies(BROKEN),
      onConflict: [
        { resources: "Mesh default", choice: "keepGlobal", endsMtls: true },
        { resources: "*", choice: "overwrite" },
      ],
      ...{ onUndo: "removeFromGlobal", onFailedSwitch: "leave" },
    });
    const { told, output } = await rulesOf("prod");
    assert.deepEqual(
      told,
      [
        ...[
          "circuit-breaker-narrow",
          "conflicts-named",
          "failed-switch-taken-back",
          "faults-narrow",
          "mesh-mtls",
        ],
        ...[
          "mtls-not-ended",
          "mtls-strict",
          "passthrough-off",
          "permission-narrow",
          "permission-not-denied-to-all",
        ],
        ...[
          "protected-in-production",
          "proxy-patch-narrow",
          "ready-for-kuma-3",
          "retries-bounded",
          "routes-narrow",
        ],
        ...["server-labels-unset", "store-kept", "target-exists", "timeouts-kept", "undo-keeps-on-global"],
        ...["zone-name-valid", "zones-federated"],
      ],
      output,
    );
  });

  it("on what a change takes away", async () => {
    const { config } = await oneZone();
    const before = [
      { type: "Mesh", name: "pay", ...mtls() },
      permission("for-all", "pay", "Allow"),
      { type: "Mesh", name: "shop", ...mtls() },
    ];
    sandbox.writeStack("test", { ...config, policies: writePolicies(before) });
    const { status, output: up } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, up);
    writePolicies([before[0], { type: "Mesh", name: "shop" }]);
    const { told, output } = await rulesOf("test");
    for (const rule of ["mtls-kept", "permission-left"]) assert.ok(told.includes(rule), output);
  });

  it("on what is to be installed in clusters, before anything is there", async () => {
    sandbox.environment.PATH = `${echoProvider()}:${process.env.PATH}`;
    const controlPlane = (envVars: object, more: object = {}) => ({ controlPlane: { envVars, ...more } });
    const zone = async (name: string, chartVersion: string) => ({
      ...{ name, platform: "kubernetes", install: "helm", chartVersion, ingress: false },
      ...(await cluster(name)),
      values: controlPlane({ KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY: "true" }),
    });
    sandbox.writeStack("live", {
      global: {
        ...{ platform: "kubernetes", chartVersion: "2.13.1", replicas: 1, kds: { sourceRanges: "everyone" } },
        ...(await cluster("global")),
        values: controlPlane(
          { KUMA_MULTIZONE_GLOBAL_KDS_TLS_ENABLED: "false", KUMA_STORE_POSTGRES_PASSWORD: VALUE },
          { injectorFailurePolicy: "Ignore", service: { type: "NodePort" } },
        ),
      },
      zones: [await zone("zone-1", "2.14.3"), await zone("zone-2", "2.x")],
    });
    const { told, output } = await rulesOf("live");
    assert.deepEqual(
      told,
      [
        ...["api-not-published", "chart-version-pinned", "global-replicas", "injector-fails-closed"],
        ...[
          "kds-certificate-verified",
          "kds-encrypted",
          "kds-load-balancer-internal",
          "kds-open-to-everyone",
        ],
        ...[
          "localhost-not-admin",
          "no-credentials-in-values",
          "protected-in-production",
          "versions-together",
        ],
        "zone-ingress",
      ],
      output,
    );
    assert.doesNotMatch(output, new RegExp(VALUE));
    // what depends on an address, or an authority, that the global has only once it is made
    const [, open = ""] = /^Guardrails that are not decided, .* once it is made: (.*)$/m.exec(output) ?? [];
    assert.deepEqual(open.match(/[a-z-]+(?= \()/g), [
      ...["kds-certificate-verified", "kds-encrypted", "no-credentials-in-values"],
    ]);
  });

  /** A cluster with nothing in it, and how a stack's file names it. */
  async function cluster(context: string): Promise<{ context: string; kubeconfig: string }> {
    const fake = await FakeCluster.start();
    const [name, metadata] = ["kube-system", { name: "kube-system", uid: `uid-of-${context}` }];
    fake.add(`/api/v1/namespaces/${name}`, { apiVersion: "v1", kind: "Namespace", metadata });
    const kubeconfig = path.join(sandbox.directory, `${context}.kubeconfig`);
    fs.writeFileSync(kubeconfig, fake.kubeconfig(context));
    return { context, kubeconfig };
  }

  /** The directory of a provider that stands in for that of Kubernetes. */
  function echoProvider(): string {
    const bin = path.join(sandbox.directory, "bin");
    fs.mkdirSync(bin);
    const provider = path.join(ROOT, "test/support/pulumi/echoProvider.ts");
    const program = `'${process.execPath}' --require '${ROOT}/toolchain/typescript.js' '${provider}'`;
    const script = `#!/bin/sh\ncd '${ROOT}' && exec ${program} "$@"\n`;
    fs.writeFileSync(path.join(bin, "pulumi-resource-kubernetes"), script, { mode: 0o755 });
    return bin;
  }

  it("leaves out none but those that no stack's file can break", () => {
    const left = RULES.map(({ name }) => name).filter((name) => !seen.has(name));
    assert.deepEqual(left.sort(), Object.keys(OF_OTHER_PROGRAMS).sort());
  });
});
