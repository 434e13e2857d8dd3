import { Check } from "../check";
import { acrossZones } from "./acrossZones";
import {
  distinctClusters,
  globalApi,
  modes,
  products,
  supportedVersions,
  versionSkew,
  zoneApi,
} from "./controlPlanes";
import { globalCredential, tokenInForce, zoneCredential } from "./credentials";
import { kdsCredential, localhostAdmin } from "./exposure";
import { deletedInZone, leftovers, limits, typesKnown, zoneNameFree } from "./global";
import { zoneHost } from "./host";
import { identityAuthorities, meshIdentities, meshTrusts } from "./identities";
import { kdsReachable, kdsTls } from "./kds";
import { konnectTrust, konnectTypes } from "./konnect";
import { messageLimit, messagesElsewhere } from "./messages";
import { nameLengths } from "./names";
import { policies } from "./policies";
import { conflicts, meshAuthorities, namespaced, secrets } from "./resources";
import { copyNames, kdsSync } from "./sync";
import { zoneAlone, zoneHasMesh, zoneNameKept, zoneStore } from "./zone";

/** In the order in which they are shown. A new check is one more line here and one in docs/preflight.md. */
export const CHECKS: readonly Check[] = [
  zoneApi,
  globalApi,
  products,
  supportedVersions,
  versionSkew,
  modes,
  distinctClusters,
  zoneAlone,
  zoneNameKept,
  zoneNameFree,
  leftovers,
  zoneHasMesh,
  zoneStore,
  zoneHost,
  zoneCredential,
  globalCredential,
  tokenInForce,
  localhostAdmin,
  kdsReachable,
  kdsTls,
  kdsCredential,
  konnectTrust,
  typesKnown,
  konnectTypes,
  conflicts,
  meshAuthorities,
  secrets,
  deletedInZone,
  kdsSync,
  copyNames,
  nameLengths,
  messageLimit,
  messagesElsewhere,
  meshIdentities,
  identityAuthorities,
  meshTrusts,
  namespaced,
  limits,
  policies,
  acrossZones,
];
