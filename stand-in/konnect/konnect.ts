import { mkdirSync } from "node:fs";
import type { IncomingMessage } from "node:http";

import { type ApiResponse, ok, readBody, toApiRequest } from "../api/http";
import { ApiServer } from "../api/server";
import type { Config } from "../config";
import { ownCertificate } from "../crypto/certificates";
import { GlobalServer } from "../kds/globalServer";
import { controlPlanes, identity } from "./documented";
import { admission, hostedApi } from "./inferred";
import { Organization } from "./organization";
import { Problem } from "./problem";
import { Tenants } from "./tenants";

const NOBODY = { name: "", groups: [] };

/**
 * A stand-in for Konnect: one organisation, one region, its mesh control planes, and one address at which zones connect.
 * The APIs of the region (`/v1`) and of the organisation (`/v3`) share a port.
 */
export class KonnectStandIn {
  private readonly organization: Organization;
  private readonly tenants: Tenants;
  private readonly api: ApiServer;
  private kds: GlobalServer | undefined;

  constructor(
    private readonly config: Config,
    private readonly region: string,
  ) {
    this.organization = new Organization(config.workDir);
    this.tenants = new Tenants(this.organization, config.workDir);
    this.api = new ApiServer((request) => this.answer(request), config, {
      "POST /stand-in/tokens": (request) => this.newUser(request),
      "PUT /stand-in/limits": (request) => this.setLimits(request),
    });
  }

  async start(): Promise<void> {
    const { config, organization, tenants, region } = this;
    mkdirSync(config.workDir, { recursive: true, mode: 0o700 });
    organization.open();
    await tenants.open();
    const certificate = await ownCertificate(config.workDir, "konnect");
    this.kds = new GlobalServer(config, admission(tenants, organization, region), certificate);
    await this.kds.start();
    await this.api.start();
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.kds?.stop();
    this.tenants.close();
  }

  private async answer(incoming: IncomingMessage): Promise<ApiResponse> {
    try {
      return await this.route(incoming);
    } catch (error) {
      if (error instanceof Problem) {
        return error.toResponse();
      }
      throw error;
    }
  }

  private async route(incoming: IncomingMessage): Promise<ApiResponse> {
    const { organization, tenants } = this;
    const token = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1];
    const principal = organization.authenticate(token);
    const request = toApiRequest(incoming, NOBODY);
    const [version, ...rest] = request.segments;
    if (version === "v3") {
      return identity(organization, principal, rest, request);
    }
    const [product, kind, id, part, ...below] = rest;
    if (version !== "v1" || product !== "mesh" || kind !== "control-planes") {
      throw new Problem(404, "Not found");
    }
    if (part === undefined) {
      return controlPlanes(tenants, organization, principal, id, request);
    }
    const tenant = tenants.get(id);
    if (!tenant || part !== "api") {
      throw new Problem(404, "Control plane not found");
    }
    return hostedApi(tenant, organization, principal, below, request);
  }

  /** A switch for tests: a user with few roles, or with a token that ends soon. */
  private async newUser(request: IncomingMessage): Promise<ApiResponse> {
    const { roles, identityAdmin, expiresAt } = JSON.parse(await readBody(request)) as {
      roles: string[];
      identityAdmin: boolean;
      expiresAt: string;
    };
    return ok(this.organization.newUser(roles, identityAdmin, new Date(expiresAt)));
  }

  /** A switch for tests: how much a control plane may hold. */
  private async setLimits(request: IncomingMessage): Promise<ApiResponse> {
    const { id, ...limits } = JSON.parse(await readBody(request)) as { id: string };
    const record = this.organization.controlPlanes.find((each) => each.id === id);
    Object.assign(record?.limits ?? {}, limits);
    this.organization.save();
    return ok({});
  }
}
