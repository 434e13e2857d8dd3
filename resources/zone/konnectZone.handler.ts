import {
  accessProblem,
  grantZoneAccess,
  renewZoneToken,
  revokeZoneAccess,
} from "../../platforms/konnect/zoneAccess";
import { changedInputs } from "../provider/handler";
import { konnectToken, withKonnect } from "../konnectConnection";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { KonnectZone } from "./konnectZone";

type Inputs = InputsOf<typeof KonnectZone>;

/** Changes of these need another account. */
const IDENTIFYING: (keyof Inputs)[] = ["controlPlaneId", "zoneName", "provisioning", "identityUrl"];

/** What lets a zone connect with Konnect: a system account, its role, and a token that is renewed before it ends. */
export const konnectZone: HandlerOf<typeof KonnectZone> = {
  async diff(_, olds, news) {
    const replaces = changedInputs(olds, news).filter((name) => IDENTIFYING.includes(name));
    if (replaces.length > 0) return { changes: true, replaces };
    const problem = await withKonnect(news, (konnect) => accessProblem(konnect, news, olds));
    if (problem !== undefined) say(`zone ${news.zoneName}: to get a new token for Konnect, as ${problem}`);
    return { changes: problem !== undefined || changedInputs(olds, news).length > 0 };
  },

  create: (inputs) =>
    withKonnect(inputs, async (konnect) => ({
      id: `${inputs.controlPlaneId}/${inputs.zoneName}`,
      outs: { ...inputs, ...(await grantZoneAccess(konnect, inputs)) },
    })),

  update: (_, olds, news) =>
    withKonnect(news, async (konnect) => {
      const { zoneToken, account } = olds;
      if ((await accessProblem(konnect, news, olds)) === undefined) return { ...news, zoneToken, account };
      const isThere = account !== undefined && (await konnect.accessTokens(account.id)) !== undefined;
      const access = isThere
        ? await renewZoneToken(konnect, account.id, news)
        : await grantZoneAccess(konnect, news);
      return { ...news, ...access };
    }),

  delete: (_, props) =>
    withKonnect({ ...props, token: konnectToken(props.token) }, (konnect) =>
      revokeZoneAccess(konnect, props, props),
    ),
};
