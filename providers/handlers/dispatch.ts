import * as pulumi from "@pulumi/pulumi";
import { KumaError, assertTlsVerified } from "../../kuma";
import { ToolchainError } from "../../toolchain/errors";
import { Handler, Properties } from "../handler";
import { existingGlobal } from "./existingGlobal";
import { federatedResources } from "./federatedResources";
import { globalWayBack } from "./globalWayBack";
import { kdsCertificate } from "./kdsCertificate";
import { konnectControlPlane } from "./konnectControlPlane";
import { konnectZone } from "./konnectZone";
import { kubernetesClusters } from "./kubernetesClusters";
import { kubernetesGlobal } from "./kubernetesGlobal";
import { kubernetesInstallation } from "./kubernetesInstallation";
import { kubernetesKdsAddress } from "./kubernetesKdsAddress";
import { kubernetesRelease } from "./kubernetesRelease";
import { kubernetesWayBack } from "./kubernetesWayBack";
import { kubernetesZoneFederation } from "./kubernetesZoneFederation";
import { meshPolicies } from "./meshPolicies";
import { policyHandover } from "./policyHandover";
import { policyWayBack } from "./policyWayBack";
import { standaloneZone } from "./standaloneZone";
import { universalGlobal } from "./universalGlobal";
import { universalWayBack } from "./universalWayBack";
import { universalZoneFederation } from "./universalZoneFederation";
import { zoneRegistration } from "./zoneRegistration";

const HANDLERS = {
  existingGlobal,
  federatedResources,
  globalWayBack,
  kdsCertificate,
  konnectControlPlane,
  konnectZone,
  kubernetesClusters,
  kubernetesGlobal,
  kubernetesInstallation,
  kubernetesKdsAddress,
  kubernetesRelease,
  kubernetesWayBack,
  kubernetesZoneFederation,
  meshPolicies,
  policyHandover,
  policyWayBack,
  standaloneZone,
  universalGlobal,
  universalWayBack,
  universalZoneFederation,
  zoneRegistration,
};

/** Adapts a handler to what Pulumi wants: JSON-clean results, and errors as one message without a stack. */
export function dispatch(
  name: keyof typeof HANDLERS,
): Required<Omit<pulumi.dynamic.ResourceProvider, "configure">> {
  const handler = HANDLERS[name] as unknown as Handler<Properties, Properties>;
  return {
    async check(olds, news) {
      try {
        assertTlsVerified();
        return { inputs: handler.check ? clean(await handler.check(olds, news)) : news };
      } catch (error) {
        if (!isForPeople(error)) throw error;
        return { inputs: news, failures: [{ property: "", reason: error.message }] };
      }
    },
    diff: (id, olds, news) => plainErrors(() => handler.diff(id, olds, news)),
    create: (inputs) =>
      plainErrors(async () => {
        const { id, outs } = await handler.create(inputs);
        return { id, outs: clean(outs) };
      }),
    update: (id, olds, news) =>
      plainErrors(async () => ({ outs: clean(await handler.update(id, olds, news)) })),
    delete: (id, props) => plainErrors(() => handler.delete(id, props)),
    read: (id, props = {}) =>
      plainErrors(async () => {
        if (!handler.read) return { id, props };
        const found = await handler.read(id, props);
        return { id, props: clean(found.props), inputs: clean(found.inputs) };
      }),
  };
}

/** An undefined anywhere makes Pulumi fail after the work was done, and forget the resource. */
function clean(value: Properties): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}

/** Pulumi prints the stack of what a provider throws; a message that is meant for people stands alone. */
async function plainErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    // the engine's environment is this one's, also where no command of this program has looked at it
    assertTlsVerified();
    return await work();
  } catch (error) {
    if (isForPeople(error)) error.stack = "";
    throw error;
  }
}

function isForPeople(error: unknown): error is Error {
  return error instanceof KumaError || error instanceof ToolchainError;
}
