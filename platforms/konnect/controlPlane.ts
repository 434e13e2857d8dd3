import {
  ControlPlane,
  HostedControlPlane,
  HostedLimits,
  Konnect,
  KumaError,
  assertSupported,
  hostedApiUrl,
  hostedUse,
  isKumaError,
} from "../../kuma";
import { until } from "../../kuma/until";

/** Which control plane in Konnect is meant. */
export interface ControlPlaneChoice {
  region: string;
  /** Either a name, which must be that of exactly one, or an id (`id` itself is a word of Pulumi's). */
  name?: string;
  chosenId?: string;
  /** Make it when none has this name. */
  create: boolean;
}

/** Looks a control plane up; undefined when there is none and it may be made. Two of one name are an error. */
export async function findControlPlane(
  konnect: Konnect,
  { region, name, chosenId: id, create }: ControlPlaneChoice,
): Promise<HostedControlPlane | undefined> {
  if (id !== undefined) {
    const found = await konnect.controlPlane(id);
    if (found) return found;
    throw new KumaError(
      "notFound",
      `There is no mesh control plane with the id ${id} in Konnect's region ${region}, or the token has no role on it. Nothing was changed. ` +
        `Check the settings controlPlaneId and region of the global: each control plane is in one region only.`,
    );
  }
  const found = await konnect.controlPlanesNamed(name ?? "");
  if (found.length > 1) {
    throw new KumaError(
      "conflict",
      `${found.length} mesh control planes in Konnect's region ${region} are called ${JSON.stringify(name)}: ${found.map((each) => each.id).join(", ")}. ` +
        `Nothing was changed. Say which one with the setting controlPlaneId of the global.`,
    );
  }
  if (found.length === 1 || create) return found[0];
  throw new KumaError(
    "notFound",
    `There is no mesh control plane called ${JSON.stringify(name)} in Konnect's region ${region}, or the token has no role on it. Nothing was changed. ` +
      `Check the settings controlPlane and region of the global, or have it made with create: true.`,
  );
}

export interface HostedInfo {
  product: string;
  version: string;
  limits: HostedLimits;
}

/** Product, version and limits of a control plane in Konnect, which must be a 2.x. */
export async function inspectControlPlane(apiUrl: string, id: string, token: string): Promise<HostedInfo> {
  const global = new ControlPlane({
    title: "the control plane in Konnect",
    url: hostedApiUrl(apiUrl, id),
    tokens: [token],
  });
  try {
    const { product, version } = await global.info();
    assertSupported(global, { product, version });
    const { limits } = await hostedUse(global);
    return { product, version, limits };
  } finally {
    global.close();
  }
}

/** Konnect's own clients ask for so long while a zone counts as online. */
const DELETE_DEADLINE_MS = 6 * 60 * 1000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Deletes a control plane. Konnect refuses that while it believes a zone to be online, so it is tried for a while. */
export async function deleteControlPlane(
  konnect: Konnect,
  id: string,
  deadlineMs = DELETE_DEADLINE_MS,
): Promise<void> {
  const refusal = async () => {
    try {
      await konnect.deleteControlPlane(id);
      return undefined;
    } catch (error) {
      if (!isKumaError(error, "refused") || error.status !== 400) throw error;
      return error;
    }
  };
  const left = await until(refusal, {
    deadlineMs,
    everyMs: (looks) => Math.min(FIRST_PAUSE_MS * 2 ** (looks - 1), LONGEST_PAUSE_MS),
    isThere: (error) => error === undefined,
  });
  if (left === undefined) return;
  throw new KumaError(
    "refused",
    `${left.message} The control plane ${id} was not deleted. Take the zones off it that are still connected, and run this again.`,
  );
}
