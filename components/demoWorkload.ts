import * as k8s from "@pulumi/kubernetes";
import * as kx from "@pulumi/kubernetesx";
import * as pulumi from "@pulumi/pulumi";

export interface DemoWorkloadArgs {
  /** Made by this component, with sidecar injection. Default `DEMO_NAMESPACE`. */
  namespace?: pulumi.Input<string>;
  /** Image of demo-app, which listens on port 5000. Default `kumahq/kuma-demo`. */
  image?: pulumi.Input<string>;
  /** Image of redis. Default `redis:7`. */
  redisImage?: pulumi.Input<string>;
  /** When its objects are recreated: they go with their namespace. */
  madeAnew?: Pick<pulumi.CustomResourceOptions, "replacementTrigger" | "deleteBeforeReplace">;
}

/** Which the guides' policies name. */
export const DEMO_NAMESPACE = "kuma-demo";

const DEMO_APP_PORT = 5000;
const REDIS_PORT = 6379;

/**
 * The workload of Kuma's guides: demo-app, a page with a counter, and redis, which keeps the count. Their pods get a
 * sidecar, so the zone's control plane must be ready before: pass it, and the cluster's provider, in the options.
 */
export class DemoWorkload extends pulumi.ComponentResource {
  /** Known once the namespace is there. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: DemoWorkloadArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("kuma-federation:index:DemoWorkload", name, {}, opts);
    const metadata = {
      name: args.namespace ?? DEMO_NAMESPACE,
      labels: { "kuma.io/sidecar-injection": "enabled" },
    };
    this.namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata },
      { parent: this, ...args.madeAnew },
    ).metadata.name;

    const own = { parent: this, ...args.madeAnew };
    const redis = { image: args.redisImage ?? "redis:7" };
    this.deploy(name, "redis", "tcp", REDIS_PORT, redis, own);
    const app = {
      image: args.image ?? "kumahq/kuma-demo",
      env: {
        REDIS_HOST: pulumi.interpolate`redis.${this.namespace}.svc.cluster.local`,
        // given, since Kubernetes would set one of this name for the service redis, with a URL
        REDIS_PORT: String(REDIS_PORT),
        APP_VERSION: "1.0",
        APP_COLOR: "#efefef",
      },
    };
    this.deploy(name, "demo-app", "http", DEMO_APP_PORT, app, own);
    this.registerOutputs({ namespace: this.namespace });
  }

  /** A deployment of one pod, and a service of the same name for its one port. */
  private deploy(
    parentName: string,
    app: string,
    protocol: "http" | "tcp",
    port: number,
    container: kx.types.Container,
    opts: pulumi.CustomResourceOptions,
  ): void {
    const name = `${parentName}-${app}`;
    const metadata = { name: app, namespace: this.namespace };
    const pod = new kx.PodBuilder({ containers: [{ ...container, name: app, ports: { [protocol]: port } }] });
    new kx.Deployment(name, { metadata, spec: pod.asDeploymentSpec() }, opts);
    // not by the deployment's createService: it makes the service a child of the deployment, and leaves its name to chance
    const spec = { selector: { app }, ports: [{ port, appProtocol: protocol }] };
    new kx.Service(name, { metadata, spec }, opts);
  }
}
