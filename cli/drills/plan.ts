import { type ControlPlane, ZONE_LABEL, isZoneEnabled, knownTypes } from "../../kuma";
import { valueAt } from "../../kuma/api/json";
import { type Endpoint, rulesAgainst, rulesAround, runHere, whyNoCut } from "../../platforms/universal/cut";
import type { StackConfig } from "../../stack/config";
import type { GlobalConfig, ZoneConfig } from "../../stack/settings/controlPlanes";
import type { Standing, StandingZone } from "../stack/standing/standing";
import { type Failure, onHost, rootOf } from "./failure";
import type { DrillName } from "./promises";

/** What is broken and how, or why it is not. */
export type Plan = { failure: Failure; does: string } | { refused: string };

const IN_CLUSTER =
  "runs in a cluster, and this program scales no Deployment of others and writes no NetworkPolicy for a drill";

/** Why a drill is not for a stack of these settings, in one sentence; undefined where it may be. */
export function whyRefused(drill: DrillName, { global }: StackConfig, zone: ZoneConfig): string | undefined {
  if (global.platform === "konnect")
    return `${drill} is not for this stack: Konnect counts each policy, and drills write some to measure.`;
  const where = {
    "global-down": elsewhere("The global control plane", global),
    "zone-down": elsewhere(`The control plane of zone ${zone.name}`, zone),
    "link-down": elsewhere(`The control plane of zone ${zone.name}`, zone),
    "zones-apart": elsewhere(`Zone ${zone.name}`, zone),
    "disable-zone": undefined,
  }[drill];
  return where && `${drill} is not for this stack: ${where}.`;
}

function elsewhere(what: string, { platform }: GlobalConfig | ZoneConfig): string | undefined {
  if (platform === "kubernetes") return `${what} ${IN_CLUSTER}`;
  if (platform === "existing") return `${what} is run by others`;
  return undefined;
}

export interface Scene {
  stack: string;
  config: StackConfig;
  standing: Standing;
  state: StandingZone;
  zone: ControlPlane;
  global: ControlPlane;
}

/** Looks what there is to break; changes nothing. */
export async function planOf(drill: DrillName, scene: Scene): Promise<Plan> {
  const { config, state } = scene;
  const { zoneName } = state;
  const zone = config.zones.find(({ name }) => name === zoneName) as ZoneConfig;
  switch (drill) {
    case "global-down":
      return frozen(config.global, { global: true }, "the global control plane");
    case "zone-down":
      return frozen(zone, { zone: zoneName }, `the control plane of zone ${zoneName}`);
    case "link-down":
      return linkDown(scene, zone);
    case "zones-apart":
      return zonesApart(scene, zone);
    case "disable-zone": {
      if (!(await isZoneEnabled(scene.global, zoneName)))
        return { refused: `Zone ${zoneName} is disabled on the global already.` };
      return {
        failure: { kind: "disabledZone", zone: zoneName },
        does: `zone ${zoneName} is disabled on the global (enabled: false of its Zone)`,
      };
    }
  }
}

function frozen(
  config: GlobalConfig | ZoneConfig,
  at: { global: true } | { zone: string },
  what: string,
): Plan {
  const does = `${what} is stopped where it is (SIGSTOP): it keeps what it holds, and answers nobody`;
  if (config.platform === "universal")
    return { failure: { kind: "frozenProcess", directory: config.directory }, does };
  return {
    failure: { kind: "frozenUnit", at },
    does: `${does}; a timer on the host has it go on in any case`,
  };
}

async function linkDown(scene: Scene, zone: ZoneConfig): Promise<Plan> {
  const { kdsAddress, zoneName } = scene.state;
  const { hostname, port } = new URL((kdsAddress ?? "").replace(/^grpcs?:/, "https:"));
  const endpoint = { host: hostname, port: Number(port || 443) };
  return cutOf(scene, zone, [endpoint], {
    here: `what this machine sends to the global's KDS server (${hostname}:${endpoint.port}) and gets from it is dropped, for each zone that runs here`,
    there: `what the host of zone ${zoneName} sends to the global's KDS server (${hostname}:${endpoint.port}) and gets from it is dropped`,
  });
}

async function zonesApart(scene: Scene, zone: ZoneConfig): Promise<Plan> {
  const { zoneName } = scene.state;
  const type = (await knownTypes(scene.zone)).get("ZoneIngress");
  const all = type ? await scene.zone.list(type) : [];
  const own = all.filter(({ labels }) => [undefined, zoneName].includes(labels?.[ZONE_LABEL]));
  if (own.length === 0)
    return {
      refused: `Zone ${zoneName} has no zone ingress, so no other zone reaches it and there is nothing to cut.`,
    };
  const ends = own.map(({ networking }): Endpoint => {
    const text = valueAt(networking, "advertisedAddress") ?? valueAt(networking, "address");
    return {
      host: String(text),
      port: Number(valueAt(networking, "advertisedPort") ?? valueAt(networking, "port")),
    };
  });
  const ports = own.map(({ networking }) => Number(valueAt(networking, "port")));
  return cutOf(scene, zone, ends, {
    here: `what this machine sends to the zone ingress of zone ${zoneName} (${ends.map(({ host, port }) => `${host}:${port}`).join(", ")}) is dropped`,
    there: `nothing reaches the zone ingress of zone ${zoneName} on its host (port ${ports.join(", ")})`,
    ports,
  });
}

interface Cut {
  here: string;
  there: string;
  /** On the zone's host: of what runs there, in place of where it is reached. */
  ports?: readonly number[];
}

async function cutOf(
  { stack, standing }: Scene,
  { name, platform }: ZoneConfig,
  endpoints: readonly Endpoint[],
  { here, there, ports }: Cut,
): Promise<Plan> {
  const comment = `kuma-federation-drill:${stack}`;
  const rules =
    ports && platform === "host" ? rulesAround(ports, comment) : await rulesAgainst(endpoints, comment);
  const isHere = platform !== "host";
  const why = isHere
    ? await whyNoCut(rules, runHere)
    : await onHost(standing, { zone: name }, (host) => whyNoCut(rules, rootOf(host)));
  if (why !== undefined)
    return {
      refused:
        `Links are cut with iptables as root, and ${isHere ? "here" : "on the host"} ${why.replace(/\.$/, "")}.` +
        (isHere ? " In a network of its own a stack has both: node scripts/ownNetwork.js." : ""),
    };
  return isHere
    ? { failure: { kind: "cut", rules }, does: here }
    : {
        failure: { kind: "cut", rules, at: { zone: name } },
        does: `${there}; a timer there mends it in any case`,
      };
}
