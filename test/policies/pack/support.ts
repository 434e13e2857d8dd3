import { type ResourceValidation, unknownCheckingProxy } from "@pulumi/policy";
import type { Resource } from "../../../kuma";
import { policyOf } from "../../../policies/pack/policy";
import type { ResourceRule, StackRule } from "../../../policies/pack/rule";
import type { Seen } from "../../../policies/pack/seen";

/** As the engine tells the policy server of a text that a preview does not know yet (@pulumi/policy 1.21, proxy.ts). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Stands in for what no text may repeat. */
export const VALUE = "told-to-nobody";

export interface Case {
  breaks: Seen[][];
  keeps: Seen[][];
  unknown: Seen[][];
  /** With other settings of the rule: what then breaks it, or keeps it. */
  settings?: { config: object; breaks?: Seen[]; keeps?: Seen[] }[];
}

export type Cases = Record<string, Case>;

function seen(
  type: string,
  props: object,
  more: { stack?: string; name?: string; protect?: boolean } = {},
): Seen {
  const { stack = "dev", name = "it", protect = false } = more;
  return {
    ...{ type, name },
    urn: `urn:pulumi:${stack}::mesh::${type}::${name}`,
    props: props as Record<string, unknown>,
    opts: { protect },
  };
}

type More = Parameters<typeof seen>[2];

export const federation = (type: string, props: object, more?: More) =>
  seen(`pulumi-nodejs:dynamic/kuma-federation:${type}`, props, more);

export const release = (values: unknown, props: object = {}, more?: More) =>
  seen("kubernetes:helm.sh/v3:Release", { chart: "kuma", version: "2.14.3", values, ...props }, more);

/** A Deployment, as a Chart's or a file's is called. */
export const deployment = (name: string, image: unknown) =>
  seen(
    "kubernetes:apps/v1:Deployment",
    { spec: { template: { spec: { containers: [{ name: "control-plane", image }] } } } },
    { name },
  );

export const globalRelease = (controlPlane: object, props: object = {}, more?: More) =>
  release(
    { controlPlane: { mode: "global", globalZoneSyncService: { enabled: false }, ...controlPlane } },
    props,
    more,
  );

export const zoneRelease = (controlPlane: object, others: object = {}, props: object = {}, more?: More) =>
  release(
    {
      controlPlane: { zone: "zone-1", kdsGlobalAddress: "grpcs://global:5685", ...controlPlane },
      ingress: { enabled: true },
      ...others,
    },
    props,
    more,
  );

export const kdsService = (spec: object, annotations?: object, more?: More) =>
  seen(
    "kubernetes:core/v1:Service",
    {
      metadata: { name: "kuma-global-zone-sync", annotations },
      spec: { type: "LoadBalancer", ports: [{ name: "global-zone-sync", port: 5685 }], ...spec },
    },
    more,
  );

export const service = (props: object) => seen("kubernetes:core/v1:Service", props);

/** Policies that a stack writes to its global. */
export const written = (...policies: Resource[]) =>
  federation("MeshPolicies", {
    available: policies.map((policy) => ({ policy, isFor: {}, place: "policies/all.yaml, document 1" })),
  });

/** A resource of Kuma's as an object of Kubernetes. */
export const object = (kind: string, spec: unknown, labels: object = {}, namespace?: unknown) =>
  seen(`kubernetes:kuma.io/v1alpha1:${kind}`, {
    kind,
    metadata: { name: "one", labels, ...(namespace !== undefined && { namespace }) },
    spec,
  });

export const policy = (type: string, spec: unknown, more: object = {}): Resource =>
  ({ type, mesh: "default", name: "one", spec, ...more }) as Resource;

/** What the policy that the engine is given of a rule reports of resources; throws where it meets what is not known. */
export function report(
  rule: ResourceRule | StackRule,
  resources: readonly Seen[],
  config: object = {},
): string[] {
  const reported: string[] = [];
  const common = { getConfig: () => config, stackTags: new Map() };
  const given = resources.map((each) => ({
    ...each,
    props: unknownCheckingProxy(each.props) as Seen["props"],
  }));
  const tell = (message: string) => void reported.push(message);
  const policyToRun = policyOf(rule);
  if ("validateStack" in policyToRun)
    void policyToRun.validateStack({ ...common, resources: given } as never, tell);
  else
    for (const each of given) {
      const validate = policyToRun.validateResource as ResourceValidation;
      void validate({ ...common, ...each } as never, tell);
    }
  return reported;
}
