import type { ControlPlane } from "../../kuma";
import type { GlobalConfig } from "../../stack/settings/controlPlanes";

/** Where the setting globalToken is for the API of the global; the tokens of others the program looks after itself. */
const GIVEN: (GlobalConfig["platform"] | undefined)[] = ["existing", "kubernetes"];

/** Says so where a global refuses what the stack gives for it: nothing else shows that, as the admin's token of a zone serves too. */
export async function refusedTokens(
  global: ControlPlane,
  platform: GlobalConfig["platform"] | undefined,
  given: readonly string[] = [],
): Promise<string[]> {
  if (!GIVEN.includes(platform)) return [];
  for (const token of given)
    if (await global.refuses(token))
      return [
        "The global does not accept the token that the stack gives for it (globalToken): it has expired, was revoked, or is signed with a key that the global no longer has. " +
          "The admin's token of a zone serves in its place. Set a new one with npm run secret, and run npm run up.",
      ];
  return [];
}
