import * as net from "node:net";
import { PassThrough, Writable } from "node:stream";
import { KumaError } from "../../kuma";
import { objectIn, objectsIn, valueAt } from "../../kuma/api/json";
import { urlPath } from "../../kuma/resource/names";
import type { KubernetesCluster, KubernetesObject } from "./cluster";
import { isReady } from "./controlPlanePods";

/** How long a pod that was found serves new connections before it is looked up again. */
const POD_FRESH_MS = 2_000;

/**
 * A port on this machine's loopback that leads to a Service of a cluster, through the API server, as `kubectl
 * port-forward` does. Each connection goes to a pod that is ready then, so that it outlives a restart of the pod.
 */
export class PortForward {
  private pod: { name: string; port: number; at: number } | undefined;
  private readonly sockets = new Set<net.Socket>();
  private server: net.Server | undefined;

  constructor(
    private readonly cluster: KubernetesCluster,
    private readonly namespace: string,
    private readonly service: string,
    private readonly port: number,
  ) {}

  /** Listens; returns the port. Fails when there is no such Service, or no pod of it is ready. */
  async open(): Promise<number> {
    await this.readyPod();
    this.server = net.createServer((socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      // without a listener an error would end the process; "close" follows in any case
      socket.on("error", () => {});
      this.connect(socket).catch((error: Error) => socket.destroy(error));
    });
    const server = this.server;
    await new Promise<void>((resolve, reject) => {
      server.on("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    server.unref();
    return (server.address() as net.AddressInfo).port;
  }

  close(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private async connect(socket: net.Socket): Promise<void> {
    const { PortForward: Forward } = await import("@kubernetes/client-node");
    const { name, port } = await this.readyPod();
    // what the client sends before the connection stands waits in here
    const input = new PassThrough();
    socket.pipe(input);
    const refused = new Writable({
      write: (message: Buffer, _, done) => {
        done();
        // the stream begins with an empty message
        if (message.length === 0) return;
        // the pod does not listen any more: the next connection looks for another one
        this.pod = undefined;
        socket.destroy();
      },
    });
    const tunnel = (await new Forward(this.cluster.config).portForward(
      this.namespace,
      name,
      [port],
      socket,
      refused,
      input,
    )) as { on(event: string, listener: () => void): void; close(): void };
    tunnel.on("close", () => socket.destroy());
    tunnel.on("error", () => socket.destroy());
    socket.on("close", () => tunnel.close());
    if (socket.destroyed) tunnel.close();
  }

  private async readyPod(): Promise<{ name: string; port: number }> {
    if (this.pod && Date.now() - this.pod.at < POD_FRESH_MS) return this.pod;
    const base = urlPath`/api/v1/namespaces/${this.namespace}`;
    const what = `Service ${this.namespace}/${this.service}`;
    const response = await this.cluster.request("GET", base + urlPath`/services/${this.service}`);
    if (response.status === 404) {
      throw new KumaError(
        "unreachable",
        `${what} does not exist in the cluster of context ${this.cluster.context}: no control plane is installed there. Nothing was changed.`,
      );
    }
    const service = this.cluster.parsed(response, what);
    const selector = Object.entries(objectIn(valueAt(service, "spec", "selector")) ?? {}).map(
      ([label, value]) => `${label}=${String(value)}`,
    );
    const pods = await this.cluster.list(`${base}/pods`, `the pods of ${what}`, {
      labelSelector: selector.join(","),
    });
    const ready = pods.find(isReady);
    if (!ready) {
      throw new KumaError(
        "unreachable",
        `No pod of ${what} in the cluster of context ${this.cluster.context} is ready. Nothing was changed. "kubectl --context ${this.cluster.context} -n ${this.namespace} get pods" tells why.`,
      );
    }
    this.pod = { name: ready.metadata.name, port: targetPort(service, this.port, ready), at: Date.now() };
    return this.pod;
  }
}

function targetPort(service: unknown, port: number, pod: KubernetesObject): number {
  const found = objectsIn(valueAt(service, "spec", "ports")).find((each) => each.port === port);
  const target = found?.targetPort ?? port;
  if (typeof target === "number") return target;
  const containers = objectsIn(valueAt(pod, "spec", "containers"));
  const named = containers.flatMap(({ ports }) => objectsIn(ports)).find(({ name }) => name === target);
  return typeof named?.containerPort === "number" ? named.containerPort : port;
}
