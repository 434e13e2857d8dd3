import { isKumaError, KumaError } from "../errors";
import { urlPath } from "../resource/names";
import { Api, KonnectOptions, Request } from "./api";

/** A control plane as Konnect's list shows it. Names are not unique. */
export interface HostedControlPlane {
  id: string;
  name: string;
  /** Of the API, such as `v2`; nothing follows from it for the version that runs. */
  version?: string;
}

export interface SystemAccount {
  id: string;
  name: string;
  konnect_managed?: boolean;
}

export interface AccessToken {
  id: string;
  name: string;
  /** RFC 3339. */
  expires_at: string;
}

export interface AssignedRole {
  id: string;
  role_name: string;
  entity_id: string;
  entity_type_name: string;
  entity_region: string;
}

const MESH_ROLE = (role: string) => `"${role}" on Mesh Control Planes`;
const IDENTITY_ADMIN = `"Identity Admin" of the organisation`;
/** Answers that say that the other side may have done what it was asked for. */
const UNCERTAIN = ["unreachable", "server"] as const;

/**
 * Konnect's own API, as far as a federation needs it: control planes of a region, and system accounts with roles and
 * tokens of the organisation. Shapes follow Kong's published OpenAPI documents (mesh-control-planes v0, identity v3).
 * Errors are `KumaError`s; for 403 they name the role that is missing.
 */
export class Konnect {
  private readonly region: Api;
  private readonly identity: Api;

  constructor(private readonly options: KonnectOptions) {
    this.region = new Api(options, `Konnect in region ${options.region}`, options.apiUrl);
    this.identity = new Api(options, "Konnect's identity API", options.identityUrl);
  }

  close(): void {
    this.region.close();
    this.identity.close();
  }

  /** Control planes of exactly this name. */
  async controlPlanesNamed(name: string): Promise<HostedControlPlane[]> {
    const filter = new URLSearchParams({ "filter[name][eq]": name });
    const found = await this.region.list<HostedControlPlane>(`/v1/mesh/control-planes?${filter}`, {
      what: "the list of mesh control planes",
      role: MESH_ROLE("Viewer"),
    });
    return found.filter((each) => each.name === name);
  }

  /** Undefined when the region has none of this id, or the token cannot see it. */
  async controlPlane(id: string): Promise<HostedControlPlane | undefined> {
    const path = urlPath`/v1/mesh/control-planes/${id}`;
    const what = `the mesh control plane ${id}`;
    return orUndefined(
      this.region.json<HostedControlPlane>({ method: "GET", path, what, role: MESH_ROLE("Viewer") }),
    );
  }

  /**
   * Makes a control plane that makes no mesh and no hostname generators of its own. Names are not unique, so a request
   * whose answer got lost is not sent again before a look whether it was carried out.
   */
  async createControlPlane(name: string): Promise<HostedControlPlane> {
    const request: Request = {
      method: "POST",
      path: "/v1/mesh/control-planes",
      body: {
        name,
        description: "Made by kuma-federation",
        features: [
          { type: "MeshCreation", meshCreation: { enabled: false } },
          { type: "HostnameGeneratorCreation", hostnameGeneratorCreation: { enabled: false } },
        ],
      },
      what: `the mesh control plane ${name}`,
      role: MESH_ROLE("Creator"),
    };
    try {
      return await this.region.json<HostedControlPlane>(request, { attempts: 1 });
    } catch (error) {
      if (!isKumaError(error, ...UNCERTAIN)) throw error;
      const [made] = await this.controlPlanesNamed(name);
      return made ?? (await this.region.json<HostedControlPlane>(request, { attempts: 1 }));
    }
  }

  /** Konnect refuses it (400) while a zone is online. One that is not there counts as deleted. */
  async deleteControlPlane(id: string): Promise<void> {
    const path = urlPath`/v1/mesh/control-planes/${id}`;
    await orUndefined(
      this.region.send({
        method: "DELETE",
        path,
        what: `the mesh control plane ${id}`,
        role: MESH_ROLE("Admin"),
      }),
    );
  }

  async systemAccountNamed(name: string): Promise<SystemAccount | undefined> {
    const filter = new URLSearchParams({ "filter[name][eq]": name });
    const what = "the list of system accounts";
    const found = await this.identity.list<SystemAccount>(`/v3/system-accounts?${filter}`, {
      what,
      role: IDENTITY_ADMIN,
    });
    return found.find((each) => each.name === name);
  }

  async createSystemAccount(name: string, description: string): Promise<SystemAccount> {
    const body = { name, description, konnect_managed: false };
    const what = `the system account ${name}`;
    try {
      return await this.identity.json<SystemAccount>({
        method: "POST",
        path: "/v3/system-accounts",
        body,
        what,
        role: IDENTITY_ADMIN,
      });
    } catch (error) {
      // names are unique: a request whose answer got lost has made it
      const made = isKumaError(error, "refused") && error.status === 409;
      const account = made ? await this.systemAccountNamed(name) : undefined;
      if (account) return account;
      throw error;
    }
  }

  /** With its roles and tokens. One that is not there counts as deleted. */
  async deleteSystemAccount(id: string): Promise<void> {
    await orUndefined(
      this.identity.send({
        method: "DELETE",
        path: urlPath`/v3/system-accounts/${id}`,
        what: `the system account ${id}`,
        role: IDENTITY_ADMIN,
      }),
    );
  }

  /** Lets an account connect zones with a control plane. Assigned already counts as done. */
  async assignConnector(accountId: string, controlPlaneId: string): Promise<void> {
    try {
      await this.identity.send({
        method: "POST",
        path: urlPath`/v3/system-accounts/${accountId}/assigned-roles`,
        body: {
          role_name: "Connector",
          entity_type_name: "Mesh Control Planes",
          entity_id: controlPlaneId,
          entity_region: this.options.region,
        },
        what: `the role Connector of the system account ${accountId}`,
        role: IDENTITY_ADMIN,
      });
    } catch (error) {
      if (!(isKumaError(error, "refused") && error.status === 409)) throw error;
    }
  }

  /** Undefined when there is no such account. */
  async assignedRoles(accountId: string): Promise<AssignedRole[] | undefined> {
    const path = urlPath`/v3/system-accounts/${accountId}/assigned-roles`;
    const what = `the roles of the system account ${accountId}`;
    return orUndefined(this.identity.list<AssignedRole>(path, { what, role: IDENTITY_ADMIN }));
  }

  /** Undefined when there is no such account. */
  async accessTokens(accountId: string): Promise<AccessToken[] | undefined> {
    const path = urlPath`/v3/system-accounts/${accountId}/access-tokens`;
    const what = `the tokens of the system account ${accountId}`;
    return orUndefined(this.identity.list<AccessToken>(path, { what, role: IDENTITY_ADMIN }));
  }

  /** Konnect shows the token this once. A name serves only once: 409 where an answer got lost. */
  async createAccessToken(
    accountId: string,
    name: string,
    expiresAt: Date,
  ): Promise<AccessToken & { token: string }> {
    const made = await this.identity.json<Partial<AccessToken & { token: string }>>({
      method: "POST",
      path: urlPath`/v3/system-accounts/${accountId}/access-tokens`,
      body: { name, expires_at: expiresAt.toISOString() },
      what: `the access token ${name}`,
      role: IDENTITY_ADMIN,
      isSecret: true,
    });
    if (isToken(made.token) && typeof made.expires_at === "string")
      return made as AccessToken & { token: string };
    throw new KumaError("notKuma", `Konnect's identity API gave no token for the access token ${name}.`);
  }

  async deleteAccessToken(accountId: string, tokenId: string): Promise<void> {
    await orUndefined(
      this.identity.send({
        method: "DELETE",
        path: urlPath`/v3/system-accounts/${accountId}/access-tokens/${tokenId}`,
        what: `the access token ${tokenId}`,
        role: IDENTITY_ADMIN,
      }),
    );
  }

  /**
   * What the web wizard calls. Kong does not document it: it was seen in Kong's GUI and in scripts of 2023 to 2025,
   * below `/v0`. It makes an account that Konnect manages and removes together with the zone.
   */
  async provisionZone(controlPlaneId: string, zoneName: string): Promise<string> {
    const { token } = await this.region.json<{ token?: string }>({
      method: "POST",
      path: urlPath`/v1/mesh/control-planes/${controlPlaneId}/api/provision-zone`,
      body: { name: zoneName },
      what: `zone ${zoneName}`,
      role: MESH_ROLE("Admin"),
      isSecret: true,
    });
    if (isToken(token)) return token;
    throw new KumaError(
      "refused",
      `Konnect's undocumented call for the web wizard gave no token for zone ${zoneName}. Use zoneProvisioning: systemAccount.`,
    );
  }
}

/** What can go into a header. */
function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isKumaError(error, "notFound")) return undefined;
    throw error;
  }
}
