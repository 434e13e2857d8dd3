/**
 * What differs where Konnect hosts a control plane. Its REST API is Kuma's own, so `ControlPlane` serves for it as well.
 * The address tells: no other control plane's API lies below `/mesh/control-planes/<id>/api`.
 */
export interface HostedApi {
  controlPlaneId: string;
}

const HOSTED_PATH = /\/mesh\/control-planes\/([^/]+)\/api\/?$/;

export function hostedApi(base: URL): HostedApi | undefined {
  const controlPlaneId = HOSTED_PATH.exec(base.pathname)?.[1];
  return controlPlaneId === undefined ? undefined : { controlPlaneId };
}

/** The same for an address that may be none. */
export function isHostedApi(url: string): boolean {
  return URL.canParse(url) && hostedApi(new URL(url)) !== undefined;
}

/** How often a 404 to a write is taken for a mesh that is not known everywhere yet. */
const NOT_THERE_YET_ATTEMPTS = 3;

/**
 * Answers after which Kong's published clients ask again (terraform-provider-konnect-beta 0.19.0): 408, 429, 5xx, and
 * 404 because of replication. A 404 to a read is an answer: nothing is there.
 */
export function isRetriedByKonnect(method: string, status: number, attempt: number): boolean {
  if (status === 404) return method === "PUT" && attempt < NOT_THERE_YET_ATTEMPTS;
  return status === 408 || status === 429 || status >= 500;
}

/** What to do about a refused token, by status. */
export const HOSTED_TOKEN_ADVICE = {
  401: "The Konnect token has expired, was revoked or is wrong: set a new one as konnectToken or KONNECT_TOKEN.",
  403: 'The Konnect token lacks a role: "Admin" on this mesh control plane is needed to write to it, "Viewer" to read.',
} as const;
