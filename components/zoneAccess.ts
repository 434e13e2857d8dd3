import * as pulumi from "@pulumi/pulumi";
import { CpToken } from "../resources";
import { assertWithin } from "./arguments/bounds";
import { TOKEN_DAYS } from "./arguments/limits";
import { otherwise } from "./arguments/otherwise";
import { accessOf, konnectOf } from "./konnect/platform";
import { globalConnectionOf } from "./membership";
import type { JoinOptions } from "./platform";

/** What lets a zone connect with a global that asks for a token. Removed after the zone has left. */
export interface ZoneAccess {
  /** Secret. */
  token: pulumi.Output<string>;
  /** What issues it; none where it is given. */
  issuer?: pulumi.Resource;
  /** Of the Secret that holds it in a cluster. */
  secretName: string;
  /** Where the global is one in Konnect. */
  konnect?: ReturnType<typeof konnectOf>;
}

/** @param generation of what was carried: a global that was filled again may sign with another key */
export function zoneAccess(
  { name, parent, zoneName, join, cpToken }: JoinOptions,
  generation?: pulumi.Input<number>,
): ZoneAccess | undefined {
  const { konnect, api } = join;
  if (konnect) {
    if (cpToken)
      throw new pulumi.ResourceError(
        "[cpToken] is for a global of your own: one in Konnect gives its zones their tokens itself.",
        parent,
      );
    const issuer = accessOf(zoneName, konnect, { name, parent });
    const secretName = `${name}-konnect-token`;
    return { token: issuer.zoneToken, issuer, secretName, konnect: konnectOf(konnect, issuer) };
  }
  if (!cpToken) return undefined;
  const { token: given } = cpToken;
  const tokenDays = otherwise(cpToken.tokenDays, 365);
  assertWithin(tokenDays, TOKEN_DAYS, "cpToken.tokenDays", parent);
  const secretName = `${name}-cp-token-secret`;
  if (given !== undefined)
    return { token: pulumi.secret(pulumi.output(given).apply((each) => each.trim())), secretName };
  const issuer = new CpToken(
    `${name}-cp-token`,
    { ...globalConnectionOf(api), zoneName, tokenDays, ...(generation !== undefined && { generation }) },
    { parent },
  );
  return { token: pulumi.secret(issuer.token), issuer, secretName };
}

/** What a zone on a host or of this machine is told of what it shows its global. */
export function shownOnHost(access: ZoneAccess | undefined) {
  if (access?.konnect) return { konnect: access.konnect };
  return access ? { cpToken: access.token } : {};
}
