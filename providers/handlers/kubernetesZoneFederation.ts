import { Manifest, federatedTo, isKumaError } from "../../kuma";
import { untilJoined } from "../../platforms/kubernetes/zoneFederation";
import { Connections, withConnections, withZone } from "../connections";
import { Handler, changedInputs } from "../handler";

interface Inputs extends Connections {
  kdsAddress: string;
  resources: Manifest;
  /** Another value means that the zone's release was upgraded. */
  release: string;
}

interface Outputs extends Inputs {
  /** As it was when the zone had joined; `npm run status` tells how it is. */
  online: boolean;
  version: string;
}

/** A zone in a cluster that has joined its global: online over several looks, both sides equal. */
export const kubernetesZoneFederation: Handler<Inputs, Outputs> = {
  async diff(_, olds, news) {
    if (changedInputs(olds, news).length > 0) return { changes: true };
    try {
      const dials = await withZone(news, async (zone) => federatedTo(await zone.config()));
      return { changes: dials !== news.kdsAddress };
    } catch (error) {
      if (isKumaError(error)) return { changes: true };
      throw error;
    }
  },
  create: async (inputs) => ({ id: inputs.zoneName, outs: await join(inputs) }),
  update: (_, __, news) => join(news),
  // the way back is a resource of its own, see kubernetesWayBack.ts
  delete: async () => {},
};

function join(inputs: Inputs): Promise<Outputs> {
  const { zoneName, kdsAddress, resources } = inputs;
  return withConnections(inputs, async (zone, global) => {
    const { version } = await untilJoined(zone, global, zoneName, kdsAddress, resources);
    return { ...inputs, online: true, version };
  });
}
