import type { IncomingMessage } from "node:http";

import type { Config } from "./config";
import { secretText, USER_TOKEN_KEY } from "./crypto/signingKeys";
import { type Claims, verifyToken } from "./crypto/tokens";
import { ApiError } from "./errors";
import type { Store } from "./resources/store";

export interface User {
  name: string;
  groups: readonly string[];
}

const ADMIN = "mesh-system:admin";
const AUTHENTICATED = "mesh-system:authenticated";
const ANONYMOUS: User = { name: "mesh-system:anonymous", groups: ["mesh-system:unauthenticated"] };

/**
 * Who is asking: a program on this machine is admin (where that is configured) whatever token it shows; others are
 * who their user token says. Source: Kuma v2.14.3 pkg/api-server/authn/localhost.go and pkg/plugins/authn/api-server/tokens.
 */
export function authenticate(
  request: IncomingMessage,
  store: Store,
  { localhostIsAdmin, userTokenKeys }: Pick<Config["api"], "localhostIsAdmin" | "userTokenKeys">,
): User {
  if (localhostIsAdmin && isDirectLoopback(request)) {
    return { name: ADMIN, groups: [ADMIN, AUTHENTICATED] };
  }
  const header = request.headers.authorization ?? "";
  if (!header.startsWith("Bearer ")) {
    return ANONYMOUS;
  }
  const claims = verifyToken(header.slice("Bearer ".length), (id) => {
    const configured = userTokenKeys.get(id);
    if (configured !== undefined) return configured;
    // Read anew each time: an imported signing key counts from the moment that it is written.
    const secret = store.get("GlobalSecret", { mesh: "", name: `${USER_TOKEN_KEY}-${id}` });
    return secret && secretText(secret);
  });
  if (!claims || isRevoked(store, claims)) {
    throw new ApiError(401, "Invalid authentication data", "Unauthenticated");
  }
  const groups = Array.isArray(claims.Groups) ? claims.Groups.map(String) : [];
  return { name: String(claims.Name ?? ""), groups: [...groups, AUTHENTICATED] };
}

/** Source: Kuma v2.14.3 pkg/core/tokens/revocations.go. */
function isRevoked(store: Store, { jti }: Claims): boolean {
  const secret = store.get("GlobalSecret", { mesh: "", name: "user-token-revocations" });
  return secret !== undefined && secretText(secret).replace(/\n$/, "").split(",").includes(String(jti));
}

export function isAdmin(user: User): boolean {
  return user.name === ADMIN || user.groups.includes(ADMIN);
}

export function requireAdmin(user: User, action: string): void {
  if (!isAdmin(user)) {
    throw new ApiError(403, "Access Denied", `user "${user.name}/${user.groups.join(",")}" cannot ${action}`);
  }
}

/** A proxy or a browser on this machine that speaks for someone else does not make that one an admin. */
function isDirectLoopback(request: IncomingMessage): boolean {
  const { headers } = request;
  if (!isLoopback(request.socket.remoteAddress ?? "") || !isLoopback(hostOf(headers.host ?? ""))) {
    return false;
  }
  if (headers.forwarded || headers["x-forwarded-for"] || headers["x-real-ip"]) {
    return false;
  }
  const site = headers["sec-fetch-site"] ?? "";
  if (site !== "" && site !== "same-origin" && site !== "none") {
    return false;
  }
  return !headers.origin || headers.origin === `http://${headers.host}`;
}

function hostOf(authority: string): string {
  return authority.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return name === "localhost" || name === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(name);
}
