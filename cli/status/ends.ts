import { Ending, MultiZone, certificatesIn, dial, endOfToken } from "../../kuma";
import { Standing, StandingZone, globalAccess } from "../stack/standing/standing";

/** Certificates and tokens by their end, as far as it can be seen from here: the first one first. */
export async function endsOf(
  standing: Standing,
  first: StandingZone,
  world: MultiZone | undefined,
  ofHosts: readonly Ending[],
): Promise<Ending[]> {
  const ofGlobal = (globalAccess(standing, first).tokens ?? []).map(
    (token) => ["token for the global control plane", null, token] as const,
  );
  const ofZones = standing.zones.flatMap(({ zoneName, zone }) =>
    (zone.tokens ?? []).map(
      (token) => [`token for the control plane of zone ${zoneName}`, zoneName, token] as const,
    ),
  );
  const tokens = [...ofGlobal, ...ofZones].flatMap(([what, zone, token]): Ending[] => {
    const ends = endOfToken(token);
    return ends === undefined ? [] : [{ what, zone, ends, renewed: false }];
  });
  const found = [
    ...tokens,
    ...(standing.issued ?? []),
    ...ofHosts,
    ...certificatesIn(world?.resources ?? []),
    ...ofProxies(world),
    ...(await ofKds(first.kdsAddress)),
  ];
  // several tokens of one purpose: the one that lasts longest counts
  const last = new Map<string, Ending>();
  for (const each of found) {
    const former = last.get(each.what);
    if (!former || former.ends < each.ends) last.set(each.what, each);
  }
  return [...last.values()].sort((a, b) => Date.parse(a.ends) - Date.parse(b.ends));
}

/** The first certificate of a zone's proxies to end: each is renewed long before that, as long as its proxy is connected. */
function ofProxies(world: MultiZone | undefined): Ending[] {
  const first = new Map<string, string>();
  for (const { zone, connected, certificateEnds: ends } of world?.proxies ?? []) {
    if (!connected || ends === undefined) continue;
    const former = first.get(zone);
    if (former === undefined || Date.parse(ends) < Date.parse(former)) first.set(zone, ends);
  }
  return [...first].map(([zone, ends]) => ({
    what: `first certificate of a connected data plane proxy in zone ${zone}`,
    zone,
    ends,
    renewed: true,
  }));
}

/** The KDS server's, seen from this machine; nothing where it cannot be reached from here, which says nothing of zones. */
async function ofKds(address: string | undefined): Promise<Ending[]> {
  if (address === undefined || !URL.canParse(address)) return [];
  const { tls } = await dial(address, "");
  if (tls?.notAfter === undefined || Number.isNaN(tls.notAfter.getTime())) return [];
  return [
    {
      what: `certificate of the KDS server at ${address}`,
      zone: null,
      ends: tls.notAfter.toISOString(),
      renewed: false,
    },
  ];
}
