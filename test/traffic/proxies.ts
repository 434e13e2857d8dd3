import { until } from "../support/until";

/** Names of the proxies that are connected with a control plane now. */
export async function connectedProxies(zoneUrl: string): Promise<string[]> {
  const answer = await fetch(`${zoneUrl}/meshes/default/dataplanes/_overview?size=1000`);
  if (!answer.ok) return [];
  const { items } = (await answer.json()) as {
    items: {
      name: string;
      dataplaneInsight?: { subscriptions?: { connectTime?: string; disconnectTime?: string }[] };
    }[];
  };
  return items
    .filter(({ dataplaneInsight }) => {
      const last = dataplaneInsight?.subscriptions?.at(-1);
      return last?.connectTime !== undefined && last.disconnectTime === undefined;
    })
    .map(({ name }) => name)
    .sort();
}

export async function untilConnected(zoneUrl: string, names: readonly string[]): Promise<void> {
  const wanted = [...names].sort().join(" ");
  await until(`${wanted} to be connected`, async () => {
    const there = await connectedProxies(zoneUrl).catch((): string[] => []);
    return names.every((name) => there.includes(name));
  });
}
