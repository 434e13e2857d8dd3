import { Manifest, OnConflict, isKumaError, unpackSnapshot } from "../../kuma";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { hasJoined, joinGlobal, leaveGlobal } from "../../platforms/universal/zoneFederation";
import { Connections, withConnections } from "../connections";
import { Handler, changedInputs } from "../handler";

interface Inputs extends Connections {
  /** Where the zone's process lies, relative to the program's directory. */
  directory: string;
  /** From the bridge: it gives them only once the global holds everything. */
  kdsAddress: string;
  kdsCa: string;
  onConflict: OnConflict;
  resources: Manifest;
  /** Secret: what the zone held before, for the way back. */
  snapshot: string;
}

interface Outputs extends Inputs {
  /** As it was when the switch was done; `npm run status` tells how it is. */
  online: boolean;
  version: string;
}

/** Changes of these need a new switch; the others only have to be remembered. */
const SWITCHING: (keyof Inputs)[] = [
  "zoneName",
  "directory",
  "zoneUrl",
  "globalUrl",
  "kdsAddress",
  "kdsCa",
  "resources",
];

export const universalZoneFederation: Handler<Inputs, Outputs> = {
  async diff(_, olds, news) {
    if (changedInputs(olds, news).some((name) => SWITCHING.includes(name))) return { changes: true };
    const joined = await withConnections(news, (zone) =>
      hasJoined(zone, new ControlPlaneProcess(news.directory), news.kdsAddress).catch((error) => {
        if (isKumaError(error)) return false;
        throw error;
      }),
    );
    return { changes: !joined };
  },

  create: async (inputs) => ({ id: inputs.zoneName, outs: await join(inputs) }),
  update: (_, __, news) => join(news),

  delete: (_, props) =>
    withConnections(props, (zone, global) =>
      leaveGlobal(
        props.zoneName,
        zone,
        new ControlPlaneProcess(props.directory),
        global,
        unpackSnapshot(props.snapshot),
      ),
    ),
};

function join(inputs: Inputs): Promise<Outputs> {
  const { zoneName, kdsAddress, kdsCa, onConflict, resources: manifest } = inputs;
  return withConnections(inputs, async (zone, global) => {
    const process = new ControlPlaneProcess(inputs.directory);
    const { version } = await joinGlobal({
      zoneName,
      zone,
      process,
      global,
      kdsAddress,
      kdsCa,
      onConflict,
      manifest,
    });
    return { ...inputs, online: true, version };
  });
}
