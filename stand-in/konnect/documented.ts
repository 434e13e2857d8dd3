/**
 * What Kong documents: mesh control planes of a region (OpenAPI mesh-control-planes v0), and system accounts, roles and
 * tokens of the organisation (OpenAPI identity v3). Paths, fields, statuses and errors follow those documents;
 * which role a call needs follows Kong's page on teams and roles.
 */
import { randomUUID } from "node:crypto";

import { type ApiRequest, type ApiResponse, ok } from "../api/http";
import {
  type ControlPlaneRecord,
  hasRole,
  MESH,
  type Organization,
  type Principal,
  requireRole,
  type Token,
} from "./organization";
import { type InvalidParameter, Problem } from "./problem";
import type { Tenants } from "./tenants";

const MOST_ROWS = 100;
const YEAR_MS = 366 * 24 * 60 * 60 * 1000;
const NO_CONTENT: ApiResponse = { status: 204, body: "" };
const REGIONS = ["us", "eu", "au", "me", "in", "sg", "*"];

type Fields = Record<string, unknown>;

/** `/v1/mesh/control-planes` and `/v1/mesh/control-planes/{id}`. */
export async function controlPlanes(
  tenants: Tenants,
  organization: Organization,
  principal: Principal,
  id: string | undefined,
  request: ApiRequest,
): Promise<ApiResponse> {
  if (id === undefined) {
    switch (request.method) {
      case "GET": {
        requireRole(principal, ["Admin", "Viewer", "Creator"]);
        const name = request.query.get("filter[name][eq]");
        const rows = organization.controlPlanes.filter((each) => name === null || each.name === name);
        return ok(page(rows.map(shownControlPlane), request));
      }
      case "POST":
        requireRole(principal, ["Creator"]);
        return {
          status: 201,
          body: shownControlPlane(await tenants.create(newControlPlane(await fields(request)))),
        };
      default:
        throw new Problem(405, "Method not allowed");
    }
  }
  const record = organization.controlPlanes.find((each) => each.id === id);
  if (!record) {
    throw new Problem(404, "Control plane not found");
  }
  switch (request.method) {
    case "GET":
      requireRole(principal, ["Admin", "Viewer", "Creator"], id);
      return ok(shownControlPlane(record));
    case "DELETE": {
      requireRole(principal, ["Admin"], id);
      const [online] = tenants.get(id)?.onlineZones() ?? [];
      if (online !== undefined) {
        throw new Problem(400, `zone "${online}" is still online. Disconnect the zone first`);
      }
      tenants.remove(id);
      return NO_CONTENT;
    }
    default:
      throw new Problem(405, "Method not allowed");
  }
}

function newControlPlane(given: Fields): ControlPlaneRecord {
  const { name, description, labels, features, version, ...others } = given;
  const invalid: InvalidParameter[] = Object.keys(others).map((field) => ({
    field,
    reason: "additional properties are not allowed",
  }));
  if (typeof name !== "string" || name.length > 100 || !/^[a-z0-9A-Z]{1}.*$/.test(name)) {
    invalid.push({ field: "name", reason: "must be 1 to 100 characters and begin with a letter or digit" });
  }
  if (features !== undefined && !Array.isArray(features)) {
    invalid.push({ field: "features", reason: "must be an array" });
  }
  if (invalid.length > 0) {
    throw new Problem(400, "Validation error", invalid);
  }
  const now = new Date().toISOString();
  return {
    id: randomUUID(),
    name: String(name),
    ...(description === undefined ? {} : { description: String(description) }),
    ...(labels === undefined ? {} : { labels: labels as Record<string, string> }),
    ...(features === undefined ? {} : { features: features as unknown[] }),
    version: String(version ?? "v2"),
    created_at: now,
    updated_at: now,
    limits: { dataplanes: 0, policies: 0, zones: 0 },
  };
}

function shownControlPlane({ limits: _, ...shown }: ControlPlaneRecord): Fields {
  return shown;
}

/** Everything below `/v3`. */
export async function identity(
  organization: Organization,
  principal: Principal,
  [first, accountId, part, itemId]: readonly string[],
  request: ApiRequest,
): Promise<ApiResponse> {
  if (first === "organizations" && accountId === "me" && request.method === "GET") {
    return ok({ id: organization.id, name: "stand-in", state: "active" });
  }
  if (first !== "system-accounts") {
    throw new Problem(404, "Not found");
  }
  if (!principal.identityAdmin) {
    throw new Problem(403, "Access denied");
  }
  const call = [request.method, part ?? (accountId === undefined ? "accounts" : "account")].join(" ");
  const account = accountId === undefined ? undefined : accountOf(organization, accountId);
  switch (call) {
    case "GET accounts": {
      const name = request.query.get("filter[name][eq]");
      const rows = organization.principals.filter(
        (each) => each.kind === "account" && (name === null || each.name === name),
      );
      return ok(page(rows.map(shownAccount), request));
    }
    case "POST accounts":
      return { status: 201, body: shownAccount(newAccount(organization, await fields(request))) };
    case "GET account":
      return ok(shownAccount(account!));
    case "DELETE account":
      organization.removePrincipal(account!.id);
      return NO_CONTENT;
    case "GET assigned-roles":
      return ok(page(account!.roles, request));
    case "POST assigned-roles":
      return { status: 201, body: newRole(organization, account!, await fields(request)) };
    case "GET access-tokens":
      return ok(page(organization.tokensOf(account!).map(shownToken), request));
    case "POST access-tokens":
      return { status: 201, body: newToken(organization, account!, await fields(request)) };
    case "DELETE access-tokens":
      organization.removeToken(account!, itemId ?? "");
      return NO_CONTENT;
    default:
      throw new Problem(405, "Method not allowed");
  }
}

function accountOf(organization: Organization, id: string): Principal {
  const found = organization.principal(id);
  if (found.kind !== "account") {
    throw new Problem(404, "System account not found");
  }
  return found;
}

function newAccount(organization: Organization, { name, description, konnect_managed }: Fields): Principal {
  requireTexts({ name, description });
  if (organization.principals.some((each) => each.kind === "account" && each.name === name)) {
    throw new Problem(409, "A system account with the same name already exists");
  }
  return organization.addPrincipal({
    kind: "account",
    name: String(name),
    description: String(description),
    konnect_managed: konnect_managed === true,
  });
}

function newRole(organization: Organization, account: Principal, given: Fields): Fields {
  const { role_name, entity_id, entity_type_name, entity_region } = given;
  requireTexts({ role_name, entity_id, entity_type_name, entity_region });
  if (!REGIONS.includes(String(entity_region))) {
    throw new Problem(400, "Validation error", [{ field: "entity_region", reason: "is not a region" }]);
  }
  if (entity_type_name === MESH && hasRole(account, [String(role_name)], String(entity_id))) {
    throw new Problem(409, "The role is already assigned");
  }
  return {
    ...organization.addRole(account, {
      role_name: String(role_name),
      entity_id: String(entity_id),
      entity_type_name: String(entity_type_name),
      entity_region: String(entity_region),
    }),
  };
}

function newToken(organization: Organization, account: Principal, { name, expires_at }: Fields): Fields {
  requireTexts({ name, expires_at });
  const expires = new Date(String(expires_at));
  if (Number.isNaN(expires.getTime()) || expires.getTime() - Date.now() > YEAR_MS) {
    throw new Problem(400, "Validation error", [
      { field: "expires_at", reason: "must be a time within 12 months" },
    ]);
  }
  if (organization.tokensOf(account).some((token) => token.name === name)) {
    throw new Problem(409, "A token with the same name already exists");
  }
  const made = organization.newToken(account, String(name), expires);
  return { ...shownToken(made), token: made.token };
}

function shownAccount({ id, name, description, created_at, updated_at, konnect_managed }: Principal): Fields {
  return { id, name, description, created_at, updated_at, konnect_managed };
}

function shownToken({ id, name, created_at, updated_at, expires_at }: Token): Fields {
  return { id, name, created_at, updated_at, expires_at };
}

function requireTexts(given: Fields): void {
  const missing = Object.entries(given).filter(([, value]) => typeof value !== "string" || value === "");
  if (missing.length > 0) {
    const invalid = missing.map(([field]) => ({ field, reason: "is required" }));
    throw new Problem(400, "Validation error", invalid);
  }
}

async function fields(request: ApiRequest): Promise<Fields> {
  try {
    return JSON.parse(await request.json()) as Fields;
  } catch {
    throw new Problem(400, "The body is not JSON");
  }
}

function page(rows: readonly object[], request: ApiRequest): Fields {
  const size = Math.min(Number(request.query.get("page[size]") ?? 10), MOST_ROWS);
  const number = Number(request.query.get("page[number]") ?? 1);
  return {
    meta: { page: { number, size, total: rows.length } },
    data: rows.slice((number - 1) * size, number * size),
  };
}
