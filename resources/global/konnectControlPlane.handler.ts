import { Konnect, hostedApiUrl } from "../../kuma";
import {
  deleteControlPlane,
  findControlPlane,
  inspectControlPlane,
} from "../../platforms/konnect/controlPlane";
import { changedInputs } from "../provider/handler";
import { konnectToken, withKonnect } from "../konnectConnection";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf } from "../provider/resource";
import type { KonnectControlPlane } from "./konnectControlPlane";

type Inputs = InputsOf<typeof KonnectControlPlane>;

export const konnectControlPlane: HandlerOf<typeof KonnectControlPlane> = {
  check: (olds, news) =>
    withKonnect(news, async (konnect) => {
      const found = await knownOrNamed(konnect, olds, news);
      if (news.provisioning === "systemAccount") await assertMayProvision(konnect);
      return { ...news, ...(found && (await describe(news, found.id))) };
    }),

  diff: async (_, olds, news) => ({
    changes: news.controlPlaneId === undefined || changedInputs(olds, news).length > 0,
  }),

  create: (inputs) =>
    withKonnect(inputs, async (konnect) => {
      const found = await findControlPlane(konnect, inputs);
      const { id } = found ?? (await konnect.createControlPlane(inputs.name ?? ""));
      return { id, outs: { ...inputs, ...(await describe(inputs, id)), created: found === undefined } };
    }),

  update: (_, olds, news) =>
    withKonnect(news, async (konnect) => {
      const found = await knownOrNamed(konnect, olds, news);
      const { id } = found ?? (await konnect.createControlPlane(news.name ?? ""));
      const created = found === undefined || (olds.created && found.id === olds.controlPlaneId);
      return { ...news, ...(await describe(news, id)), created };
    }),

  delete: async (id, props) => {
    if (!props.created) return;
    await withKonnect({ ...props, token: konnectToken(props.token) }, async (konnect) => {
      const found = await konnect.controlPlane(id);
      if (found === undefined) return;
      if (found.name === props.name) await deleteControlPlane(konnect, id);
      else say(`control plane ${id} in Konnect stays, as it is called ${found.name} by now`);
    });
  },
};

/** The one that this stack used last time, as long as it is there and meant; otherwise looked up. */
async function knownOrNamed(konnect: Konnect, olds: Partial<Inputs>, news: Inputs) {
  const same = olds.region === news.region && olds.name === news.name && olds.apiUrl === news.apiUrl;
  const known =
    same && olds.controlPlaneId !== undefined && news.chosenId === undefined
      ? await konnect.controlPlane(olds.controlPlaneId)
      : undefined;
  return known ?? (await findControlPlane(konnect, news));
}

/** A token that cannot make system accounts is better refused before anything is written. */
async function assertMayProvision(konnect: Konnect): Promise<void> {
  await konnect.systemAccountNamed("kuma-federation");
}

async function describe({ apiUrl, token }: Inputs, controlPlaneId: string) {
  const hostedUrl = hostedApiUrl(apiUrl, controlPlaneId);
  return { controlPlaneId, hostedUrl, ...(await inspectControlPlane(apiUrl, controlPlaneId, token)) };
}
