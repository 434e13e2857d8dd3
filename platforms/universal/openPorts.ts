import type { ProcessSettings } from "./controlPlaneProcess";
import { portsFrom } from "./ports";
import { isStandIn } from "./settings";

/**
 * The ports of a control plane on this machine that other machines reach. The API listens on loopback; for the servers
 * below kuma-cp 2.14.3 has no setting but the port, and listens on every address (pkg/diagnostics/server.go,
 * pkg/intercp/server/server.go, pkg/kds/mux/server.go, pkg/dp-server/server/server.go, pkg/mads/server/server.go). The
 * last two are not there in a global, nor KDS in a zone. The stand-in listens on loopback alone.
 */
export function openPorts(settings: ProcessSettings): number[] {
  if (isStandIn(settings)) return [];
  const { kds, dataplanes, monitoring, diagnostics, interCp } = portsFrom(settings.portBase);
  return settings.environment.KUMA_MODE === "global"
    ? [diagnostics, interCp, kds]
    : [monitoring, dataplanes, diagnostics, interCp];
}

/** One line for people on all control planes of a stack; undefined when other machines reach none of them. */
export function describeOpenPorts(controlPlanes: readonly ProcessSettings[]): string | undefined {
  const open = controlPlanes
    .map((settings) => ({ title: settings.title, ports: openPorts(settings) }))
    .filter(({ ports }) => ports.length > 0)
    .map(({ title, ports }) => `${ports.join(", ")} (${title})`);
  return open.length === 0
    ? undefined
    : `kuma-cp listens on every address of this machine at the ports ${open.join(" and ")}; docs/network.md tells who can do what there, and how to close them.`;
}
