import { federatedTo, isKumaError } from "../../kuma";
import { untilMember } from "../../platforms/member";
import { tellingWhy } from "../../platforms/universal/install/newMember";
import { withConnections, withZone } from "../connections";
import { noteMember } from "../options/members";
import { changedInputs } from "../provider/handler";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import { letGo } from "../zone/letGo";
import { asMember, isHeldBack } from "../zone/withheld";
import type { HostMember } from "./hostMember";
import { withUnitHost } from "./hostPlace";

export const hostMember: HandlerOf<typeof HostMember> = {
  async check(_, news) {
    noteMember(news.zoneName);
    return news;
  },
  async diff(_, olds, news) {
    if (changedInputs(olds, news).length > 0) return { changes: true };
    try {
      const dials = await withZone(news, async (zone) => federatedTo(await zone.config()));
      return { changes: dials !== news.kdsAddress || (await isHeldBack(news)) };
    } catch (error) {
      if (isKumaError(error)) return { changes: true };
      throw error;
    }
  },
  create: async (inputs) => ({
    id: inputs.zoneName,
    outs: await asMember(inputs, () => join(inputs)),
  }),
  update: (_, __, news) => asMember(news, () => join(news)),
  // its unit is a resource of its own, and so is its name on the global
  async delete(_, props) {
    await letGo(props);
  },
};

async function join(inputs: InputsOf<typeof HostMember>): Promise<StateOf<typeof HostMember>> {
  const { version } = await withUnitHost(inputs.zone, (host, unit) =>
    tellingWhy(host, unit, () => withConnections(inputs, (sides) => untilMember(sides, {}))),
  );
  return { ...inputs, online: true, version };
}
