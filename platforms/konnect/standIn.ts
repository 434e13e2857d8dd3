import * as path from "node:path";
import { KumaError } from "../../kuma";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import { ControlPlaneProcess } from "../universal/controlPlaneProcess";
import { readIfThere } from "../universal/files";
import { portsFrom } from "../universal/ports";

/** Where a stand-in for Konnect runs on this machine. */
export interface StandIn {
  directory: string;
  portBase: number;
  /** The only region that it is. */
  region: string;
}

/** Its addresses, known before it runs. Its certificate signs itself, so it takes the place of the system's authorities. */
export function standInKonnect({ directory, portBase }: Omit<StandIn, "region">) {
  const ports = portsFrom(portBase);
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  return {
    apiUrl,
    identityUrl: apiUrl,
    kdsAddress: `grpcs://127.0.0.1:${ports.kds}`,
    systemCaFile: path.join(directory, "work", "konnect.crt"),
  };
}

/** Starts it, or leaves it running. Returns the personal access token of the one user that it has. */
export async function ensureStandIn({ directory, portBase, region }: StandIn): Promise<string> {
  const konnect = new ControlPlaneProcess(directory);
  await konnect.start({
    title: "the stand-in for Konnect",
    command: [process.execPath, path.join(PACKAGE_ROOT, "stand-in", "konnect.js")],
    portBase,
    portSetting: "global.standIn.portBase",
    environment: { STAND_IN_KONNECT_REGION: region },
  });
  return tokenOfStandIn(konnect);
}

/** Starts one that ran, as it ran, for what is taken down with its help. Undefined when none ever ran there. */
export async function resumeStandIn(directory: string): Promise<string | undefined> {
  const konnect = new ControlPlaneProcess(directory);
  const settings = konnect.settings();
  if (settings === undefined) return undefined;
  await konnect.start(settings);
  return tokenOfStandIn(konnect);
}

export function tokenOfStandIn(konnect: ControlPlaneProcess): string {
  const token = readIfThere(konnect.file("work/token"));
  if (token !== undefined) return token;
  throw new KumaError("invalid", `The stand-in for Konnect has left no token in ${konnect.file("work")}.`);
}
