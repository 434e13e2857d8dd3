import {
  ExistingZone,
  FederationBridge,
  GlobalControlPlane,
  MeshPolicies,
  ZoneControlPlane,
} from "kuma-federation";
import { JoinOrder, deployDemo, outputsOf, readStack } from "./stack";

/** One global, the zones in the order in which they join it, and the stack's own policies. */
export = async () => {
  const stack = readStack();
  const global = new GlobalControlPlane("global", stack.global.args, stack.global.opts);
  const zones = new JoinOrder(global, stack);

  // in use: they bring what they have, of which a global may have no other, so they join first
  const existingZones = stack.existingZones.map((zone) => ({
    ...zone,
    alone: new ExistingZone(zone.name, zone.args, zone.opts),
  }));
  for (const zone of existingZones) {
    const { name, alone, member, opts } = zone;
    if (!zone.federated) {
      zones.leaveAlone(zone);
      deployDemo(zone, alone);
      continue;
    }
    // the KDS address goes through a bridge to the zone, so that the order of the steps is the flow of the data
    const { protect } = opts;
    const bridgeOpts = zones.after(alone, { ...(protect !== undefined && { protect }) });
    const bridge = new FederationBridge(name, zones.bridgeFrom(zone, existingZones), bridgeOpts);
    const args = { ...member, adopt: alone.zone, join: bridge.membership, laterZones: zones.laterThan(zone) };
    const joined = new ZoneControlPlane(name, args, opts);
    deployDemo(zone, joined);
    zones.addExisting(zone, bridge, joined);
  }

  // installed by this stack: they take what the global has
  for (const zone of stack.newZones) {
    const args = { ...zone.member, ...zone.args, join: zones.membership, laterZones: zones.laterThan(zone) };
    const joined = new ZoneControlPlane(zone.name, args, zones.after(global, zone.opts));
    zones.addNew(zone, joined);
    deployDemo(zone, joined);
  }

  if (stack.policies && zones.first) {
    const { membership: join } = zones.first;
    new MeshPolicies("policies", { ...stack.policies, join }, { dependsOn: zones.first });
  }
  return outputsOf(global, zones);
};
