import { TOKEN_VARIABLES } from "./variables";

/** An environment variable taken from a Secret, as the chart kong-mesh wants it in `controlPlane.secrets`. */
export interface TokenReference {
  Env: string;
  Secret: string;
  Key: string;
}

/** A list, or an object with names of the user's own. */
export type SecretVariables = TokenReference[] | Record<string, TokenReference> | null | undefined;

/** The token in place of any that was there, under whatever name; the other variables stay. */
export function withToken(secrets: unknown, token: TokenReference): SecretVariables {
  const there = secrets as SecretVariables;
  const isOther = ({ Env }: TokenReference) => !TOKEN_VARIABLES.includes(Env);
  if (there === null || there === undefined) return [token];
  if (Array.isArray(there)) return [...there.filter(isOther), token];
  const others = Object.entries(there).filter(([, entry]) => isOther(entry));
  return { ...Object.fromEntries(others), cpToken: token };
}
