import type { Resource } from "../../../../../kuma";
import { newKey, secret, tokenOf } from "../../../../support/userTokens";
import { Case, GLOBAL_CONFIG, ADMIN, content, stored, userKey, userKeyOfGlobal } from "../../fixtures";

const KEY = newKey();
const OTHER_KEY = newKey();
const OF_ZONE = tokenOf(KEY, "1", { exp: undefined });
const ANOTHER = tokenOf(KEY, "1", { exp: undefined, jti: "id-2" });
const OF_SECOND_KEY = tokenOf(KEY, "2", { exp: undefined });
const OF_GLOBAL = tokenOf(OTHER_KEY, "1", { exp: undefined });
const keyOfGlobal = secret("user-token-signing-key-1", OTHER_KEY);
const keyOfZone = secret("user-token-signing-key-1", KEY);
/** Both sides with a key of the id 1 each, of which the zone's is to be in force on both. */
const withKeys = (...ofZone: Resource[]) => ({
  zone: stored(...content.filter((each) => each !== ADMIN), keyOfZone, ...ofZone),
  global: stored(userKeyOfGlobal),
});

export const credentials: Case[] = [
  [
    "the zone tells who asks",
    "zone-credential",
    "ok",
    {
      prepare: (z) =>
        z.documents.set("/who-am-i", { name: "ci", groups: ["mesh-system:admin", 7, "readers"] }),
    },
    /taken for ci, of mesh-system:admin, readers/,
  ],
  [
    "the zone tells who asks, who is in no group",
    "zone-credential",
    "ok",
    { prepare: (z) => z.documents.set("/who-am-i", { name: "ci", groups: "all" }) },
    /taken for ci, of no group/,
  ],
  [
    "the zone does not tell who asks",
    "zone-credential",
    "ok",
    { prepare: (z) => z.documents.set("/who-am-i", { groups: [] }) },
    /shows its \d secret/,
  ],
  [
    "whom the zone takes the caller for cannot be asked",
    "zone-credential",
    "inconclusive",
    { prepare: (z) => z.fail("GET /who-am-i", { status: 500 }, 99) },
    /the name of the caller/,
  ],
  [
    "the zone's admin token is signed with the key that comes along",
    "global-token",
    "ok",
    withKeys(secret("admin-user-token", tokenOf(KEY, "1", { exp: undefined }))),
    /serves on the global also afterwards.*the zone's admin token: accepted/,
  ],
  [
    "the global's own admin token is signed with a key that stays",
    "global-token",
    "ok",
    {
      zone: stored(...content.filter((each) => each !== ADMIN), secret("user-token-signing-key-2", newKey())),
      global: stored(keyOfZone, secret("admin-user-token", tokenOf(KEY, "1", { exp: undefined }))),
    },
    /user-token-signing-key-2: new.*the global's admin token: accepted/,
  ],
  [
    "the zone hides its secrets",
    "zone-credential",
    "blocker",
    { prepare: (z) => z.fail("GET /secrets", { status: 403 }, 99) },
    /denies access to the list of Secret/,
  ],
  [
    "the global hides its secrets",
    "global-credential",
    "blocker",
    { prepare: (_, g) => g.fail("GET /secrets", { status: 401 }, 99) },
    /does not accept the token/,
  ],
  [
    "the global is read-only",
    "global-credential",
    "blocker",
    { global: { config: { ...GLOBAL_CONFIG, apiServer: { readOnly: true } } } },
    /set to be read-only/,
  ],
  [
    "no token would serve any more",
    "global-token",
    "blocker",
    { zone: stored(...content.filter((each) => each !== ADMIN), userKey), global: stored(userKeyOfGlobal) },
    /accepts none of the tokens at hand, and its users would be locked out.*is replaced by the zone's.*kumactl generate user-token/,
  ],
  [
    "no token would serve, but the global asks this machine for none",
    "global-token",
    "warning",
    {
      zone: stored(...content.filter((each) => each !== ADMIN), userKey),
      global: stored(userKeyOfGlobal),
      prepare: (_, global) =>
        global.documents.set("/who-am-i", { name: "admin", groups: ["mesh-system:admin"] }),
    },
    /its users are locked out/,
  ],
  [
    "no token would serve, unless one was signed elsewhere",
    "global-token",
    "inconclusive",
    {
      zone: stored(...content.filter((each) => each !== ADMIN), userKey),
      global: {
        ...stored(userKeyOfGlobal),
        config: {
          ...GLOBAL_CONFIG,
          apiServer: { authn: { tokens: { validator: { publicKeys: [{ kid: "1" }] } } } },
        },
      },
    },
    /unless they were signed with a public key/,
  ],
  [
    "the global is read-only in a cluster, where writes go to the cluster's API",
    "global-credential",
    "ok",
    { global: { config: { ...GLOBAL_CONFIG, environment: "kubernetes", apiServer: { readOnly: true } } } },
    /shows its secrets/,
  ],
  [
    "the global's own admin token is signed with the key that gives way",
    "global-token",
    "blocker",
    { zone: withKeys().zone, global: stored(keyOfGlobal, secret("admin-user-token", OF_GLOBAL)) },
    /the global's admin token: refused, as /,
  ],
  [
    "what is given for the global is signed with the key that gives way, and the zone's admin token serves",
    "global-token",
    "warning",
    { ...withKeys(secret("admin-user-token", OF_ZONE)), tokens: [OF_GLOBAL] },
    /does not accept what was given for it any more\..*token 1 that .*: refused, as .* set it as globalToken/,
  ],
  [
    "what is given for the global may be signed with a key of its configuration",
    "global-token",
    "ok",
    {
      ...withKeys(secret("admin-user-token", OF_ZONE)),
      tokens: [OF_GLOBAL],
      global: {
        ...withKeys().global,
        config: {
          ...GLOBAL_CONFIG,
          apiServer: { authn: { tokens: { validator: { publicKeys: [{ kid: "1" }] } } } },
        },
      },
    },
    /A token at hand serves/,
  ],
  [
    "tokens are given beside the zone's admin token",
    "global-token",
    "ok",
    { ...withKeys(secret("admin-user-token", OF_ZONE)), tokens: [OF_ZONE, OF_GLOBAL, ANOTHER] },
    /the zone's admin token: accepted token 1 that .*: refused, as .* token 2 that .*: accepted $/,
  ],
  [
    "tokens are given beside the global's admin token",
    "global-token",
    "ok",
    {
      zone: withKeys().zone,
      global: stored(keyOfGlobal, secret("admin-user-token", OF_GLOBAL)),
      tokens: [OF_GLOBAL, ANOTHER],
    },
    /the global's admin token: refused, as .* token 1 that .*: accepted $/,
  ],
  [
    "both sides keep their own admin's tokens",
    "global-token",
    "ok",
    {
      zone: stored(
        ...content.filter((each) => each !== ADMIN),
        ...[secret("user-token-signing-key-2", KEY), secret("admin-user-token", OF_SECOND_KEY)],
      ),
      global: stored(
        ...[{ type: "Mesh", name: "theirs" }, keyOfGlobal, secret("admin-user-token", OF_GLOBAL)],
      ),
      federation: { onConflict: "keepGlobal" },
    },
    /-key-2: new the zone's admin token: accepted the global's admin token: accepted $/,
  ],
];
