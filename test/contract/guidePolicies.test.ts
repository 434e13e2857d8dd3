import assert from "node:assert/strict";
import * as path from "node:path";
import { policiesFor, readPolicies, type Resource } from "../../kuma";
import { call, get, write } from "./support/client";
import { onEachControlPlane } from "./support/kinds";
import { start, type ControlPlane } from "./support/process";
import { until } from "../support/until";

const POLICIES = readPolicies(path.join(__dirname, "../../policies/demo"), "policies");
const DEMO_APP = "demo-app_kuma-demo_svc_5000";
const REDIS = "redis_kuma-demo_svc_6379";

onEachControlPlane("contract: the guides' policies", (kind) => {
  for (const [form, version] of [
    ["old", "2.9.0"],
    ["new", "2.14.0"],
  ]) {
    describe(`in the ${form} form`, () => {
      let cp: ControlPlane;
      before(async () => (cp = await start(kind, { mode: "zone" })));

      it("are accepted", async () => {
        for (const policy of policiesFor(POLICIES, version)) {
          const answer = await call(cp, "PUT", pathOf(policy), policy);
          assert.equal(answer.status, 201, answer.text);
        }
      });

      // the stand-in does not tell which policies apply to a proxy
      if (!kind.isReal) return;
      it("apply to the data plane proxies of demo-app and redis, and to the service redis", async () => {
        await write(cp, "/meshes/default/dataplanes/demo-app", proxy("demo-app", 5000, DEMO_APP));
        await write(cp, "/meshes/default/dataplanes/redis", proxy("redis", 6379, REDIS));
        await write(cp, "/meshes/default/meshservices/redis", redisService);

        // rules are computed from a view of the mesh that is renewed about once a second
        const seen = async () => {
          const { toRules, toResourceRules } = await ruleOf(cp, "demo-app", "MeshCircuitBreaker");
          const { fromRules } = await ruleOf(cp, "redis", "MeshTrafficPermission");
          const limits = toResourceRules.find(({ origin }) => origin.some(isOurs));
          return {
            meshService: limits?.resourceMeta.name,
            maxPendingRequests: limits?.conf[0].connectionLimits.maxPendingRequests,
            isForTheTag: toRules.some(({ matchers }) => matchers.some(({ value }) => value === REDIS)),
            allowed: fromRules.flatMap(({ rules }) => rules.map(({ conf, matchers }) => [conf, matchers])),
          };
        };
        await until("the policies to apply", async () => (await seen()).meshService !== undefined);
        assert.deepEqual(await seen(), {
          meshService: "redis",
          maxPendingRequests: 8,
          isForTheTag: true,
          allowed: [[{ action: "Allow" }, [{ key: "kuma.io/service", not: false, value: DEMO_APP }]]],
        });
      });
    });
  }
});

interface Rule {
  type: string;
  toRules: { matchers: { value: string }[] }[];
  toResourceRules: {
    conf: { connectionLimits: { maxPendingRequests: number } }[];
    origin: Origin[];
    resourceMeta: { name: string };
  }[];
  fromRules: { rules: { conf: unknown; matchers: unknown[] }[] }[];
}

interface Origin {
  resourceMeta: { name: string };
}

function isOurs({ resourceMeta }: Origin): boolean {
  return resourceMeta.name === "demo-app-to-redis";
}

async function ruleOf(cp: ControlPlane, proxyName: string, type: string): Promise<Rule> {
  const { rules } = (await get(cp, `/meshes/default/dataplanes/${proxyName}/_rules`)) as { rules: Rule[] };
  return rules.find((rule) => rule.type === type) ?? assert.fail(`no rule of a ${type} for ${proxyName}`);
}

function pathOf({ type, mesh, name }: Resource): string {
  return `/meshes/${mesh}/${type.toLowerCase()}s/${name}`;
}

/** As a zone on Kubernetes makes one for a pod. */
function proxy(app: string, port: number, service: string): Record<string, unknown> {
  const inbound = [{ port, tags: { "kuma.io/service": service } }];
  const outbound = [{ port: 16379, tags: { "kuma.io/service": REDIS } }];
  const networking = { address: "127.0.0.1", inbound, ...(app === "redis" ? {} : { outbound }) };
  return { type: "Dataplane", mesh: "default", name: app, labels: { app }, networking };
}

/** As a zone on Kubernetes makes one for a service. */
const redisService = {
  type: "MeshService",
  mesh: "default",
  name: "redis",
  labels: { "kuma.io/display-name": "redis", "k8s.kuma.io/namespace": "kuma-demo" },
  spec: {
    selector: { dataplaneTags: { app: "redis" } },
    ports: [{ name: "6379", port: 6379, targetPort: 6379, appProtocol: "tcp" }],
  },
};
