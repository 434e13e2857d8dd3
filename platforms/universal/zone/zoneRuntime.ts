import { ControlPlane } from "../../../kuma";
import type { Host } from "../hosts/host";

/** How a zone's control plane is run. */
export interface RunSettings {
  /** How messages call it, for example "zone-1". */
  title: string;
  /** The KUMA_ variables that this program gives it. No secrets. */
  environment: Record<string, string>;
  /** Where its store is one: the database in which it runs alone, and the one in which it is federated. */
  postgres?: { database: string; federatedDatabase: string };
}

/**
 * A zone's control plane as something that is switched to a global and taken back: a process on this machine, a unit of
 * systemd on a host. What a run that is killed needs to go on with lies in files beside it.
 */
export interface ZoneRuntime<S extends RunSettings = RunSettings> extends KeptFiles {
  /** Where data plane proxies of the zone may run, as far as this program reaches that. */
  readonly hosts: readonly Host[];

  /** Undefined where nothing was ever run here. */
  settings(): Promise<S | undefined>;
  /** Whether what it holds goes with its process. */
  hasStoreInMemory(settings: S): boolean;
  isRunning(): Promise<boolean>;
  runsWith(settings: S): Promise<boolean>;

  /** As a member of a global, with these variables; on its second database, where it is on one. */
  federated(settings: S, variables: Record<string, string>): S;
  /** As it ran, and is to run again, without a global. */
  alone(settings: S, zoneName: string): S;

  /**
   * Starts it, or starts it again where it is to run `anew` or otherwise than it does, and waits until its API answers.
   * With `holdProxies` no data plane proxy meets it before `admitProxies`.
   */
  start(settings: S, options?: { holdProxies?: boolean; anew?: boolean }): Promise<void>;
  /** The same on an empty store, without the mesh that Kuma makes by itself: what it is to hold is written by the caller. */
  startEmpty(settings: S): Promise<void>;
  /** Has another one run beside it for the time of some work, on the store of its next life. */
  beside(next: S, work: (zone: ControlPlane) => Promise<void>): Promise<void>;
  /** As `beside`, on an empty store that is thrown away. */
  besideEmpty(settings: S, work: (zone: ControlPlane) => Promise<void>): Promise<void>;
  /** Removes what a killed run has left running beside it. */
  removeBeside(): Promise<void>;

  holdsProxies(): Promise<boolean>;
  admitProxies(): Promise<void>;
  /** Whether it was started by others since `admitProxies`, and has lost what was in its memory. */
  hasRestarted(): Promise<boolean>;

  /** Puts a file where the control plane reads it, and nobody else where it is secret. Gives its path there. */
  give(name: string, content: string, isSecret?: boolean): Promise<string>;
  /** The same for a file of this machine. */
  giveFile(name: string, file: string): Promise<string>;
  /** It runs alone again: takes away what the switch had put beside it. */
  endMembership(): Promise<void>;
  /** Notes where its log ends; what it gives picks the errors that were added since. */
  logFrom(): Promise<() => Promise<string[]>>;
}

/** Files for this program alone, beside a control plane. */
export interface KeptFiles {
  readKept(name: string): Promise<string | undefined>;
  writeKept(name: string, content: string): Promise<void>;
  forgetKept(...names: string[]): Promise<void>;
}

/** Settings with which it makes no mesh: they are written back by this program, with their own authorities. */
export function toBeFilled<S extends RunSettings>(settings: S): S {
  const environment = { ...settings.environment, KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" };
  return { ...settings, environment };
}
