import { KumaError } from "../../kuma";
import { withHost } from "../../platforms/universal/hosts/hosts";
import { UnitFacts, lookAtUnit } from "../../platforms/universal/unit/lookAtUnit";
import { parseUnitUrl } from "../../platforms/universal/unit/location";
import { beginToMakeWhole, isToBeMadeWhole } from "../../platforms/universal/zone/wholeZone";
import { withZone } from "../connections";
import { changedInputs, isKnown } from "../provider/handler";
import { isPreflight } from "../options/preflightMode";
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
  await withZoneRuntime(inputs, beginToMakeWhole);
  return look(inputs);
}

function look(inputs: Inputs): Promise<UnitFacts> {
  const { url, ssh } = inputs.zone;
  const unit = parseUnitUrl(url);
  if (!unit) throw new KumaError("invalid", `${url} is no unit on a host. Nothing was changed.`);
  const { unit: name, ...place } = unit;
  return withHost({ ...place, ...ssh }, (host) =>
    withZone(inputs, (zone) => lookAtUnit(host, name, zone, inputs.federatedDatabase)),
  );
}
