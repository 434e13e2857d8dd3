import { type OfProduction, OF_PRODUCTION, type ResourceRule, type StackRule, isInStack } from "../rule";
import { at, chartReleaseIn, controlPlaneIn, federated, isFields, isOn, variablesOf } from "../seen";

export const chartVersionPinned: ResourceRule = {
  name: "chart-version-pinned",
  holds: "A release of Kuma's has a version of its chart.",
  why: "Without one each `up` may install what was published since, in a global before its zones or in a zone before its global.",
  remedy: "Give `chartVersion`, the same for the global and its zones.",
  *violations(resource) {
    const release = chartReleaseIn(resource);
    if (!release || release.isLocal) return;
    const { version } = resource.props;
    if (typeof version !== "string" || version === "" || /[*^~<>|x ]/.test(version))
      yield "The release names no single version of its chart.";
  },
};

type Version = readonly [major: number, minor: number];

function minorOf(version: unknown): Version | undefined {
  const parts = /^v?(\d+)\.(\d+)\.\d+/.exec(String(version));
  return parts ? [Number(parts[1]), Number(parts[2])] : undefined;
}

/** How many minor versions the one is ahead of the other. */
function ahead([major, minor]: Version, [otherMajor, otherMinor]: Version): number {
  return major === otherMajor ? minor - otherMinor : (major - otherMajor) * Infinity;
}

export const versionsTogether: StackRule<{ most: number }> = {
  name: "versions-together",
  holds: "No zone is newer than its global, nor more than two minor versions older.",
  why: "Kuma supports a skew of two minor versions, the global first (Kuma's documentation on upgrades; kumahq/kuma#10246).",
  remedy: "Upgrade the global first, then its zones, two minor versions at most in one step.",
  config: {
    schema: {
      properties: {
        most: {
          type: "integer",
          minimum: 0,
          default: 2,
          description: "minor versions that a zone may be behind",
        },
      },
    },
    defaults: { most: 2 },
  },
  *stackViolations(resources, { most }) {
    const releases = resources.flatMap((each) => {
      const release = chartReleaseIn(each);
      const version = release && !release.isLocal && minorOf(each.props.version);
      return release && version ? [{ release, version, urn: each.urn }] : [];
    });
    const [global] = releases.filter(({ release }) => release.isGlobal);
    if (!global) return;
    for (const { release, version, urn } of releases) {
      if (!release.isMember) continue;
      const difference = ahead(version, global.version);
      if (difference > 0)
        yield { sentence: "The zone's chart is of a newer version than the global's.", urn };
      else if (-difference > most)
        yield { sentence: `The zone's chart is more than ${most} minor versions behind the global's.`, urn };
    }
  },
};

export const globalReplicas: ResourceRule<OfProduction> = {
  name: "global-replicas",
  holds: "In production a global has two replicas or more.",
  why: "With one, each restart and each node that goes cuts KDS of every zone (kumahq/kuma#2951).",
  remedy: "Give `replicas: 2` or more, or turn `controlPlane.autoscaling` on.",
  config: OF_PRODUCTION,
  *violations(resource, config) {
    const release = isInStack(resource, config) ? chartReleaseIn(resource) : undefined;
    if (!release?.isGlobal || isOn(at(release.values, "controlPlane.autoscaling.enabled"))) return;
    if (Number(at(release.values, "controlPlane.replicas") ?? 1) < 2) yield "The global has one replica.";
  },
};

export const storeKept: ResourceRule<OfProduction> = {
  name: "store-kept",
  holds: "In production no control plane keeps its resources in memory.",
  why: "They are gone with its process, and a zone then deletes what it had from its global (Kuma's GUI warns of it on each page).",
  remedy: "Use PostgreSQL: `store: postgres`, or `KUMA_STORE_TYPE` with a database.",
  config: OF_PRODUCTION,
  *violations(resource, config) {
    if (!isInStack(resource, config)) return;
    const props = federated(resource, "UniversalGlobal", "StandaloneZone");
    if (props && props.store !== "postgres") yield "The control plane on this machine has no database.";
    if (federated(resource, "HostZone")?.storeType === "memory")
      yield "The control plane of the host has its store in memory.";
    const release = chartReleaseIn(resource);
    if (release && variablesOf(release).get("KUMA_STORE_TYPE") === "memory")
      yield "The variable KUMA_STORE_TYPE has the control plane keep everything in memory.";
  },
};

export const zoneIngress: ResourceRule = {
  name: "zone-ingress",
  holds: "A zone that belongs to a global has a zone ingress.",
  why: "Without one no other zone reaches its services (Kuma's documentation on zone ingress; kumahq/kuma#8038).",
  remedy: "Leave `ingress` on, or turn `ingress.enabled` of the chart on.",
  *violations(resource) {
    const release = chartReleaseIn(resource);
    if (!release?.isMember) return;
    const { values } = release;
    // one for each mesh, as Kuma 3.0 has them
    const perMesh = at(values, "meshes");
    if (Array.isArray(perMesh) && perMesh.length > 0) return;
    if (!isOn(at(values, "ingress.enabled"))) yield "The zone has no zone ingress.";
  },
};

export const injectorFailsClosed: ResourceRule = {
  name: "injector-fails-closed",
  holds: "No Pod starts without its sidecar because the control plane was away.",
  why: "With `Ignore` it runs outside of the mesh, unencrypted and without permissions, until somebody restarts it (the chart's default is `Fail`).",
  remedy: "Leave `controlPlane.injectorFailurePolicy` at `Fail`.",
  *violations(resource) {
    if (at(chartReleaseIn(resource)?.values, "controlPlane.injectorFailurePolicy") === "Ignore")
      yield "The injector's failure is ignored.";
  },
};

export const settingsSeen: ResourceRule = {
  name: "settings-seen",
  holds: "The settings of a control plane in a cluster are values of a Helm release.",
  why:
    "The rules of this chapter and those on KDS and the API look there. What a `Chart` renders, or a file of YAML holds, comes as objects " +
    "of Kubernetes: an engine shows a policy nothing of a Chart's values (own, tried with `kubernetes:helm.sh/v4:Chart`).",
  remedy:
    "Install it as `kubernetes:helm.sh/v3:Release`; or look at its settings yourself, and set this rule off.",
  *violations(resource) {
    if (controlPlaneIn(resource)) yield "No rule sees the settings of the control plane in this Deployment.";
  },
};

const CREDENTIAL = /(PASSWORD|PRIVATE_KEY|SECRET_KEY|TOKEN(_INLINE)?|API_KEY|LICENSE_INLINE)$/;

export const noCredentialsInValues: ResourceRule = {
  name: "no-credentials-in-values",
  holds: "No password, token or key stands in the values of a chart.",
  why:
    "It ends in clear in the Deployment, in Helm's Secret and in what `helm get values` prints (own). What is a Pulumi secret is " +
    "seen in clear by a policy: so the rule goes by where a value stands.",
  remedy:
    "Put it into a Secret of the cluster, and name that: `controlPlane.secrets`, or `secretName` for certificates.",
  *violations(resource) {
    const release = chartReleaseIn(resource);
    if (!release) return;
    for (const [name, value] of variablesOf(release))
      if (CREDENTIAL.test(name) && typeof value === "string" && value !== "")
        yield `The variable ${name} holds a credential.`;
    const tls = at(release.values, "controlPlane.tls");
    for (const part of isFields(tls) ? Object.keys(tls) : []) {
      const key = at(tls, `${part}.key`);
      if (typeof key === "string" && key !== "")
        yield `The value controlPlane.tls.${part}.key holds a private key.`;
    }
  },
};
