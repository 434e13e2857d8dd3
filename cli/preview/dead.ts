import { Remains, callsThatEnd, enumerated, isKumaError, remainsOf, zoneState } from "../../kuma";
import { openControlPlane } from "../../platforms/openControlPlane";
import { Standing, globalAccess } from "../stack/standing/standing";

/** What a preview says of zones that died and are to be removed by force: what goes with each, and what that means for calls. */
export async function describeDead(
  standing: Standing | undefined,
  removed: readonly string[],
): Promise<string[]> {
  const lines: string[] = [];
  for (const name of removed) {
    const zone = standing?.zones.find(({ zoneName }) => zoneName === name);
    if (!standing || !zone) {
      lines.push(
        `zone ${name}: the state has no federation of it, so nothing is to be removed by force: take it out of the file`,
      );
      continue;
    }
    lines.push(...(await describeOne(name, globalAccess(standing, zone))));
  }
  return lines;
}

async function describeOne(name: string, access: Parameters<typeof openControlPlane>[0]): Promise<string[]> {
  const global = await openControlPlane(access, "the global control plane", { attempts: 1 });
  try {
    const { online } = await zoneState(global, name);
    if (online)
      return [
        `zone ${name} is connected with the global, so that up will refuse to remove it by force: it has not died`,
      ];
    const told = describeRemains(await remainsOf(global, name));
    return [
      `zone ${name} is removed by force: its control plane is not asked, and its way back goes from the state. With its Zone the global deletes, and other zones lose: ${told}`,
      `zone ${name}: ${await callsThatEnd(global, name)}`,
      `zone ${name}: should its control plane come back, it joins the global again under that name: take the address of the global from it before`,
    ];
  } catch (error) {
    if (!isKumaError(error)) throw error;
    return [
      `zone ${name} is removed by force; what the global has of it could not be read: ${error.message}`,
    ];
  } finally {
    global.close();
  }
}

export function describeRemains({ proxies, zoneProxies, services, policies }: Remains): string {
  const parts: [count: string[], what: string][] = [
    [proxies, "data plane proxies"],
    [zoneProxies, "zone ingresses and egresses"],
    [services, "services"],
    [policies, "other resources of its origin"],
  ];
  const told = parts.flatMap(([keys, what]) =>
    keys.length > 0 ? [`${keys.length} ${what} (${enumerated(keys, 5)})`] : [],
  );
  return told.length > 0 ? told.join(", ") : "nothing else";
}
