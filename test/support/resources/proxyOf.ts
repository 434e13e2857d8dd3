import type { Resource } from "../../../kuma";

/** A data plane proxy in a zone, as its global holds it. */
export const proxyOf = (zone: string, ...services: string[]): Resource => ({
  ...{ type: "Dataplane", mesh: "default", name: `${services[0]}-${zone}`, labels: { "kuma.io/zone": zone } },
  networking: { inbound: services.map((service) => ({ tags: { "kuma.io/service": service } })) },
});
