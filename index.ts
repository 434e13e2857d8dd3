import { setImmediate as turn } from "node:timers/promises";
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
  for (const zone of existingZones.filter(({ federated }) => !federated)) {
    zones.leaveAlone(zone);
    deployDemo(zone, zone.alone);
  }

  // between two zones the engine gets what there is of the first, and has work while the rest is made
  for (const wave of zones.waves(existingZones)) {
    // the KDS address goes through a bridge to the zone, so that the order of the steps is the flow of the data
    for (const zone of wave.carried) {
      zones.addBridge(
        zone,
        new FederationBridge(zone.name, zones.bridgeFrom(zone, existingZones), zones.bridgeOptions(zone)),
      );
      await turn();
    }
    // those that are installed by this stack take what the global has
    for (const zone of wave.zones) {
      const joined = new ZoneControlPlane(zone.name, zones.argsOf(zone), zones.optionsOf(zone));
      zones.add(zone, joined);
      deployDemo(zone, joined);
      await turn();
    }
  }

  if (stack.policies && zones.first) {
    const { membership: join } = zones.first;
    new MeshPolicies("policies", { ...stack.policies, join }, { dependsOn: zones.first });
  }
  return outputsOf(global, zones);
};
