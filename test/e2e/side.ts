import { digest, exportZone, manifestOf, type Manifest } from "../../kuma";
import { KubernetesCluster, type KubernetesObject } from "../../platforms/kubernetes/cluster";
import { openKubernetesControlPlane } from "../../platforms/kubernetes/controlPlane";
import { readRelease, type HelmRelease } from "../../platforms/kubernetes/helm/helmRelease";
import { controlPlaneService, namesOf } from "../../platforms/kubernetes/products";
import type { Arguments } from "./arguments";

const KUMA = "/apis/kuma.io/v1alpha1";
/** Written by control planes all the time. */
const BUSY = /insights$|^zones$|^dataplanes$|^workloads$/;
const MARKER_SPEC = {
  // of a service that nobody is
  targetRef: { kind: "MeshSubset", tags: { "kuma.io/service": "kuma-federation-e2e" } },
  to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "10s" } }],
};

type List = { items: KubernetesObject[] };

/** One of the two clusters, as a user with kubectl and helm sees it. */
export class Side {
  private constructor(
    readonly cluster: KubernetesCluster,
    private readonly context: string,
    private readonly args: Arguments,
  ) {}

  static async open(context: string, args: Arguments): Promise<Side> {
    return new Side(await KubernetesCluster.load({ context, kubeconfig: args.kubeconfig }), context, args);
  }

  close(): void {
    this.cluster.close();
  }

  get namespace(): string {
    return this.args.namespace ?? namesOf(this.args.product).namespace;
  }

  release(): Promise<HelmRelease | undefined> {
    return readRelease(this.cluster, this.namespace, this.args.release ?? namesOf(this.args.product).release);
  }

  /** What a control plane of this side serves at `path` of its API. */
  async api<T>(path: string): Promise<T> {
    return this.withControlPlane((controlPlane) => controlPlane.getJson(path, path) as Promise<T>);
  }

  /** What the zone hands over, and the policies that it keeps, each with the digest of its content. */
  content(): Promise<Manifest> {
    return this.withControlPlane(async (controlPlane) => {
      const { originals, kept, types } = await exportZone(controlPlane);
      const policies = kept.filter(({ type }) => types.get(type)?.policy !== undefined);
      return manifestOf([...originals, ...policies]);
    });
  }

  /** Changes with everything that a federation writes: namespaces, Services, Secrets and objects of Kuma. */
  async fingerprint(): Promise<string> {
    const kinds = await this.cluster.get<{ resources: { name: string }[] }>(KUMA);
    const names = kinds?.resources.map(({ name }) => name).filter((name) => !name.includes("/")) ?? [];
    const system = `/api/v1/namespaces/${this.namespace}`;
    const paths = [
      ...names.filter((name) => !BUSY.test(name)).map((name) => `${KUMA}/${name}`),
      `${system}/secrets`,
      `${system}/services`,
    ];
    const lists = await Promise.all(paths.map((path) => this.cluster.get<List>(path)));
    const objects = lists.flatMap((list, index) =>
      (list?.items ?? []).map(({ metadata }) => [
        paths[index],
        metadata.namespace,
        metadata.name,
        metadata.resourceVersion,
      ]),
    );
    const namespaces = await this.cluster.get<List>("/api/v1/namespaces");
    const entries = [
      ...objects,
      ...(namespaces?.items ?? []).map(({ metadata }) => ["namespace", metadata.name]),
    ];
    return digest({ type: "Fingerprint", name: this.context, entries: entries.map(String).sort() });
  }

  /** Policies of a type, by the name that they have on the side that owns them. */
  async policyNames(path: string): Promise<string[]> {
    const { items } = await this.api<{ items: { name: string; labels?: Record<string, string> }[] }>(
      `/meshes/default/${path}?size=1000`,
    );
    return items.map(({ name, labels }) => labels?.["kuma.io/display-name"] ?? name);
  }

  /** Writes a policy that is for nobody, as kubectl would. */
  async addMarker(name: string, labels: Record<string, string> = {}): Promise<void> {
    const object = {
      apiVersion: "kuma.io/v1alpha1",
      kind: "MeshTimeout",
      metadata: { name, namespace: this.namespace, labels: { "kuma.io/mesh": "default", ...labels } },
      spec: MARKER_SPEC,
    };
    const path = `${this.marker(name)}?fieldManager=kuma-federation-e2e`;
    const response = await this.cluster.request("PATCH", path, object, "application/apply-patch+yaml");
    this.cluster.parsed(response, `MeshTimeout ${name}`);
  }

  async removeMarker(name: string): Promise<void> {
    const response = await this.cluster.request("DELETE", this.marker(name));
    if (response.status !== 404) this.cluster.parsed(response, `MeshTimeout ${name}`);
  }

  private marker(name: string): string {
    return `${KUMA}/namespaces/${this.namespace}/meshtimeouts/${name}`;
  }

  private async withControlPlane<T>(
    work: (controlPlane: Awaited<ReturnType<typeof openKubernetesControlPlane>>) => Promise<T>,
  ): Promise<T> {
    const { context, namespace } = this;
    const location = { context, namespace, service: controlPlaneService(this.args.product) };
    const options = { title: `the control plane of ${context}` };
    const controlPlane = await openKubernetesControlPlane(location, this.args.kubeconfig, options);
    try {
      return await work(controlPlane);
    } finally {
      controlPlane.close();
    }
  }
}
