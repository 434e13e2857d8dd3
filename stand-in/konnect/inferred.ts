/**
 * What Kong does not document, and this stand-in assumes: from public code of clients, and from how Kuma behaves. Each
 * assumption stands here with its ground, and nowhere else; docs/konnect-stand-in.md lists them.
 */
import { type ApiRequest, type ApiResponse, ok, plainError } from "../api/http";
import { ApiError } from "../errors";
import type { ZoneHello } from "../kds/insight";
import type { Admission } from "../kds/globalServer";
import { newResource } from "../resources/writer";
import { hasRole, MESH, type Organization, type Principal, requireRole } from "./organization";
import { Problem } from "./problem";
import type { Tenant } from "./tenant";
import type { Tenants } from "./tenants";

/** A control plane builds `next` links from what it believes its own host to be (Kuma, pkg/api-server/pagination.go). */
const BELIEVED_HOST = "kong-mesh-control-plane.internal.invalid:5681";
/** Kuma's own endpoints that hand out tokens or show the configuration: the docs of Konnect name none of them. */
const NOT_SERVED = ["tokens", "config", "who-am-i"];
const ZONE_NAME = /^(?![-0-9])[a-z0-9-]{1,63}$/;
const ONE_YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * Kuma's API below `/v1/mesh/control-planes/{id}/api`. That it is Kuma's own, with `_resources`, `global-insight` with
 * limits, meshes, secrets and policies, is documented; zones and global secrets are not.
 */
export async function hostedApi(
  tenant: Tenant,
  organization: Organization,
  principal: Principal,
  rest: readonly string[],
  request: ApiRequest,
): Promise<ApiResponse> {
  const { id, limits } = tenant.record;
  const reads = request.method === "GET";
  requireRole(principal, reads ? ["Admin", "Viewer"] : ["Admin"], id);
  const [first] = rest;
  if (NOT_SERVED.includes(first)) {
    return plainError(404);
  }
  if (first === "provision-zone" && request.method === "POST") {
    return provisionZone(tenant, organization, request);
  }
  // the global registers a zone when it connects; DELETE is what the GUI sends
  if (first === "zones" && request.method === "PUT") {
    return plainError(405, "GET, DELETE");
  }
  const user = {
    name: "mesh-system:admin",
    groups: hasRole(principal, ["Admin"], id) ? ["mesh-system:admin"] : [],
  };
  const inner = { ...request, user, segments: rest, path: `/${rest.join("/")}`, host: BELIEVED_HOST };
  const answer = await tenant.route(inner);
  if (first === "zones" && request.method === "DELETE" && answer.status === 200) {
    removeManagedAccount(organization, accountName(id, rest[1]));
  }
  if (first === "global-insight" && answer.status === 200) {
    return ok({ ...(answer.body as object), ...insight(tenant), limits });
  }
  return answer;
}

/** The stand-in counts neither proxies nor connections in its insight; quotas need both. */
function insight(tenant: Tenant): Record<string, unknown> {
  const proxies = tenant.store.list("Dataplane").length;
  const none = { online: 0, offline: 0, partiallyDegraded: 0, total: 0 };
  const zone = { online: 0, total: 0 };
  return {
    dataplanes: {
      standard: { ...none, offline: proxies, total: proxies },
      gatewayBuiltin: none,
      gatewayDelegated: none,
    },
    zones: {
      controlPlanes: { online: tenant.onlineZones().length, total: tenant.store.list("Zone").length },
      zoneIngresses: zone,
      zoneEgresses: zone,
    },
  };
}

/** What the web wizard calls (kuma-gui, KumaApi.createZone; public scripts). It makes an account that Konnect manages. */
async function provisionZone(
  tenant: Tenant,
  organization: Organization,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { name } = JSON.parse(await request.json()) as { name?: string };
  if (name === undefined || !ZONE_NAME.test(name)) {
    throw new ApiError(400, "Invalid request", "Resource is not valid", [
      { field: "name", reason: "must be a valid RFC 1035 label" },
    ]);
  }
  const key = { type: "Zone", mesh: "", name };
  if (tenant.store.get("Zone", key)) {
    throw new ApiError(409, "Conflict", `zone "${name}" already exists`);
  }
  tenant.store.create(newResource({ ...key, body: { enabled: true } }));
  const account = organization.addPrincipal({
    kind: "account",
    name: accountName(tenant.record.id, name),
    description: "",
    konnect_managed: true,
  });
  organization.addRole(account, {
    role_name: "Connector",
    entity_id: tenant.record.id,
    entity_type_name: MESH,
    entity_region: "*",
  });
  const { token } = organization.newToken(account, name, new Date(Date.now() + ONE_YEAR_MS));
  return ok({ token });
}

function accountName(controlPlaneId: string, zone: string): string {
  return `mesh_${controlPlaneId}_${zone}`;
}

/** The wizard's account goes with its zone: said in Kong's docs of the account, not of which call does it. */
function removeManagedAccount(organization: Organization, name: string): void {
  const managed = organization.principals.find((each) => each.konnect_managed && each.name === name);
  if (managed) {
    organization.removePrincipal(managed.id);
  }
}

/**
 * Zones show their access token and the control plane's id when they connect. The statuses are those that a runbook of
 * Kong's field tells to look for.
 */
export function admission(tenants: Tenants, organization: Organization, region: string): Admission {
  return (hello: ZoneHello) => {
    let principal: Principal;
    try {
      principal = organization.authenticate(hello.konnect?.token);
    } catch (error) {
      if (error instanceof Problem) {
        return { refusal: "Unauthenticated: the token is missing, has ended or is not known" };
      }
      throw error;
    }
    const tenant = tenants.get(hello.konnect?.controlPlaneId ?? "");
    if (!tenant || !hasRole(principal, ["Connector", "Admin"], tenant.record.id, region)) {
      return { refusal: "PermissionDenied: no role Connector on this control plane in this region" };
    }
    const { zones } = tenant.record.limits;
    const isNew = !tenant.store.get("Zone", { mesh: "", name: hello.zone });
    if (isNew && zones > 0 && tenant.store.list("Zone").length >= zones) {
      return { refusal: "ResourceExhausted: the limit of zones is reached" };
    }
    return tenant;
  };
}
