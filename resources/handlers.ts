import type * as resources from "./index";
import { kubernetesClusters } from "./cluster/kubernetesClusters.handler";
import { kubernetesInstallation } from "./cluster/installation/kubernetesInstallation.handler";
import { kubernetesKdsAddress } from "./cluster/kubernetesKdsAddress.handler";
import { kubernetesNamespace } from "./cluster/installation/kubernetesNamespace.handler";
import { kubernetesObjects } from "./cluster/kubernetesObjects.handler";
import { kubernetesRelease } from "./cluster/installation/kubernetesRelease.handler";
import { kubernetesUpgrade } from "./cluster/kubernetesUpgrade.handler";
import { federatedResources } from "./federation/federatedResources.handler";
import { globalWayBack } from "./federation/globalWayBack.handler";
import { existingGlobal } from "./global/existingGlobal.handler";
import { kdsCertificate } from "./global/kdsCertificate.handler";
import { konnectControlPlane } from "./global/konnectControlPlane.handler";
import { kubernetesGlobal } from "./global/kubernetesGlobal.handler";
import { universalGlobal } from "./global/universalGlobal.handler";
import { hostControlPlane } from "./host/hostControlPlane.handler";
import { hostInstallation } from "./host/hostInstallation.handler";
import { hostMember } from "./host/hostMember.handler";
import { hostProxy } from "./host/hostProxy.handler";
import { hostTokens } from "./host/hostTokens.handler";
import { meshPolicies } from "./policies/meshPolicies.handler";
import { policyHandover } from "./policies/policyHandover.handler";
import { policyWayBack } from "./policies/policyWayBack.handler";
import { cpToken } from "./zone/cpToken.handler";
import { hostZone } from "./zone/universal/hostZone.handler";
import { konnectZone } from "./zone/konnectZone.handler";
import { kubernetesWayBack } from "./zone/kubernetes/kubernetesWayBack.handler";
import { kubernetesZoneFederation } from "./zone/kubernetes/kubernetesZoneFederation.handler";
import { settledZones } from "./zone/settledZones.handler";
import { standaloneZone } from "./zone/universal/standaloneZone.handler";
import { universalWayBack } from "./zone/universal/universalWayBack.handler";
import { universalZoneFederation } from "./zone/universal/universalZoneFederation.handler";
import { zoneOnGlobal } from "./zone/zoneOnGlobal.handler";
import { zoneRegistration } from "./zone/zoneRegistration.handler";
import type { HandlersOf } from "./provider/resource";

/** The handlers of all resources. Their names stand in the state of every stack: none of them can ever change. */
export const HANDLERS: HandlersOf<typeof resources> = {
  cpToken,
  existingGlobal,
  federatedResources,
  globalWayBack,
  hostControlPlane,
  hostInstallation,
  hostMember,
  hostProxy,
  hostTokens,
  hostZone,
  kdsCertificate,
  konnectControlPlane,
  konnectZone,
  kubernetesClusters,
  kubernetesGlobal,
  kubernetesInstallation,
  kubernetesKdsAddress,
  kubernetesNamespace,
  kubernetesObjects,
  kubernetesRelease,
  kubernetesUpgrade,
  kubernetesWayBack,
  kubernetesZoneFederation,
  meshPolicies,
  policyHandover,
  policyWayBack,
  settledZones,
  standaloneZone,
  universalGlobal,
  universalWayBack,
  universalZoneFederation,
  zoneOnGlobal,
  zoneRegistration,
};
