import { acrossZones } from "./resources/acrossZones";
import { multiZone } from "./resources/multiZone";
import { controlPlanes } from "./controlPlanes/both";
import { credentials } from "./connection/credentials";
import { exposure } from "./connection/exposure";
import { global } from "./controlPlanes/global";
import { host } from "./controlPlanes/host";
import { identities } from "./resources/identities";
import { ingresses } from "./connection/ingresses";
import { kds } from "./connection/kds";
import { konnect } from "./controlPlanes/konnect";
import { messages } from "./connection/messages";
import { names } from "./resources/names";
import { policies } from "./resources/policies";
import { proxyTokens } from "./resources/proxyTokens";
import { resources } from "./resources/conflicts";
import { sync } from "./resources/sync";
import { zone } from "./controlPlanes/zone";
import type { Case } from "../fixtures";

/** What each check of `kuma/preflight/checks/` finds, a file for each file there. */
export const CASES: readonly Case[] = [
  ...acrossZones,
  ...multiZone,
  ...controlPlanes,
  ...credentials,
  ...exposure,
  ...global,
  ...host,
  ...identities,
  ...ingresses,
  ...kds,
  ...konnect,
  ...messages,
  ...names,
  ...policies,
  ...proxyTokens,
  ...resources,
  ...sync,
  ...zone,
];
