import type { Mode } from "../config";
import { LABEL, type Labels, sortedLabels } from "./model";
import type { ResourceType } from "./types";

export interface LabelContext {
  mode: Mode;
  zoneName: string;
}

/**
 * The labels that a control plane gives to a resource that is written through its REST API.
 * Source: Kuma v2.14.3 pkg/core/resources/labels/compute.go, for Universal.
 */
export function computeLabels(
  type: ResourceType,
  given: Readonly<Record<string, string>>,
  mesh: string,
  body: Readonly<Record<string, unknown>>,
  context: LabelContext,
): Labels {
  const labels: Labels = { ...given };
  const setIfMissing = (label: string, value: string): void => {
    if (!(label in labels)) {
      labels[label] = value;
    }
  };
  if (type.scope === "Mesh") {
    setIfMissing(LABEL.mesh, mesh || "default");
  }
  if (context.mode === "zone" && type.sync.providedByZone) {
    setIfMissing(LABEL.origin, "zone");
    if (labels[LABEL.origin] !== "global") {
      setIfMissing(LABEL.zone, context.zoneName);
      setIfMissing(LABEL.env, "universal");
    }
  }
  const proxyType = proxyTypeOf(type, body);
  if (proxyType) {
    labels[LABEL.proxyType] = proxyType;
  }
  return sortedLabels(labels);
}

function proxyTypeOf(type: ResourceType, body: Readonly<Record<string, unknown>>): string | undefined {
  switch (type.name) {
    case "Dataplane":
      return (body.networking as { gateway?: unknown } | undefined)?.gateway ? "gateway" : "sidecar";
    case "ZoneIngress":
      return "zoneingress";
    case "ZoneEgress":
      return "zoneegress";
    default:
      return undefined;
  }
}
