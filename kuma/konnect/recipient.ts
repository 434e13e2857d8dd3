import type { Federation } from "../federation/federation";
import { ControlPlane } from "../api/client";
import { isKumaError } from "../errors";
import { Recipient, ZoneExport, exportZone, readZone } from "../federation/export";
import { Environment, NAMESPACE_LABEL, Resource, SYSTEM_NAMESPACES } from "../resource/resource";
import { isGenerated } from "../api/resourceTypes";

/** Who may do what is decided by Konnect, for its own users and teams. */
const ACCESS_TYPES = new Set(["AccessRole", "AccessRoleBinding", "AccessAudit"]);
/** Credentials of users of the zone's own API; Konnect has its own. */
const USER_CREDENTIALS = /^(admin-user-token$|user-token-signing-key-|user-token-revocations$)/;

/**
 * What Konnect takes of a zone, and under which name. Without a control plane (it is yet to be made) only what is true
 * for every one is said.
 */
export async function hostedRecipient(
  global: ControlPlane | undefined,
  environment: Environment = "kubernetes",
): Promise<Recipient> {
  const globalSecrets = global && (await servesGlobalSecrets(global));
  return {
    leavesOut: (resource) => reasonToLeaveOut(resource, globalSecrets, environment),
    form: (resource) => ({ ...resource, name: nameOnGlobal(resource.name) }),
  };
}

/** Reads a zone that runs alone for the global that it goes to: Konnect does not take everything as it is. */
export async function exportFor({
  zone,
  global,
  hosted,
}: Pick<Federation, "zone" | "global" | "hosted">): Promise<ZoneExport> {
  return hosted ? exportZone(zone, await hostedRecipient(global, zone.environment)) : exportZone(zone);
}

/** Everything that is configured on a global, except what one in Konnect does not serve. */
export async function readAll(global: ControlPlane): ReturnType<typeof readZone> {
  const without = global.hosted && !(await servesGlobalSecrets(global)) ? "GlobalSecret" : undefined;
  return readZone(global, (name) => name !== without);
}

/** Kong documents nothing about global secrets in Konnect, so it is asked. */
export async function servesGlobalSecrets(global: ControlPlane): Promise<boolean> {
  const type = (await global.resourceTypes()).find(({ name }) => name === "GlobalSecret");
  if (type === undefined || type.readOnly) return false;
  try {
    await global.getJson(`/${type.path}?size=1`, "the list of GlobalSecret");
    return true;
  } catch (error) {
    if (
      isKumaError(error, "notFound", "forbidden") ||
      (isKumaError(error, "refused") && error.status === 405)
    )
      return false;
    throw error;
  }
}

function reasonToLeaveOut(
  resource: Resource,
  globalSecrets: boolean | undefined,
  environment: Environment,
): string | undefined {
  const { type, name } = resource;
  if (ACCESS_TYPES.has(type)) return "Konnect decides for its own users and teams who may do what";
  if (type === "GlobalSecret" && USER_CREDENTIALS.test(name))
    return "Konnect has its own users, and knows no tokens of a zone's";
  if (isGenerated(resource) && globalSecrets === false)
    return "this control plane in Konnect does not serve global secrets; zone ingresses and egresses need new tokens";
  const namespace = resource.labels?.[NAMESPACE_LABEL];
  if (environment === "kubernetes" && namespace !== undefined && !SYSTEM_NAMESPACES.includes(namespace))
    return `it belongs to the namespace ${namespace} of the zone's cluster`;
  return undefined;
}

/** A zone on Kubernetes shows what is in its system namespace as `<name>.<namespace>`. */
function nameOnGlobal(name: string): string {
  const suffix = SYSTEM_NAMESPACES.map((namespace) => `.${namespace}`).find((each) => name.endsWith(each));
  return suffix === undefined ? name : name.slice(0, -suffix.length);
}
