import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  AuthorizationV1Api,
  KubeConfig,
  KubernetesObject,
  KubernetesObjectApi,
} from "@kubernetes/client-node";
import * as yaml from "js-yaml";
import { openControlPlane } from "../../platforms/openControlPlane";
import { KubernetesCluster } from "../../platforms/kubernetes/cluster";
import { readRelease } from "../../platforms/kubernetes/helm/helmRelease";
import { untilLoadBalancerHost } from "../../platforms/kubernetes/loadBalancer";
import { dispatch } from "../../resources/provider/dispatch";
import { cleanUp, later } from "../support/cleanUp";
import { FakeCluster } from "../support/kubernetes/fakeCluster";
import { sharedKubeApi } from "../support/kubernetes/kubeApi";

const MANIFEST = path.join(__dirname, "../../docs/manifests/preview-role.yaml");
const NAMESPACE = "kuma-system";

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}
type Manifest = KubernetesObject & { metadata: { name: string; namespace?: string }; rules?: Rule[] };

/** What is asked of a cluster, as RBAC sees it. */
interface Attempt {
  verb: string;
  resource: string;
  group?: string;
  namespace?: string;
  name?: string;
}

const OBJECTS = yaml.loadAll(fs.readFileSync(MANIFEST, "utf8")) as Manifest[];
const rulesOf = (kind: string) =>
  OBJECTS.filter((each) => each.kind === kind).flatMap(({ rules = [] }) => rules);

/** One attempt for each verb of each rule. */
const GRANTED: Attempt[] = ["Role", "ClusterRole"].flatMap((kind) =>
  rulesOf(kind).flatMap(({ apiGroups: [group], resources, verbs, resourceNames }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => ({
        verb,
        resource,
        ...(group !== "" && { group }),
        ...(kind === "Role" && { namespace: NAMESPACE }),
        ...(resourceNames && { name: resourceNames[0] }),
      })),
    ),
  ),
);

/** Not asked of the fake cluster: the connection itself, and the verb that newer clusters want for it. */
const TUNNEL: Attempt[] = ["get", "create"].map((verb) => ({
  verb,
  resource: "pods/portforward",
  namespace: NAMESPACE,
}));

const REFUSED: Attempt[] = [
  ...["create", "update", "patch", "delete"].map((verb) => ({
    verb,
    resource: "secrets",
    namespace: NAMESPACE,
  })),
  { verb: "create", resource: "pods/exec", namespace: NAMESPACE },
  { verb: "list", resource: "secrets", namespace: "default" },
  { verb: "list", resource: "secrets" },
  { verb: "get", resource: "namespaces", name: "default" },
];

describe("docs/manifests/preview-role.yaml", () => {
  afterEach(cleanUp);

  it("grants what a preview asks of a cluster, and nothing more", async () => {
    const cluster = await FakeCluster.start();
    furnish(cluster);
    await reads(cluster.reference());
    assert.deepEqual(cluster.writes, []);
    const asked = [...cluster.requests.map(({ path: url }) => attemptOf(url)), ...TUNNEL];
    const isAllowed = ({ verb, resource, namespace, name }: Attempt) =>
      rulesOf(namespace === undefined ? "ClusterRole" : "Role").some(
        (rule) =>
          rule.resources.includes(resource) &&
          rule.verbs.includes(verb) &&
          (rule.resourceNames?.includes(name ?? "") ?? true),
      );
    assert.deepEqual(
      asked.filter((each) => !isAllowed(each)),
      [],
    );
    const unused = GRANTED.filter(
      ({ verb, resource }) => !asked.some((each) => each.verb === verb && each.resource === resource),
    );
    assert.deepEqual(unused, []);
  });

  describe("on a real API server", () => {
    let config: KubeConfig;
    let kubeconfig: string;
    before(async function () {
      ({ kubeconfig } = await sharedKubeApi(this));
      config = new KubeConfig();
      config.loadFromString(kubeconfig);
      const admin = KubernetesObjectApi.makeApiClient(config);
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };
      // the user "stranger", who has no rights of his own, in place of the account
      const subjects = [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "stranger" }];
      const objects = OBJECTS.map((each) => (each.kind?.endsWith("Binding") ? { ...each, subjects } : each));
      // other tests make it as well
      await admin.create(namespace).catch((error: unknown) => {
        if ((error as { code?: number }).code !== 409) throw error;
      });
      for (const object of objects) await admin.create(object);
      config.setCurrentContext("stranger");
    });
    after(async () => {
      if (!config) return;
      config.setCurrentContext("admin");
      const admin = KubernetesObjectApi.makeApiClient(config);
      for (const object of OBJECTS.toReversed()) await admin.delete(object);
    });

    /** `kubectl auth can-i`. */
    const canI = async ({ verb, group, resource: whole, namespace, name }: Attempt) => {
      const [resource, subresource] = whole.split("/");
      const { status } = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
        body: { spec: { resourceAttributes: { verb, group, resource, subresource, namespace, name } } },
      });
      return status?.allowed;
    };

    for (const attempt of GRANTED)
      it(`may ${shown(attempt)}`, async () => assert.equal(await canI(attempt), true));
    for (const attempt of REFUSED)
      it(`may not ${shown(attempt)}`, async () => assert.equal(await canI(attempt), false));

    it("reads a Helm release with it", async () => {
      const cluster = await KubernetesCluster.load({ context: "stranger", kubeconfig });
      later(() => cluster.close());
      assert.equal(await readRelease(cluster, NAMESPACE, "kuma"), undefined);
    });
  });
});

function shown({ verb, resource, namespace, name }: Attempt): string {
  return [verb, resource, name, namespace && `in ${namespace}`].filter(Boolean).join(" ");
}

/** Method GET as RBAC calls it. */
function attemptOf(url: string): Attempt {
  const { pathname } = new URL(url, "http://cluster");
  // of the core group, or of a named one
  const [scope, namespace, resource, name] = pathname.split("/").slice(pathname.startsWith("/api/") ? 3 : 4);
  if (resource === undefined) return { verb: "get", resource: scope, name: namespace };
  return {
    verb: name === undefined ? "list" : "get",
    resource,
    namespace,
    ...(name !== undefined && { name }),
  };
}

/** What a preview looks at in a cluster: which one it is, the control plane, its release, its load balancer. */
async function reads(reference: { context: string; kubeconfig: string }): Promise<void> {
  await dispatch("kubernetesClusters").check({}, { clusters: { global: reference } });
  await dispatch("kubernetesObjects").check(
    {},
    {
      ...reference,
      role: "global",
      zones: ["default"],
      objects: [
        { kind: "Namespace", name: NAMESPACE, isShareable: true },
        { kind: "Service", namespace: NAMESPACE, name: "kuma-global-zone-sync" },
        { kind: "Secret", namespace: NAMESPACE, name: "kuma-kds-global-server-tls" },
      ],
      ofRelease: {
        namespace: NAMESPACE,
        name: "kuma",
        objects: [
          { kind: "ClusterRole", name: "kuma-control-plane" },
          {
            kind: "MutatingWebhookConfiguration",
            name: "kuma-admission-mutating-webhook-configuration",
          },
        ],
      },
    },
  );
  const url = `kubernetes://${reference.context}/${NAMESPACE}/kuma-control-plane`;
  const controlPlane = await openControlPlane(
    { url, kubeconfig: reference.kubeconfig },
    "the global control plane",
  );
  controlPlane.close();
  const cluster = await KubernetesCluster.load(reference);
  await readRelease(cluster, NAMESPACE, "kuma");
  cluster.close();
  await untilLoadBalancerHost({ ...reference, namespace: NAMESPACE, service: "kuma-global-zone-sync" }, 1);
}

function furnish(cluster: FakeCluster): void {
  const add = (where: string, object: Record<string, unknown>, labels: Record<string, string> = {}) => {
    const metadata = { name: where.split("/").at(-1) ?? "", labels };
    cluster.add(where, { apiVersion: "v1", kind: "Any", metadata, ...object });
  };
  const inSystem = `/api/v1/namespaces/${NAMESPACE}`;
  add("/api/v1/namespaces/kube-system", {});
  add(`${inSystem}/services/kuma-control-plane`, {
    spec: { selector: { app: "kuma" }, ports: [{ port: 5681, targetPort: 5681 }] },
  });
  add(`${inSystem}/services/kuma-global-zone-sync`, {
    status: { loadBalancer: { ingress: [{ ip: "10.0.0.7" }] } },
  });
  add(
    `${inSystem}/pods/kuma-1`,
    { status: { conditions: [{ type: "Ready", status: "True" }] } },
    { app: "kuma" },
  );
  add(`${inSystem}/secrets/admin-user-token`, { data: { value: "Y2FuYXJ5" } });
}
