import type { Rule } from "../rule";
import * as encryption from "./encryption";
import * as federation from "./federation";
import * as live from "./live";
import * as network from "./network";
import * as reach from "./reach";
import * as release from "./release";

/** A part of the page that tells of the rules. */
export interface Chapter {
  title: string;
  rules: readonly Rule[];
}

export const CHAPTERS: readonly Chapter[] = [
  {
    title: "KDS and the API",
    rules: [
      network.kdsOpenToEveryone,
      network.kdsLoadBalancerInternal,
      network.kdsCertificateVerified,
      network.kdsEncrypted,
      network.apiEncrypted,
      network.apiNotPublished,
      network.localhostNotAdmin,
    ],
  },
  {
    title: "Zones and their global",
    rules: [
      federation.conflictsNamed,
      federation.mtlsNotEnded,
      federation.undoKeepsOnGlobal,
      federation.failedSwitchTakenBack,
      federation.protectedInProduction,
      federation.zonesFederated,
      federation.zoneNameValid,
      federation.zoneNamesOnce,
    ],
  },
  {
    title: "Control planes",
    rules: [
      release.chartVersionPinned,
      release.versionsTogether,
      release.globalReplicas,
      release.storeKept,
      release.zoneIngress,
      release.injectorFailsClosed,
      release.noCredentialsInValues,
      release.settingsSeen,
    ],
  },
  {
    title: "Encryption and permissions",
    rules: [
      encryption.meshMtls,
      encryption.mtlsStrict,
      encryption.passthroughOff,
      encryption.permissionNarrow,
      encryption.permissionNotDeniedToAll,
    ],
  },
  {
    title: "Policies for a whole mesh",
    rules: [
      reach.timeoutsKept,
      reach.retriesBounded,
      reach.circuitBreakerNarrow,
      reach.routesNarrow,
      reach.proxyPatchNarrow,
      reach.faultsNarrow,
      reach.serverLabelsUnset,
      reach.readyForKuma3,
    ],
  },
  {
    title: "What is live",
    rules: [live.permissionLeft, live.mtlsKept, live.targetExists],
  },
];

export const RULES: readonly Rule[] = CHAPTERS.flatMap(({ rules }) => rules);
