import { ControlPlane, enumerated, federatedTo, isKumaError, Sides } from "../../../kuma";
import type { Circumstances } from "../../../kuma/ledger";
import {
  KnownZone,
  isOutdated,
  lookAtZone,
  meshesAnew,
  packZone,
  putBackOwned,
  remembered,
  unpackZone,
  untilMeshesThere,
} from "../../../platforms/kubernetes/ownedResources";
import { untilJoined } from "../../../platforms/kubernetes/zoneFederation";
import { withConnections, withZone } from "../../connections";
import { changedInputs } from "../../provider/handler";
import { afterFailedJoin } from "./kubernetesSwitch";
import { LedgerOutcome, leftToGlobal, witness } from "../../ledgers";
import { noteMember } from "../../options/members";
import { say } from "../../provider/say";
import type { HandlerOf, InputsOf, StateOf } from "../../provider/resource";
import { letGo } from "../letGo";
import { asMember, isHeldBack } from "../withheld";
import type { KubernetesZoneFederation } from "./kubernetesZoneFederation";
import { restartInCluster } from "./restart";
import { startWithToken } from "./startWithToken";

type Inputs = InputsOf<typeof KubernetesZoneFederation>;
type Outputs = StateOf<typeof KubernetesZoneFederation>;

/** Changes of these are only to be remembered, for what comes later. */
const REMEMBERED = ["before", "onConflict", "adopted", "onFailedSwitch", "snapshot"];

/** A zone in a cluster that has joined its global: online in several samples, both sides equal. */
export const kubernetesZoneFederation: HandlerOf<typeof KubernetesZoneFederation> = {
  async check(_, news) {
    noteMember(news.zoneName);
    return news;
  },
  async diff(_, olds, news) {
    const changed = changedInputs(olds, news).some((name) => !REMEMBERED.includes(name));
    if (changed || (news.before !== undefined && olds.ledger === undefined)) return { changes: true };
    try {
      const isOld = await withZone(news, async (zone) => {
        if (federatedTo(await zone.config()) !== news.kdsAddress || !olds.known) return true;
        return isOutdated(unpackZone(olds.known), await lookAtZone(zone, news.zoneName));
      });
      return { changes: isOld || (await isHeldBack(news)) };
    } catch (error) {
      if (isKumaError(error)) return { changes: true };
      throw error;
    }
  },
  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: await asMember(inputs, () => join(inputs, undefined)),
  }),
  update: (_, olds, news) =>
    asMember(news, async () => {
      await startWithToken(olds, news);
      return join(news, olds);
    }),
  // the way back is a resource of its own, see kubernetesWayBack.ts
  async delete(_, props) {
    await letGo(props);
  },
};

async function join(inputs: Inputs, former: Outputs | undefined): Promise<Outputs> {
  const before = former?.known && unpackZone(former.known);
  let version: string;
  let anew: string[] = [];
  try {
    const { kdsAddress, resources } = inputs;
    ({ version } = await withConnections(inputs, (sides) =>
      untilJoined(sides, kdsAddress, resources, async () => {
        if (before) anew = await giveBack(inputs, before, sides);
      }),
    ));
  } catch (error) {
    if (!isKumaError(error)) throw error;
    throw await afterFailedJoin(inputs, former?.release, error);
  }
  return withZone(inputs, async (zone) => {
    const ledger = former?.ledger ?? (await holdTo(inputs, zone));
    if (former?.ledger && before && anew.length > 0)
      await holdTo(inputs, zone, { meshes: anew, leaving: before.record, isLeavingWhole: true });
    const known = packZone(remembered(before, await lookAtZone(zone, inputs.zoneName)));
    return { ...inputs, online: true, version, ledger, known };
  });
}

function holdTo(
  { zoneName, before, onConflict = "fail" }: Inputs,
  zone: ControlPlane,
  mesh: Circumstances = {},
): Promise<LedgerOutcome | undefined> {
  if (before === undefined) return Promise.resolve(undefined);
  return witness("joined", zone, zoneName, before, { isLeftToGlobal: leftToGlobal(onConflict), ...mesh });
}

/** Gives a zone back what it owned in meshes that its global had lost and that are back. Gives their names. */
async function giveBack(inputs: Inputs, before: KnownZone, { zone, global }: Sides): Promise<string[]> {
  const { zoneName } = inputs;
  const meshes = meshesAnew(before, await untilMeshesThere(before, zone, global));
  if (meshes.length === 0) return [];
  const names = enumerated(meshes);
  const written = await putBackOwned(before, zone, meshes);
  say(
    `zone ${zoneName}: it has mesh ${names} again, which its global had lost; put back of what it owned there: ${enumerated(written) || "nothing"}`,
  );
  if (!(await restartInCluster(inputs, "asks its global for everything"))) return meshes;
  // what a control plane makes for a mesh that is new may have come in between
  await putBackOwned(before, zone, meshes);
  return meshes;
}
