import type { StandaloneZoneArgs } from "../../../platforms/universal/zone/standaloneZone";
import { resource } from "../../provider/resource";

/** A zone control plane that runs alone as a process on this machine, with content, as one that was in use. */
export class StandaloneZone extends resource<StandaloneZoneArgs, object>()("standaloneZone", {}) {}
