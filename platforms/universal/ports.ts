import * as net from "node:net";
import { KumaError } from "../../kuma";

/** The ports of one control plane, as offsets from a base: with base 5600 they are Kuma's own defaults. */
export interface Ports {
  api: number;
  apiTls: number;
  kds: number;
  dataplanes: number;
  monitoring: number;
  diagnostics: number;
  interCp: number;
}

export function portsFrom(base: number): Ports {
  return {
    monitoring: base + 76,
    dataplanes: base + 78,
    diagnostics: base + 80,
    api: base + 81,
    apiTls: base + 82,
    interCp: base + 83,
    kds: base + 85,
  };
}

/** Fails when something listens on one of the ports already. */
export async function assertPortsFree(ports: Ports, title: string, setting: string): Promise<void> {
  for (const [use, port] of Object.entries(ports) as [keyof Ports, number][]) {
    if (await isFree(port)) continue;
    throw new KumaError(
      "invalid",
      `Port ${port} (${use} of ${title}) is in use on this machine, so ${title} was not started. ` +
        `Stop what listens there, or choose other ports with the setting ${setting}.${isGivenOut(port) ? GIVEN_OUT : ""}`,
    );
  }
}

const FIRST_GIVEN_OUT = 32_768;
const GIVEN_OUT = ` Linux gives the ports from ${FIRST_GIVEN_OUT} on to outgoing connections, so any program's connection may hold it for a while: choose ports below.`;

/** Whether the system may give a port to an outgoing connection (Linux, net.ipv4.ip_local_port_range). */
export function isGivenOut(port: number): boolean {
  return port >= FIRST_GIVEN_OUT;
}

/** A base from which all ports of a control plane are free now; below those that systems give to outgoing connections. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 10_000 + Math.floor(Math.random() * 220) * 100;
    const free = await Promise.all(Object.values(portsFrom(base)).map(isFree));
    if (free.every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
