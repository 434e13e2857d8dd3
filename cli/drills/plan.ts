import { type ControlPlane, ZONE_LABEL, isZoneEnabled, knownTypes } from "../../kuma";
import { valueAt } from "../../kuma/api/json";
import { type Endpoint, rulesAgainst, rulesAround, runHere, whyNoCut } from "../../platforms/universal/cut";
import type { StackConfig } from "../../stack/config";
import type { GlobalConfig, ZoneConfig } from "../../stack/settings/controlPlanes";
import type { Standing, StandingZone } from "../stack/standing/standing";
import { type Failure, type Place, accessAt, onHost, rootOf } from "./failure";
import { type ClusterFailure, MENDS_ITSELF, cutControlPlane, cutIngresses, stopInCluster } from "./inCluster";
import type { DrillName } from "./promises";

/** What is broken and how, or why it is not. */
export type Plan = { failure: Failure; does: string } | { refused: string };

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
  return platform === "existing" ? `${what} is run by others` : undefined;
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
      return stopped(scene, config.global, { global: true }, "the global control plane");
    case "zone-down":
      return stopped(scene, zone, { zone: zoneName }, `the control plane of zone ${zoneName}`);
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

async function stopped(
  { standing }: Scene,
  config: GlobalConfig | ZoneConfig,
  at: Place,
  what: string,
): Promise<Plan> {
  if (config.platform === "kubernetes") {
    const stop = await stopInCluster(accessAt(standing, at));
    const does = `the Deployment of ${what} is scaled to 0: no pod of it is left, and its connections end`;
    return "refused" in stop ? stop : { failure: { kind: "inCluster", at, failure: stop.failure }, does };
  }
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
  const sends = `send to the global's KDS server (${hostname}:${endpoint.port}) and get from it is dropped`;
  if (zone.platform === "kubernetes") {
    const rules = await rulesAgainst([endpoint], commentOf(scene));
    const cut = await cutControlPlane(accessAt(scene.standing, { zone: zoneName }), rules);
    return inPods(cut, zoneName, `what the pods of the control plane of zone ${zoneName} ${sends}`);
  }
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
  if (zone.platform === "kubernetes") {
    const ingresses = own.map(({ name, networking }) => ({
      name,
      port: Number(valueAt(networking, "port")),
    }));
    const access = accessAt(scene.standing, { zone: zoneName });
    const cut = await cutIngresses(access, ingresses, commentOf(scene));
    return inPods(cut, zoneName, `nothing reaches the zone ingress of zone ${zoneName} in its pods`);
  }
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

function inPods(cut: { failure: ClusterFailure } | { refused: string }, zone: string, does: string): Plan {
  if ("refused" in cut) return cut;
  return {
    failure: { kind: "inCluster", at: { zone }, failure: cut.failure },
    does: `${does}; ${MENDS_ITSELF}`,
  };
}

function commentOf({ stack }: Scene): string {
  return `kuma-federation-drill:${stack}`;
}

interface Cut {
  here: string;
  there: string;
  /** On the zone's host: of what runs there, in place of where it is reached. */
  ports?: readonly number[];
}

async function cutOf(
  scene: Scene,
  { name, platform }: ZoneConfig,
  endpoints: readonly Endpoint[],
  { here, there, ports }: Cut,
): Promise<Plan> {
  const { standing } = scene;
  const comment = commentOf(scene);
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
