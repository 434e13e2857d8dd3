import {
  FederationBridge,
  GlobalControlPlane,
  StandaloneZoneControlPlane,
  ZoneControlPlane,
} from "./components";
import { MeshPolicies } from "./resources";
import { JoinOrder, deployDemo, outputsOf, readStack } from "./stack";

/**
 * One global, the zones in the order in which they join it, and the stack's own policies. For each zone the KDS address
 * goes from the global through a bridge to the zone, so that the order of the steps is the flow of the data.
 */
export = async () => {
  const stack = await readStack();
  const global = new GlobalControlPlane("global", stack.global);
  const zones = new JoinOrder(global, stack);
  const { kds, hosted, version: globalVersion } = global;

  // in use: they bring what they have, of which a global may have no other, so they join first
  const existingZones = stack.existingZones.map((each) => ({
    ...each,
    alone: new StandaloneZoneControlPlane(`${each.zone.name}-control-plane`, each),
  }));
  for (const each of existingZones) {
    const { alone, zone } = each;
    const { name, federated } = zone;
    if (!federated) {
      deployDemo(each, alone);
      zones.leaveAlone(each);
      continue;
    }
    const bridge = new FederationBridge(name, zones.bridgeFrom(each, existingZones), zones.after(alone));
    const args = { ...each, bridge, hosted, ...stack.choices };
    const member = new ZoneControlPlane(`${name}-federation`, args);
    deployDemo(each, member);
    zones.addExisting(each, bridge, member);
  }

  // installed by this stack: they take what the global has
  for (const each of stack.newZones) {
    const args = { ...each, global: zones.api, kds, hosted };
    const member = new ZoneControlPlane(`${each.zone.name}-federation`, args, zones.after(global));
    zones.addNew(each, member);
    deployDemo(each, member);
  }

  if (stack.policies && zones.first) {
    const { connection, joined: dependsOn } = zones.first;
    new MeshPolicies("policies", { ...connection, available: stack.policies, globalVersion }, { dependsOn });
  }
  return outputsOf(global, zones);
};
