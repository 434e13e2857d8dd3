/** What a stack says of a zone ingress or a zone egress in a cluster, beside whether there is one. */
export interface ZoneProxySettings {
  replicas?: number;
  /** Of its Service. */
  port?: number;
  service?: {
    type?: string;
    nodePort?: number;
    annotations?: Record<string, string>;
  };
  /** Of an ingress: as other zones reach it, where that is not what its Service tells. */
  advertisedAddress?: string;
  advertisedPort?: number;
}

/** A value of Kuma's chart, by the way to it: names of annotations hold dots. */
export type ChartValue = readonly [path: readonly string[], value: unknown];

/** Kuma's chart (2.14.3, values.yaml): the port of the Service of a zone ingress. */
const INGRESS_PORT = 10_001;

/** The values of Kuma's chart for a zone ingress or a zone egress. */
export function zoneProxyValues(kind: "ingress" | "egress", settings: ZoneProxySettings): ChartValue[] {
  const { replicas, port, service = {}, advertisedAddress, advertisedPort } = settings;
  const { type, nodePort, annotations = {} } = service;
  const values: ChartValue[] = [
    [["replicas"], replicas],
    [["service", "port"], port],
    [["service", "type"], type],
    [["service", "nodePort"], nodePort],
    ...Object.entries(annotations).map(([name, value]): ChartValue => [
      ["service", "annotations", name],
      value,
    ]),
    // Kuma takes both or none (v2.14.3, pkg/plugins/runtime/k8s/controllers/ingress_converter.go)
    ...(advertisedAddress === undefined
      ? []
      : advertised(advertisedAddress, advertisedPort ?? port ?? INGRESS_PORT)),
  ];
  return values.filter(([, value]) => value !== undefined).map(([path, value]) => [[kind, ...path], value]);
}

/** Annotations of the pods: in text, as those of Kubernetes are. */
function advertised(address: string, port: number): ChartValue[] {
  const annotation = (name: string, value: string): ChartValue => [
    ["podAnnotations", `kuma.io/ingress-public-${name}`],
    value,
  ];
  return [annotation("address", address), annotation("port", String(port))];
}
