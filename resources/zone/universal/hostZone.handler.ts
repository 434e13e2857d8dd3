import type { ControlPlane } from "../../../kuma";
import { lookAtInstances } from "../../../platforms/universal/unit/look/lookAtInstances";
import type { UnitFacts } from "../../../platforms/universal/unit/look/lookAtUnit";
import { createDatabase } from "../../../platforms/universal/unit/secondDatabase";
import { beginToMakeWhole, isToBeMadeWhole } from "../../../platforms/universal/zone/wholeZone";
import { withUnitHosts } from "../../../platforms/universal/unit/unitHost";
import { type ZoneConnection, withZone } from "../../connections";
import { changedInputs, isKnown } from "../../provider/handler";
import { isPreflight } from "../../options/preflightMode";
import { withUnitHost } from "../../host/hostPlace";
import { say } from "../../provider/say";
import type { HandlerOf, InputsOf } from "../../provider/resource";
import type { HostZone } from "./hostZone";
import { unitsOf, withZoneRuntime } from "./zoneRuntime";

type Inputs = InputsOf<typeof HostZone>;

export const hostZone: HandlerOf<typeof HostZone> = {
  /** What stands against a switch is told before anything is made, also in previews. */
  async check(_, news) {
    // what a preflight looks at has checks of its own
    if (isPreflight() || !isKnown(news.zone.url)) return news;
    const looked = await look(news);
    for (const [index, { version, versionOnDisk }] of looked.entries()) {
      if (versionOnDisk === undefined || versionOnDisk === version) continue;
      const which = looked.length === 1 ? "its control plane" : `instance ${index + 1} of its control plane`;
      say(
        `zone ${news.zoneName}: ${which} is ${version}, and the program on disk is ${versionOnDisk}: the switch is a restart, and so an upgrade`,
      );
    }
    return news;
  },
  async diff(_, olds, news) {
    if (changedInputs(olds, news).length > 0) return { changes: true };
    return { changes: await withZoneRuntime(news, isToBeMadeWhole) };
  },
  create: async (inputs) => ({ id: inputs.zoneName, outs: { ...inputs, ...(await ready(inputs)) } }),
  update: async (_, __, news) => ({ ...news, ...(await ready(news)) }),
  // it was there before, and stays
  delete: async () => {},
};

async function ready(inputs: Inputs): Promise<UnitFacts> {
  const { createDatabase: isAsked = false, federatedDatabase, zone } = inputs;
  if (isAsked && federatedDatabase !== undefined)
    await withUnitHost(zone, (host, unit) => createDatabase(host, unit, federatedDatabase));
  await withZoneRuntime(inputs, beginToMakeWhole);
  const [first] = await look(inputs);
  return first;
}

/** Of each instance. */
function look({ zone, federatedDatabase, ...inputs }: Inputs): Promise<UnitFacts[]> {
  const units = unitsOf(zone);
  const { tokens } = zone;
  const opened = units.map((unit) => ({ ...inputs, zone: { ...unit, tokens } }));
  return withUnitHosts(units, (hosts) =>
    withZones(opened, (zones) =>
      lookAtInstances(
        hosts.map((host, index) => ({ ...host, zone: zones[index] })),
        federatedDatabase,
      ),
    ),
  );
}

/** Opens each for the time of some work. */
async function withZones<T>(
  [next, ...others]: ZoneConnection[],
  work: (zones: ControlPlane[]) => Promise<T>,
): Promise<T> {
  if (next === undefined) return work([]);
  return withZone(next, (zone) => withZones(others, (rest) => work([zone, ...rest])));
}
