import type { PolicyResourceOptions } from "@pulumi/policy";
import { isPath } from "../../platforms/kubernetes/chart";
import { PRODUCTS, namesOf } from "../../platforms/kubernetes/products";
import { type Resource, SYSTEM_NAMESPACES, type VersionedPolicies } from "../../kuma";

/**
 * A resource as the engine shows it before it is made. What a preview does not know yet throws an `UnknownValueError` where it
 * is read (@pulumi/policy 1.21, proxy.ts): the rule has then not been decided, and the engine says so. Secrets are here in clear.
 */
export interface Seen {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
  opts: Pick<PolicyResourceOptions, "protect">;
}

/** As the engine calls a dynamic resource of the module `kuma-federation` (@pulumi/pulumi 3.248, dynamic/index.ts). */
const DYNAMIC = /^pulumi-nodejs:dynamic\/kuma-federation:(.+)$/;
const HELM_RELEASE = /^kubernetes:helm\.sh\/v[34]:(Release|Chart)$/;
const SERVICE = "kubernetes:core/v1:Service";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
/** As the charts call it, and `kumactl install control-plane`. */
const CONTROL_PLANE = /control-plane$/;
const ITS_IMAGE = /(^|\/)kuma-cp([:@]|$)/;
/** Of Kuma on Kubernetes: `kubernetes:kuma.io/v1alpha1:MeshTimeout`. */
const OF_KUMA = /^kubernetes:kuma\.io\/[^:]+:(.+)$/;

type Fields = Record<string, unknown>;

/** What a resource of this package holds; undefined for another one. */
export function federated(resource: Seen, ...names: string[]): Fields | undefined {
  const name = DYNAMIC.exec(resource.type)?.[1];
  return name !== undefined && (names.length === 0 || names.includes(name)) ? resource.props : undefined;
}

export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** What lies at a path, such as `controlPlane.tls`; undefined where a part of it is not there. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((each, key) => (isFields(each) ? each[key] : undefined), value);
}

/** A list, or nothing where there is none. */
export function listAt(value: unknown, path: string): unknown[] {
  const list = at(value, path);
  return Array.isArray(list) ? list : [];
}

/** A Helm release of Kuma or Kong Mesh. */
export interface ChartRelease {
  /** Of Kuma's own chart, which stand under a key in Kong Mesh's. */
  values: unknown;
  /** Not the global's: `mode` is that of the chart. */
  isGlobal: boolean;
  /** A member of a global. */
  isMember: boolean;
  /** The chart lies on a disk, and its version with it. */
  isLocal: boolean;
}

/** What a Helm release of a control plane is given; undefined where a resource is none. */
export function chartReleaseIn({ type, props }: Seen): ChartRelease | undefined {
  if (!HELM_RELEASE.test(type)) return undefined;
  const chart = String(props.chart ?? "");
  const name = chart
    .split("/")
    .at(-1)
    ?.replace(/-\d.*$/, "");
  const product = PRODUCTS.find((each) => namesOf(each).chart === name);
  const given = props.values;
  // an umbrella chart of a user's has Kuma's for a dependency, under its name
  const valuesKey = product ? namesOf(product).valuesKey : isFields(at(given, "kuma.controlPlane")) && "kuma";
  if (!product && !valuesKey) return undefined;
  const values = valuesKey ? at(given, valuesKey) : given;
  const isGlobal = at(values, "controlPlane.mode") === "global";
  return {
    values,
    isGlobal,
    isMember: !isGlobal && isGiven(() => at(values, "controlPlane.kdsGlobalAddress")),
    isLocal: isPath(chart) && !/^oci:/.test(chart),
  };
}

/** Whether there is a text, or will be: what a preview does not know yet is one as well. */
function isGiven(read: () => unknown): boolean {
  try {
    const text = read();
    return typeof text === "string" && text !== "";
  } catch (error) {
    // by its name, as the class would have a preview load all of @pulumi/policy
    if ((error as Error).constructor.name === "UnknownValueError") return true;
    throw error;
  }
}

/** The variables that a release gives its control plane. */
export function variablesOf({ values }: ChartRelease): Map<string, unknown> {
  const map = at(values, "controlPlane.envVars");
  const entries = listAt(values, "controlPlane.envVarEntries").map((each): [string, unknown] => [
    String(at(each, "name")),
    at(each, "value"),
  ]);
  // by their names first: one that is not known yet leaves the others known
  const given = isFields(map) ? map : {};
  return new Map([...Object.keys(given).map((name): [string, unknown] => [name, given[name]]), ...entries]);
}

export function isOn(value: unknown): boolean {
  return value === true || value === "true";
}

export function isOff(value: unknown): boolean {
  return value === false || value === "false";
}

/** A Service of Kubernetes; undefined for anything else. */
export function serviceIn({ type, props }: Seen): Fields | undefined {
  return type === SERVICE ? props : undefined;
}

/** Whether it is the Deployment of a control plane: by its name first, as much of others' is not known in a preview. */
export function controlPlaneIn({ type, name, props }: Seen): boolean {
  if (type !== DEPLOYMENT || !CONTROL_PLANE.test(name)) return false;
  const images = listAt(props, "spec.template.spec.containers").map((each) => at(each, "image"));
  return images.some((image) => typeof image === "string" && ITS_IMAGE.test(image));
}

/** A resource of Kuma's, with its type beside what a policy says, and what to call it in a sentence. */
export interface MeshResource {
  type: string;
  /** Type and name. */
  title: string;
  mesh: string;
  name: string;
  /** What stands under `spec`; of an older type the resource itself. */
  spec: unknown;
  labels: Fields;
  /**
   * Of an application's namespace: Kuma applies it to the proxies there, or to calls to what is there, and to nobody else in the mesh
   * (Kuma 2.14.3, pkg/plugins/policies/core/matchers/dataplane.go).
   */
  isOfNamespace(): boolean;
}

/** The resources of Kuma's that a resource of the stack writes: those of `MeshPolicies`, or an object of Kubernetes. */
export function* meshResourcesIn(resource: Seen): Iterable<MeshResource> {
  const available = federated(resource, "MeshPolicies")?.available as VersionedPolicies | undefined;
  for (const { policy } of available ?? []) yield ofUniversal(policy);
  const kind = OF_KUMA.exec(resource.type)?.[1];
  if (kind === undefined) return;
  const { metadata, spec, mesh } = resource.props;
  const labels = at(metadata, "labels");
  const name = String(at(metadata, "name") ?? resource.name);
  const of = mesh ?? (isFields(labels) ? labels["kuma.io/mesh"] : undefined);
  yield {
    type: kind,
    title: `${kind} ${name}`,
    mesh: String(of ?? "default"),
    ...{ name, spec },
    labels: isFields(labels) ? labels : {},
    isOfNamespace: () => {
      const namespace = at(metadata, "namespace");
      return typeof namespace === "string" && !isOfSystem(namespace);
    },
  };
}

/** Where a chart puts a control plane, by its default or as users call theirs. */
function isOfSystem(namespace: string): boolean {
  return SYSTEM_NAMESPACES.includes(namespace) || namespace.endsWith("-system");
}

/** What a control plane in a cluster takes a policy in an application's namespace for. */
const ROLES_OF_NAMESPACE = ["consumer", "producer", "workload-owner"];

/** One in the form of Kuma's API. */
export function ofUniversal(policy: Resource): MeshResource {
  const { type, name, mesh = "default", labels, spec } = policy;
  return {
    type,
    title: `${type} ${name}`,
    ...{ name, mesh },
    spec: spec ?? policy,
    labels: isFields(labels) ? labels : {},
    isOfNamespace: () =>
      isFields(labels) && ROLES_OF_NAMESPACE.includes(String(labels["kuma.io/policy-role"])),
  };
}
