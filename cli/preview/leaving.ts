import { callsOfOthers, isKumaError, isZoneEnabled, listedServices, servicesByZone } from "../../kuma";
import { openControlPlane } from "../../platforms/openControlPlane";
import type { Standing, StandingZone } from "../stack/standing/standing";

/** What a preview says in words of zones that are to leave their global, beside what becomes of what they brought there. */
export async function describeLeaving(
  standing: Pick<Standing, "zones"> | undefined,
  leaving: readonly string[],
): Promise<string[]> {
  const lines: string[] = [];
  for (const zoneName of leaving) {
    const federation = standing?.zones.find((each) => each.zoneName === zoneName);
    if (federation) lines.push(...(await callsThatEnd(federation)));
    if (federation?.isInstalled) {
      lines.push(`zone ${zoneName}: the stack has installed it, so that its control plane is deleted`);
      continue;
    }
    lines.push(
      `zone ${zoneName}: tokens that the global issued are not valid in the zone once it runs alone, except those that were signed with a key that the zone had before`,
    );
  }
  return lines;
}

/** The global forgets the zone, and with it other zones do. */
async function callsThatEnd({ zoneName, global: access }: StandingZone): Promise<string[]> {
  const global = await openControlPlane(access, "the global control plane", { attempts: 1 });
  // it is only looked at, by several questions
  global.keepAnswers();
  try {
    const { [zoneName]: own = [], ...others } = await servicesByZone(global);
    const elsewhere = Object.entries(others);
    if (elsewhere.length === 0) return [];
    const theirs = elsewhere.map(([zone, services]) => `${zone} (${listedServices(services)})`).join(", ");
    const { moving } = await callsOfOthers(global, zoneName);
    const isEnabled = await isZoneEnabled(global, zoneName);
    return [
      `zone ${zoneName}: calls across zones end: other zones no longer reach its services (${listedServices(own)}), nor does it reach those of ${theirs}`,
      ...(moving.length > 0 && isEnabled
        ? [
            `zone ${zoneName}: it is disabled on the global before it leaves, so that calls to what other zones have too go there (${listedServices(moving)})`,
          ]
        : []),
    ];
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return [
      `zone ${zoneName}: calls across zones end; which services that concerns could not be read: ${error.message}`,
    ];
  } finally {
    global.close();
  }
}
