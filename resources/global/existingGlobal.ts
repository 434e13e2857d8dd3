import type { GlobalConnection } from "../connections";
import { resource } from "../provider/resource";

export type ExistingGlobalArgs = GlobalConnection;

export interface ExistingGlobalOutputs {
  /** Filled in by `check`, so that they are known in previews. */
  product: string;
  version: string;
}

/** A global control plane that others run: reachable, and of a version that can be used. */
export class ExistingGlobal extends resource<ExistingGlobalArgs, ExistingGlobalOutputs>()("existingGlobal", {
  product: "plain",
  version: "plain",
}) {}
