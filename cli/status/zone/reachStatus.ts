import { type ControlPlane, type ZoneProxy, dialIngresses } from "../../../kuma";

/** What of other zones' ingresses cannot be reached from the host of a zone; nothing where the zone has no host to look from. */
export async function reachStatus(
  { vantage }: Pick<ControlPlane, "vantage">,
  zoneName: string,
  ingresses: readonly ZoneProxy[],
): Promise<string[]> {
  if (!vantage) return [];
  const { verdict, sentence, evidence = [], remedy } = await dialIngresses(vantage, zoneName, ingresses);
  return verdict === "ok" ? [] : [`${sentence} ${evidence.join("; ")}. ${remedy}`];
}
