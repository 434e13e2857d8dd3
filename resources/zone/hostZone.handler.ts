import { UnitFacts, lookAtUnit } from "../../platforms/universal/unit/lookAtUnit";
import { createDatabase } from "../../platforms/universal/unit/secondDatabase";
import { beginToMakeWhole, isToBeMadeWhole } from "../../platforms/universal/zone/wholeZone";
import { withZone } from "../connections";
import { changedInputs, isKnown } from "../provider/handler";
import { isPreflight } from "../options/preflightMode";
import { withUnitHost } from "../host/hostPlace";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { HostZone } from "./hostZone";
import { withZoneRuntime } from "./zoneRuntime";

type Inputs = InputsOf<typeof HostZone>;

export const hostZone: HandlerOf<typeof HostZone> = {
  /** What stands against a switch is told before anything is made, also in previews. */
  async check(_, news) {
    // what a preflight looks at has checks of its own
    if (isPreflight() || !isKnown(news.zone.url)) return news;
    const { version, versionOnDisk } = await look(news);
    if (versionOnDisk !== undefined && versionOnDisk !== version) {
      say(
        `zone ${news.zoneName}: its control plane is ${version}, and the program on disk is ${versionOnDisk}: the switch is a restart, and so an upgrade`,
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
  return look(inputs);
}

function look(inputs: Inputs): Promise<UnitFacts> {
  return withUnitHost(inputs.zone, (host, name) =>
    withZone(inputs, (zone) => lookAtUnit(host, name, zone, inputs.federatedDatabase)),
  );
}
