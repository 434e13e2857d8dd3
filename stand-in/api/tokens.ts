import { isAdmin, requireAdmin } from "../auth";
import {
  dataplaneTokenKey,
  FIRST_KEY_ID,
  latestSigningKey,
  USER_TOKEN_KEY,
  ZONE_TOKEN_KEY,
} from "../crypto/signingKeys";
import { type Claims, issueToken } from "../crypto/tokens";
import { ApiError, type Violation } from "../errors";
import type { Store } from "../resources/store";
import { type ApiRequest, type ApiResponse, plainError } from "./http";

const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;
const UNITS_MS: Record<string, number> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

interface TokenRequest {
  claims: Claims;
  keyPrefix: string;
  mesh: string;
  validForMs: number;
}

type Fields = Record<string, unknown>;

/** `POST /tokens/{user,zone,dataplane}`. Source: Kuma v2.14.3 pkg/tokens/builtin/server and pkg/plugins/authn/api-server/tokens/ws. */
export class TokenEndpoints {
  constructor(private readonly store: Store) {}

  async issue(kind: string, request: ApiRequest): Promise<ApiResponse> {
    const read = { user: userToken, zone: zoneToken, dataplane: dataplaneToken }[kind];
    if (!read) {
      return plainError(404);
    }
    if (request.method !== "POST") {
      return plainError(405, "POST");
    }
    const text = await request.json();
    requireIssuer(kind, request, text);
    const { claims, keyPrefix, mesh, validForMs } = read(parse(text));
    const key = latestSigningKey(this.store, keyPrefix, mesh);
    if (!key) {
      const secret =
        mesh === ""
          ? `GlobalSecret of name "${keyPrefix}-${FIRST_KEY_ID}"`
          : `Secret of name "${keyPrefix}-${FIRST_KEY_ID}" in mesh "${mesh}"`;
      throw new ApiError(
        404,
        "Signing Key not found",
        `there is no signing key with KID ${FIRST_KEY_ID}. ${secret} is not found. ` +
          "If signing key was rotated, regenerate the token",
      );
    }
    return {
      status: 200,
      headers: { "Content-Type": "text/plain" },
      body: issueToken(claims, key, validForMs),
    };
  }
}

/** Each kind has its own words for the refusal. */
function requireIssuer(kind: string, request: ApiRequest, text: string): void {
  if (kind === "user") {
    if (!isAdmin(request.user)) {
      throw new ApiError(403, "Access Denied", "action not allowed");
    }
  } else if (kind === "zone") {
    requireAdmin(request.user, `access generate zone token for zone '${String(parse(text).zone ?? "")}'`);
  } else {
    requireAdmin(request.user, "access generate dataplane token");
  }
}

function parse(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    throw new ApiError(400, "Invalid request", "Could not read a request");
  }
}

function userToken(fields: Fields): TokenRequest {
  const violations: Violation[] = [];
  if (!fields.name) {
    violations.push({ field: "name", reason: "cannot be empty" });
  }
  const validForMs = fields.validFor ? duration(String(fields.validFor), violations) : 0;
  if (!fields.validFor) {
    violations.push({ field: "validFor", reason: "cannot be empty" });
  }
  reject(violations);
  return {
    claims: { Name: fields.name, Groups: fields.groups ?? null },
    keyPrefix: USER_TOKEN_KEY,
    mesh: "",
    validForMs,
  };
}

function zoneToken(fields: Fields): TokenRequest {
  const violations: Violation[] = [];
  if (!Array.isArray(fields.scope)) {
    violations.push({ field: "scope", reason: "cannot be empty" });
  }
  const validForMs = optionalDuration(fields.validFor, violations);
  reject(violations);
  return {
    claims: { Zone: fields.zone ?? "", Scope: fields.scope },
    keyPrefix: ZONE_TOKEN_KEY,
    mesh: "",
    validForMs,
  };
}

function dataplaneToken(fields: Fields): TokenRequest {
  const violations: Violation[] = [];
  if (!fields.mesh) {
    violations.push({ field: "mesh", reason: "cannot be empty" });
  }
  const validForMs = optionalDuration(fields.validFor, violations);
  reject(violations);
  const mesh = String(fields.mesh);
  return {
    claims: {
      Name: fields.name ?? "",
      Mesh: mesh,
      Tags: fields.tags ?? {},
      Type: fields.type ?? "",
      Workload: fields.workload ?? "",
    },
    keyPrefix: dataplaneTokenKey(mesh),
    mesh,
    validForMs,
  };
}

function optionalDuration(value: unknown, violations: Violation[]): number {
  return value ? duration(String(value), violations) : TEN_YEARS_MS;
}

/** A duration as Go writes it: 1h30m. */
function duration(text: string, violations: Violation[]): number {
  if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text)) {
    violations.push({ field: "validFor", reason: `is invalid: time: invalid duration "${text}"` });
    return 0;
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS_MS[unit], 0);
}

function reject(violations: Violation[]): void {
  if (violations.length > 0) {
    throw new ApiError(400, "Invalid request", "Resource is not valid", violations);
  }
}
