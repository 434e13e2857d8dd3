import type { Cases } from "../worlds";
import { DOORS } from "./doors";
import { MESHES } from "./meshes";
import { NAMES } from "./names";
import { SERVICES } from "./services";
import { ZONES } from "./zones";

/** What breaks each check, with what it is seen by; what keeps it; and what this program does not know. */
export const CASES: Cases = { ...ZONES, ...MESHES, ...DOORS, ...SERVICES, ...NAMES };
