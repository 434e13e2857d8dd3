import { Check } from "../check";
import { acrossZones } from "./resources/acrossZones";
import {
  distinctClusters,
  globalApi,
  modes,
  products,
  supportedVersions,
  versionSkew,
  zoneApi,
} from "./controlPlanes/both";
import { globalCredential, tokenInForce, zoneCredential } from "./connection/credentials";
import { kdsCredential, localhostAdmin } from "./connection/exposure";
import { deletedInZone, leftovers, limits, typesKnown, zoneNameFree } from "./controlPlanes/global";
import { zoneHost } from "./controlPlanes/host";
import { identityAuthorities, meshIdentities, meshTrusts } from "./resources/identities";
import { ingressesReachable } from "./connection/ingresses";
import { kdsReachable, kdsTls } from "./connection/kds";
import { konnectTrust, konnectTypes } from "./controlPlanes/konnect";
import { multiZone } from "./resources/multiZone";
import { messageLimit, messagesElsewhere } from "./connection/messages";
import { nameLengths } from "./resources/names";
import { policies } from "./resources/policies";
import { conflicts, meshAuthorities, namespaced, secrets } from "./resources/conflicts";
import { proxyTokens } from "./resources/proxyTokens";
import { copyNames, kdsSync } from "./resources/sync";
import { zoneAlone, zoneHasMesh, zoneNameKept, zoneStore } from "./controlPlanes/zone";

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
  proxyTokens,
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
  ingressesReachable,
  ...multiZone,
];
