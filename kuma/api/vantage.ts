import type { Duplex } from "node:stream";

/** The machine that a control plane runs on, where this program has a session there. */
export interface Vantage {
  /** How messages call it. */
  title: string;
  /** Connects from there. */
  connect(host: string, port: number): Promise<Duplex>;
  /** Looks at the machine. Fails with one sentence where the control plane could not be started anew there. */
  look(): Promise<{ versionOnDisk?: string }>;
}
