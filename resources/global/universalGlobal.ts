import type { UniversalArgs } from "../../platforms/universal/settings";
import { resource } from "../provider/resource";

export interface UniversalGlobalArgs extends UniversalArgs {
  /** Certificate and key (secret) of the KDS server, PEM. */
  kdsCert: string;
  kdsKey: string;
  /** It makes the mesh `default` at its first start. */
  makesMesh?: boolean;
}

export interface UniversalGlobalOutputs {
  product: string;
  version: string;
  standIn: boolean;
}

/** A global control plane that runs as a process on this machine. */
export class UniversalGlobal extends resource<UniversalGlobalArgs, UniversalGlobalOutputs>()(
  "universalGlobal",
  {
    product: "plain",
    version: "plain",
    standIn: "plain",
  },
) {}
