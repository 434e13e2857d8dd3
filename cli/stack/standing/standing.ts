import { Ending, Manifest, OnConflict } from "../../../kuma";
import { adminTokenOf } from "../../../platforms/universal/adminAccess";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import type { ControlPlaneAccess } from "../../../platforms/openControlPlane";
import type { SshAccess } from "../../../platforms/universal/hosts/sshAccess";
import type { SshKeys } from "../../../platforms/universal/unit/location";
import type { Connection } from "../../../resources/connections";
import type { LedgerOutcome } from "../../../resources/ledgers";
import { Exported, exportDeployment } from "../deployment";
import type { EngineStack } from "../engineStack";
import { issuedIn } from "./issued";
import { type Part, partsOf, revealed } from "./parts";

/** A comparison of a zone with what it was before, see kuma/ledger. */
export interface Witnessed {
  occasion: "joined" | "handedOver";
  /** When the state had it for the last time: the comparison is not younger. */
  by?: string;
  /** Left out as long as not everything was explained. */
  outcome?: LedgerOutcome;
  /** Secret: what it is compared with; left out where there is no record. */
  before?: string;
}

/** How both sides of a federation are reached, and what was carried. */
interface FederationState {
  zoneName: string;
  zone: ControlPlaneAccess;
  global: ControlPlaneAccess;
  resources: Manifest;
  /** Of the digests in `resources`. */
  digestKey?: string;
  /** Meshes whose mTLS has ended with the federation, by a choice of the stack's. */
  mtlsEnded?: string[];
  /** Its proxies whose tokens have ended with the federation. */
  tokensEnded?: string[];
  /** Names of what the zone owned and kept from KDS: it is in the zone alone. */
  local?: string[];
  /** Policies that were handed over, as the global got them, for the profile `federation-with-policies`. */
  policies?: Manifest;
}

/** A zone of which something was carried to the global, or that the stack has installed as a member of it. */
export interface StandingZone extends FederationState {
  kdsAddress?: string;
  /** Secret: what the stack itself gives for the global, where others run it. */
  givenTokens?: string[];
  /** A run has seen it online and equal on both sides. */
  joined: boolean;
  /** The stack has installed it, and takes it down. */
  isInstalled?: boolean;
  /** Of the digests in `policies`. */
  policiesKey?: string;
  onConflict: OnConflict;
  ledger: Witnessed[];
  /** Secret: other hosts on which its data plane proxies run. */
  proxyHosts?: SshAccess[];
}

/** A zone that runs alone. */
export interface LoneZone {
  name: string;
  url: string;
  tokens?: string[];
  kubeconfig?: string;
  /** Secret. */
  ssh?: SshKeys;
}

/**
 * What there is of a stack at this moment. It is read from the state of each resource, and not from the stack's outputs:
 * those are of the last run that ended well, and a run that failed later has changed control planes nevertheless.
 */
export interface Standing {
  zones: StandingZone[];
  alone: LoneZone[];
  /** The stack made the global, and takes it down. */
  endsGlobal: boolean;
  /** What the stack itself has written to the global, by digest. */
  policies?: { stored: Manifest; digestKey?: string };
  /** Secret: the token of Konnect's that was used last. */
  konnectToken?: string;
  /** Certificates and tokens of zones that the stack has made, and makes anew before they end; left out where there are none. */
  issued?: Ending[];
}

/** Undefined where nothing of the stack is there. */
export async function readStanding(stack: EngineStack): Promise<Standing | undefined> {
  return standingOf(await exportDeployment(stack, { withSecrets: true }));
}

/** How the global is reached now: with the token of Konnect's that was used last, as one that a run remembers may have ended. */
export function globalAccess(
  { konnectToken }: Pick<Standing, "konnectToken">,
  { global }: StandingZone,
): ControlPlaneAccess {
  return konnectToken === undefined ? global : { ...global, tokens: [konnectToken] };
}

export function standingOf(exported: Exported): Standing | undefined {
  const parts = partsOf(exported);
  if (parts.length === 0) return undefined;
  const find = (component: string, name: string) =>
    parts.find((part) => part.component === component && part.name === name);

  const carried = parts.filter((part) => part.component === "FederationBridge" && "snapshot" in part.outputs);
  const members = parts.filter((part) => part.component === "ZoneControlPlane" && "online" in part.outputs);
  const names = [...carried, ...members].map(({ outputs }) => outputs.zoneName as string);
  const zones = [...new Set(names)].map((name): StandingZone => {
    const isOf = (part: Part) => part.outputs.zoneName === name;
    const bridge = carried.find(isOf);
    const member = members.find(isOf);
    const handover = find("ZoneControlPlane", `${name}-policies`);
    const wayBack = find("ZoneControlPlane", `${name}-way-back`);
    const proxyHosts = parts.find((part) => isOf(part) && "proxyHosts" in part.outputs)?.outputs.proxyHosts;
    const { outputs } = (bridge ?? member) as Part;
    const { adminToken } = outputs;
    const { zone, global } = outputs as Record<"zone" | "global", Connection>;
    const tokens = (...sources: unknown[]) => [...new Set(sources.flat(2) as string[])].filter(Boolean);
    return {
      ...federationIn(outputs),
      resources: (bridge?.outputs.resources ?? {}) as Manifest,
      zone: { ...zone, tokens: tokens(zone.tokens) },
      global: { ...global, tokens: tokens(adminToken, zone.tokens, global.tokens) },
      givenTokens: tokens(global.tokens),
      joined: member !== undefined,
      ...(bridge === undefined && { isInstalled: true }),
      onConflict: (bridge?.outputs.onConflict ?? "fail") as OnConflict,
      ...(handover && {
        policies: handover.outputs.handed as Manifest,
        policiesKey: handover.outputs.digestKey as string | undefined,
      }),
      ledger: [
        ...(wayBack ? [witnessed("joined", wayBack, member)] : []),
        ...(handover ? [witnessed("handedOver", handover, handover)] : []),
      ],
      ...(proxyHosts !== undefined && { proxyHosts: proxyHosts as SshAccess[] }),
    };
  });
  const policies = find("MeshPolicies", "policies")?.outputs;
  const issued = issuedIn(parts);
  const konnect = parts.find(({ component, outputs }) => component === "GlobalControlPlane" && outputs.token);
  return {
    zones,
    // the state has them in the order in which they came to it
    alone: loneZones(parts)
      .filter(({ name }) => !names.includes(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    endsGlobal: parts.some(isMadeGlobal),
    ...(issued.length > 0 && { issued }),
    ...(policies?.stored !== undefined && {
      policies: { stored: policies.stored as Manifest, digestKey: policies.digestKey as string | undefined },
    }),
    ...(konnect && { konnectToken: konnect.outputs.token as string }),
  };
}

/** What a resource of the state tells of a federation; other inputs and outputs of it may have the same names. */
function federationIn(outputs: Part["outputs"]): Omit<FederationState, "zone" | "global"> {
  const { zoneName, kdsAddress, digestKey, mtlsEnded, tokensEnded, local } = outputs;
  return { zoneName, kdsAddress, digestKey, mtlsEnded, tokensEnded, local } as unknown as FederationState;
}

/** On this machine, in a cluster, or in Konnect, where one that was found stays. */
function isMadeGlobal({ component, outputs }: Part): boolean {
  return (
    component === "GlobalControlPlane" &&
    ("standIn" in outputs || ("release" in outputs && "version" in outputs) || outputs.created === true)
  );
}

function witnessed(occasion: Witnessed["occasion"], record: Part, part: Part | undefined): Witnessed {
  const { before } = record.outputs as { before?: string };
  const outcome = part?.outputs.ledger as LedgerOutcome | undefined;
  return {
    occasion,
    ...(part?.modified !== undefined && { by: part.modified }),
    ...(outcome && { outcome }),
    ...(before !== undefined && { before }),
  };
}

function loneZones(parts: readonly Part[]): LoneZone[] {
  return parts.flatMap(({ type, name, outputs }): LoneZone[] => {
    if (type !== "kuma-federation:index:ExistingZone" || typeof outputs.apiUrl !== "string") return [];
    const here = parts.find((part) => part.name === `${name}-alone`)?.outputs.directory;
    const token = typeof here === "string" ? adminTokenOf(new ControlPlaneProcess(here)) : undefined;
    const kubeconfig = parts.find((part) => part.name === `${name}-installed`)?.outputs.kubeconfig;
    const host = parts.find((part) => part.name === `${name}-host`)?.outputs.zone as Connection | undefined;
    return [
      {
        name,
        url: outputs.apiUrl,
        ...(token !== undefined && { tokens: [token] }),
        ...(typeof kubeconfig === "string" && { kubeconfig }),
        ...(host?.ssh !== undefined && { ssh: host.ssh }),
      },
    ];
  });
}

/** The stack's outputs, as the last run that ended well has left them. */
export function outputsOf({ deployment: { resources = [] } }: Exported): Record<string, unknown> {
  const stack = resources.find(({ urn }) => urn.split("::")[2] === "pulumi:pulumi:Stack");
  return revealed(stack?.outputs ?? {}) as Record<string, unknown>;
}
