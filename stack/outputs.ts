import * as pulumi from "@pulumi/pulumi";
import type { GlobalControlPlane } from "../components";
import type { JoinOrder } from "./joinOrder";

/** What the stack tells of itself. */
export function outputsOf(global: GlobalControlPlane, { zones, bridges, states }: JoinOrder) {
  const { api, kds, product, version, hosted, guiUrl, guiCommand } = global;
  return {
    kdsAddress: kds.address,
    global: {
      address: api.url,
      product,
      version,
      ...(api.ca !== undefined && { ca: api.ca }),
      ...(hosted && { id: hosted.controlPlaneId, limits: hosted.limits }),
    },
    zones,
    federatedResources: pulumi.all(bridges.map((bridge) => bridge.counts)).apply(sum),
    guiUrl,
    ...(guiCommand !== undefined && { guiCommand }),
    // secret, as Konnect answers nobody without it, also while no zone is federated
    ...(hosted && { konnectToken: hosted.token }),
    // secret: how both sides are reached, and what was carried
    federations: pulumi.secret(states),
  };
}

function sum(counts: Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [type, count] of counts.flatMap(Object.entries)) total[type] = (total[type] ?? 0) + count;
  return total;
}
