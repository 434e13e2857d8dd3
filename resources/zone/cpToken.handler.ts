import { isZoneTokenDue, issueZoneToken } from "../../kuma";
import { withGlobal } from "../connections";
import { changedInputs } from "../provider/handler";
import type { HandlerOf, InputsOf } from "../provider/resource";
import { say } from "../provider/say";
import type { CpToken } from "./cpToken";

type Inputs = InputsOf<typeof CpToken>;

/** Changes of these need another token; how the global is reached is only remembered. */
const OF_TOKEN: readonly string[] = ["zoneName", "tokenDays", "generation", "global.url"];

export const cpToken: HandlerOf<typeof CpToken> = {
  async diff(_, olds, news) {
    const isDue = isZoneTokenDue(olds);
    if (isDue)
      say(`zone ${news.zoneName}: to get a new token for its control plane, as it ends ${olds.ends}`);
    return { changes: isDue || changedInputs(olds, news).length > 0 };
  },
  create: async (inputs) => ({ id: inputs.zoneName, outs: await issued(inputs) }),
  async update(_, olds, news) {
    const { token, ends } = olds;
    const isKept =
      !isZoneTokenDue(olds) && !changedInputs(olds, news).some((name) => OF_TOKEN.includes(name));
    return isKept ? { ...news, token, ends } : issued(news);
  },
  // it goes on being accepted until it ends: what revokes one on a global revokes it for ever
  delete: async () => {},
};

function issued(inputs: Inputs) {
  const { zoneName, tokenDays } = inputs;
  return withGlobal(inputs, async (global) => ({
    ...inputs,
    ...(await issueZoneToken(global, zoneName, "cp", tokenDays)),
  }));
}
