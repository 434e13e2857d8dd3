import * as pulumi from "@pulumi/pulumi";
import type { GlobalControlPlane } from "../components";
import type { JoinOrder } from "./joinOrder";

/** What the stack tells of itself. */
export function outputsOf(global: GlobalControlPlane, { zones, bridges }: JoinOrder) {
  const { membership, kdsAddress, apiUrl, product, version, guiUrl, guiCommand } = global;
  const { konnect, api } = membership;
  return {
    kdsAddress,
    global: {
      ...{ address: apiUrl, product, version },
      ...(api.ca !== undefined && { ca: api.ca }),
      ...(konnect && { id: konnect.controlPlaneId, limits: konnect.limits }),
    },
    zones,
    federatedResources: pulumi.all(bridges.map((bridge) => bridge.counts)).apply(sum),
    guiUrl,
    ...(guiCommand && { guiCommand }),
    // secret, as Konnect answers nobody without it, also while no zone is federated
    ...(konnect && { konnectToken: konnect.token }),
  };
}

function sum(counts: Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [type, count] of counts.flatMap(Object.entries)) total[type] = (total[type] ?? 0) + count;
  return total;
}
