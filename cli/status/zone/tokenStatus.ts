import {
  ControlPlane,
  type Ending,
  commandFor,
  enumerated,
  nameOfProxy,
  parseKey,
  proxiesOf,
} from "../../../kuma";
import { withHosts } from "../../../platforms/universal/hosts/hosts";
import { parseUnitUrl } from "../../../platforms/universal/unit/location";
import { withUnitHosts } from "../../../platforms/universal/unit/unitHost";
import {
  type HostedProxy,
  hostedProxies,
  keysOfControlPlane,
  readProxyLogin,
} from "../../../platforms/universal/zone/proxyTokens";
import { unitsOf } from "../../../resources/zone/universal/zoneRuntime";
import type { StandingZone } from "../../stack/standing/standing";
import { plural } from "../../../kuma/plural";
import { capital } from "../../../kuma/printable";

export interface TokenStatus {
  problems: string[];
  warnings: string[];
  /** The first of the tokens on hosts to end; empty where none of them does. */
  ends: Ending[];
}

/**
 * Proxies that cannot log in any more, or not for long: by their tokens on the hosts that are reached; elsewhere those whose
 * key gave way when the zone joined, and that have not connected since.
 */
export async function tokenStatus(zone: ControlPlane, state: StandingZone): Promise<TokenStatus> {
  const { zoneName, tokensEnded = [] } = state;
  const { proxies, notLookedAt } = await onHosts(zone, state);
  const keysIn = (wanted: HostedProxy["state"]) =>
    proxies.filter((each) => each.state === wanted).map(({ key }) => key);
  const [ended, due] = [keysIn("void"), keysIn("due")];
  const cutOff = tokensEnded.length === 0 ? [] : await notConnected(zone, tokensEnded);
  const others = cutOff.filter((key) => !ended.includes(key));
  const commands = (keys: readonly string[]) =>
    enumerated(keys.map((key) => `${key}: ${commandFor(parseKey(key), zoneName)}`));
  return {
    problems: [
      ...(ended.length > 0
        ? [
            `The tokens of ${plural(ended.length, "proxy")} on the hosts of zone ${zoneName} are not valid any more. npm run up issues new ones where it can put them; by hand: ${commands(ended)}.`,
          ]
        : []),
      ...(others.length > 0
        ? [
            `Zone ${zoneName} has ${plural(others.length, "proxy")} cut off from the control plane since the key of the tokens gave way to the global's. Issue new ones with kumactl at the global, put each where its kuma-dp reads it, and restart that: ${commands(others)}.`,
          ]
        : []),
    ],
    warnings: [
      ...(due.length > 0
        ? [
            `The tokens of ${plural(due.length, "proxy")} on the hosts of zone ${zoneName} end soon: ${enumerated(due)}. npm run up renews them.`,
          ]
        : []),
      ...notLookedAt.map(capital),
    ],
    ends: firstToEnd(proxies, zoneName),
  };
}

function firstToEnd(proxies: readonly HostedProxy[], zoneName: string): Ending[] {
  // what is void has ended for another reason as well, and is told of by itself
  const accepted = proxies.filter(({ state }) => state === "valid" || state === "due");
  const first = Math.min(...accepted.map(({ token }) => token.ends ?? Infinity));
  if (!Number.isFinite(first)) return [];
  const what = `first token of a data plane proxy on the hosts of zone ${zoneName}`;
  return [{ what, zone: zoneName, ends: new Date(first).toISOString(), renewed: false }];
}

/** Those of the control plane's instances, and the others that the stack names. */
async function onHosts(zone: ControlPlane, { zoneName, zone: place, proxyHosts = [] }: StandingZone) {
  if (!parseUnitUrl(place.url)) return { proxies: [], notLookedAt: [] };
  return withUnitHosts(unitsOf(place), (units) =>
    withHosts(proxyHosts, async (more) => {
      const login = await readProxyLogin(zone);
      const hosts = [...units.map(({ host }) => host), ...more];
      return hostedProxies({ zoneName, hosts }, login, await keysOfControlPlane(zone, login));
    }),
  );
}

/** Zone proxies have no list of connections of their own here: their tokens are looked at on the host. */
async function notConnected(zone: ControlPlane, keys: readonly string[]): Promise<string[]> {
  const { registered, connected } = await proxiesOf(zone);
  return keys.filter((key) => {
    const proxy = parseKey(key);
    const named = nameOfProxy(proxy);
    return proxy.type === "Dataplane" && registered.includes(named) && !connected.includes(named);
  });
}
