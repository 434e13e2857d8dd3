import {
  ControlPlane,
  callsThatEnd,
  isKumaError,
  isZoneEnabled,
  listedServices,
  servicesByZone,
  setZoneEnabled,
} from "../../kuma";
import { withGlobal } from "../connections";
import { changedInputs, isKnown } from "../provider/handler";
import { globalGoes } from "../options/undoMode";
import { leavesNow } from "../options/members";
import { isPreflight } from "../options/preflightMode";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { ZoneOnGlobal } from "./zoneOnGlobal";

type Inputs = InputsOf<typeof ZoneOnGlobal>;

export const zoneOnGlobal: HandlerOf<typeof ZoneOnGlobal> = {
  /** Tells in previews too what a first writing means for calls across zones; of a later one diff tells. */
  async check(olds, news) {
    if (isPreflight() || olds.zoneName !== undefined || !isKnown(news.global.url) || !isKnown(news.enabled))
      return news;
    await differs(news);
    return news;
  },

  async diff(_, olds, news) {
    if (isPreflight()) return { changes: false };
    const isChanged = changedInputs(olds, news).some((name) => name !== "global.tokens");
    // a zone that was deleted on the global by hand comes back enabled when it connects again
    const isToBeWritten = await differs(news);
    return {
      changes: isChanged || isToBeWritten,
      ...(isChanged && { replaces: olds.zoneName === news.zoneName ? [] : ["zoneName"] }),
    };
  },

  create: async (inputs) => ({ id: inputs.zoneName, outs: await written(inputs) }),

  update: (_, __, news) => written(news),

  async delete(_, { enabled, ...inputs }) {
    // what other zones had of it is given to them again, but for a zone that leaves: they have let go of it, and call it no more
    if (enabled || globalGoes() || leavesNow(inputs.zoneName)) return;
    await withGlobal(inputs, async (global) => {
      if ((await isZoneEnabled(global, inputs.zoneName)) === false)
        await written({ ...inputs, enabled: true });
    });
  },
};

async function written(inputs: Inputs): Promise<Inputs> {
  const { zoneName, enabled } = inputs;
  const isWritten = await withGlobal(inputs, (global) => setZoneEnabled(global, zoneName, enabled));
  if (isWritten) say(`zone ${zoneName}: it is ${enabled ? "enabled" : "disabled"} on the global`);
  return inputs;
}

/** Whether the Zone on the global is not as it is to be, and says what a change of it means. */
async function differs(inputs: Inputs): Promise<boolean> {
  const looked = await unlessAway(() =>
    withGlobal(inputs, async (global) => {
      const { zoneName, enabled } = inputs;
      const isEnabled = await isZoneEnabled(global, zoneName);
      if (isEnabled === undefined && !enabled)
        say(
          `zone ${zoneName} is disabled on the global when it joins: other zones get none of its services until it is enabled`,
        );
      const isOther = isEnabled !== undefined && isEnabled !== enabled;
      if (isOther) say(await whatItMeans(global, inputs));
      return isOther;
    }),
  );
  return looked ?? false;
}

/** A disabled zone is left out of what others get: its zone ingress, and its services. */
async function whatItMeans(global: ControlPlane, { zoneName, enabled }: Inputs): Promise<string> {
  if (enabled) {
    const { [zoneName]: own = [] } = await servicesByZone(global);
    return `zone ${zoneName} is enabled on the global: other zones reach its services again (${listedServices(own)})`;
  }
  return (
    `zone ${zoneName} is disabled on the global: calls within it go on, and it goes on getting what the global has; ` +
    (await callsThatEnd(global, zoneName))
  );
}

/** What brings a control plane back comes first. */
async function unlessAway<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isKumaError(error, "unreachable")) return undefined;
    throw error;
  }
}
