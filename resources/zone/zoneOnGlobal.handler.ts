import {
  ControlPlane,
  isKumaError,
  isZoneEnabled,
  listedServices,
  servicesByZone,
  setZoneEnabled,
} from "../../kuma";
import { withGlobal } from "../connections";
import { changedInputs, isKnown } from "../provider/handler";
import { globalGoes } from "../options/undoMode";
import { isPreflight } from "../options/preflightMode";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { ZoneOnGlobal } from "./zoneOnGlobal";

type Inputs = InputsOf<typeof ZoneOnGlobal>;

export const zoneOnGlobal: HandlerOf<typeof ZoneOnGlobal> = {
  /** Tells in previews too what a change means for calls across zones. */
  async check(_, news) {
    if (isPreflight() || !isKnown(news.global.url) || !isKnown(news.enabled)) return news;
    await unlessAway(() =>
      withGlobal(news, async (global) => {
        const isEnabled = await isZoneEnabled(global, news.zoneName);
        if (isEnabled !== undefined && isEnabled !== news.enabled) say(await whatItMeans(global, news));
      }),
    );
    return news;
  },

  async diff(_, olds, news) {
    if (isPreflight()) return { changes: false };
    if (changedInputs(olds, news).some((name) => name !== "global.tokens")) {
      return { changes: true, replaces: olds.zoneName === news.zoneName ? [] : ["zoneName"] };
    }
    // a zone that was deleted on the global by hand comes back enabled when it connects again
    const isEnabled = await unlessAway(() =>
      withGlobal(news, (global) => isZoneEnabled(global, news.zoneName)),
    );
    return { changes: isEnabled !== undefined && isEnabled !== news.enabled };
  },

  create: async (inputs) => ({ id: inputs.zoneName, outs: await written(inputs) }),

  update: (_, __, news) => written(news),

  async delete(_, { enabled, ...inputs }) {
    // what other zones had of it is given to them again
    if (enabled || globalGoes()) return;
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

/** A disabled zone is left out of what others get: its zone ingress, and its services. */
async function whatItMeans(global: ControlPlane, { zoneName, enabled }: Inputs): Promise<string> {
  const { [zoneName]: own = [], ...others } = await servicesByZone(global);
  if (enabled)
    return `zone ${zoneName} is enabled on the global: other zones reach its services again (${listedServices(own)})`;
  const elsewhere = new Set(Object.values(others).flat());
  const [moving, ending] = [
    own.filter((each) => elsewhere.has(each)),
    own.filter((each) => !elsewhere.has(each)),
  ];
  return (
    `zone ${zoneName} is disabled on the global: calls within it go on, and it goes on getting what the global has; ` +
    `calls from other zones to its services end (${listedServices(ending)}), or move to zones that have them too (${listedServices(moving)})`
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
