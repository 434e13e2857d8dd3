import { type ControlPlane, KumaError, isKumaError, knownTypes } from "../../kuma";
import { openControlPlane } from "../../platforms/openControlPlane";
import type { StackConfig } from "../../stack/config";
import type { ZoneConfig } from "../../stack/settings/controlPlanes";
import { type Standing, globalAccess } from "../stack/standing/standing";
import { tell } from "../terminal/print";
import { type Phases, markersOf } from "./markers";
import { someHaveIngress } from "./measures";
import type { DrillRun } from "./run";
import { throwAwayProxies } from "./throwAwayProxy";

/** A control plane that is stopped is not waited for. */
const IMPATIENT = { attempts: 2, requestTimeoutMs: 5_000, deadlineMs: 10_000 };

export interface Drilled {
  root: string;
  stack: string;
  config: StackConfig;
  standing: Standing;
  zone: ZoneConfig;
  probeUrl?: string;
  acrossUrl?: string;
}

/** Opens both sides and the other zones, and has what measures need beforehand. Writes nothing. */
export async function withInstruments<T>(
  { zone: config, standing, stack, ...given }: Drilled,
  work: (run: DrillRun) => Promise<T>,
): Promise<T> {
  const state = standing.zones.find(({ zoneName }) => zoneName === config.name);
  if (!state)
    throw new KumaError(
      "notFound",
      `Zone ${config.name} is no member of the global yet. Nothing was touched. Run npm run up first.`,
    );
  const opened: ControlPlane[] = [];
  const open = async (...args: Parameters<typeof openControlPlane>) => {
    const controlPlane = await openControlPlane(...args);
    opened.push(controlPlane);
    return controlPlane;
  };
  try {
    const global = await open(globalAccess(standing, state), "the global control plane", IMPATIENT);
    const zone = await open(state.zone, `the control plane of zone ${config.name}`, IMPATIENT);
    const mesh = await meshOf(zone);
    const phases = certain(await markersOf({ zone, global, zoneName: config.name }, mesh));
    const others: DrillRun["others"] = [];
    for (const { zoneName: name, zone: access } of standing.zones.filter((each) => each !== state)) {
      try {
        const other = await open(access, `the control plane of zone ${name}`, IMPATIENT);
        const sides = { zone: other, global, zoneName: config.name };
        others.push({ name, zone: other, phases: certain(await markersOf(sides, mesh)) });
      } catch (error) {
        if (!isKumaError(error)) throw error;
        tell(`Note: zone ${name} cannot be looked at, and is left out of what is measured. ${error.message}`);
      }
    }
    return await work({
      ...given,
      scene: { stack, standing, state, zone, global, config: given.config },
      ...{ zoneName: config.name, mesh, phases, others },
      proxies: await throwAwayProxies(zone, config, mesh),
      hadIngress: await someHaveIngress(others, config.name),
    });
  } finally {
    for (const each of opened) each.close();
  }
}

function certain(phases: Phases | string): Phases {
  if (typeof phases !== "string") return phases;
  throw new KumaError("invalid", `No drill can be measured here: ${phases}. Nothing was touched.`);
}

/** The mesh that is measured in: `default`, where there is one. */
async function meshOf(zone: ControlPlane): Promise<string> {
  const type = (await knownTypes(zone)).get("Mesh");
  const names = (type ? await zone.list(type) : []).map(({ name }) => name).sort();
  if (names.length === 0)
    throw new KumaError(
      "invalid",
      "The zone has no mesh, so that nothing could be measured. Nothing was touched.",
    );
  return names.includes("default") ? "default" : names[0];
}
