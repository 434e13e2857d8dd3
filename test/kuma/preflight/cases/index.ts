import { acrossZones } from "./acrossZones";
import { controlPlanes } from "./controlPlanes";
import { credentials } from "./credentials";
import { exposure } from "./exposure";
import { global } from "./global";
import { host } from "./host";
import { identities } from "./identities";
import { kds } from "./kds";
import { konnect } from "./konnect";
import { messages } from "./messages";
import { names } from "./names";
import { policies } from "./policies";
import { resources } from "./resources";
import { sync } from "./sync";
import { zone } from "./zone";
import type { Case } from "../fixtures";

/** What each check of `kuma/preflight/checks/` finds, a file for each file there. */
export const CASES: readonly Case[] = [
  ...acrossZones,
  ...controlPlanes,
  ...credentials,
  ...exposure,
  ...global,
  ...host,
  ...identities,
  ...kds,
  ...konnect,
  ...messages,
  ...names,
  ...policies,
  ...resources,
  ...sync,
  ...zone,
];
