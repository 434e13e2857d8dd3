import { Case, GLOBAL_CONFIG, ADMIN, content, stored, userKey, userKeyOfGlobal } from "../../fixtures";

export const credentials: Case[] = [
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
];
