import { ControlPlane, carryOver, isWrite, planZone } from "../../kuma";

/** What one federation took. */
export interface Measured {
  /** From the first request to the last answer, without the start of the process. */
  ms: number;
  requests: number;
  /** The most memory that the process had, in MB. */
  peakMb: number;
  carried: number;
  written: number;
}

/**
 * Carries a zone over to a global as the program does: reads both sides, plans, writes, reads back. A process of its
 * own, so that its memory can be measured. Arguments: address of the zone and of the global.
 */
async function main(): Promise<void> {
  const [zoneUrl, globalUrl] = process.argv.slice(2);
  const zone = new ControlPlane({ title: "the zone", url: zoneUrl });
  const global = new ControlPlane({ title: "the global", url: globalUrl });
  const federation = { zoneName: "zone-1", zone, global, kdsAddress: undefined, onConflict: "fail" } as const;

  const begun = performance.now();
  const prospect = await planZone(federation);
  if (!prospect) throw new Error("the zone is federated already");
  await carryOver(prospect, federation);
  const ms = performance.now() - begun;

  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const { resources } = prospect.plan;
  const measured: Measured = {
    ms,
    requests: sum(zone.sent) + sum(global.sent),
    peakMb: process.resourceUsage().maxRSS / 1024,
    carried: resources.length,
    written: resources.filter(isWrite).length,
  };
  console.log(JSON.stringify(measured));
  zone.close();
  global.close();
}

void main();
