import { Resource, secretText } from "../resource/resource";
import { isSignedBy, parseToken } from "./jwt";
import { USER_TOKEN_SIGNING_KEY } from "./resourceTypes";

/** What a control plane decides by whether it accepts a user token (Kuma v2.14.3, pkg/core/tokens/validator.go). */
export interface TokenRules {
  /** PEM of signing keys, by the id that tokens name. */
  keys: ReadonlyMap<string, string>;
  /** Ids of tokens. */
  revoked: ReadonlySet<string>;
}

/** The rules of a control plane that holds these resources. */
export function tokenRules(resources: readonly Resource[]): TokenRules {
  const secrets = resources.filter(({ type }) => type === "GlobalSecret");
  const keys = secrets.flatMap((secret): [string, string][] =>
    USER_TOKEN_SIGNING_KEY.test(secret.name)
      ? [[secret.name.replace(USER_TOKEN_SIGNING_KEY, ""), secretText(secret)]]
      : [],
  );
  const revocations = secrets.find(({ name }) => name === "user-token-revocations");
  const ids = revocations ? secretText(revocations).replace(/\n$/, "").split(",") : [];
  return { keys: new Map(keys), revoked: new Set(ids) };
}

/** What no control plane takes for a token, so that its keys do not matter. */
export const NO_TOKEN = "it is no user token";

/** Why a control plane with these rules refuses a token; undefined when it accepts it. */
export function reasonToRefuse(text: string, { keys, revoked }: TokenRules): string | undefined {
  const token = parseToken(text);
  if (!token) return NO_TOKEN;
  const { header, claims } = token;
  const key = typeof header.kid === "string" ? keys.get(header.kid) : undefined;
  if (key === undefined) return "there is no user-token-signing-key of the id that it names";
  if (!isSignedBy(token, key)) return `user-token-signing-key-${String(header.kid)} has not signed it`;
  const now = Date.now() / 1000;
  if (typeof claims.exp === "number" && claims.exp <= now) return "it has expired";
  if (typeof claims.nbf === "number" && claims.nbf > now) return "it is not valid yet";
  return typeof claims.jti === "string" && revoked.has(claims.jti)
    ? "user-token-revocations names it"
    : undefined;
}
