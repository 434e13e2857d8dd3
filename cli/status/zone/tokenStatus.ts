import { ControlPlane, commandFor, enumerated, nameOfProxy, parseKey, proxiesOf } from "../../../kuma";
import { withHost } from "../../../platforms/universal/hosts/hosts";
import { parseUnitUrl } from "../../../platforms/universal/unit/location";
import {
  dueProxies,
  keysOfControlPlane,
  readProxyLogin,
} from "../../../platforms/universal/zone/proxyTokens";
import type { StandingZone } from "../../stack/standing/standing";
import { plural } from "../../../kuma/plural";

export interface TokenStatus {
  problems: string[];
  warnings: string[];
}

/**
 * Proxies that cannot log in any more, or not for long: by their tokens on the zone's host, where that is reached; elsewhere
 * those whose key gave way when the zone joined, and that have not connected since.
 */
export async function tokenStatus(zone: ControlPlane, state: StandingZone): Promise<TokenStatus> {
  const { zoneName, tokensEnded = [] } = state;
  const onHost = await dueOnHost(zone, state);
  const ended = onHost.filter((each) => each.state === "void").map(({ key }) => key);
  const due = onHost.filter((each) => each.state === "due").map(({ key }) => key);
  const cutOff = tokensEnded.length === 0 ? [] : await notConnected(zone, tokensEnded);
  const others = cutOff.filter((key) => !ended.includes(key));
  const commands = (keys: readonly string[]) =>
    enumerated(keys.map((key) => `${key}: ${commandFor(parseKey(key), zoneName)}`));
  return {
    problems: [
      ...(ended.length > 0
        ? [
            `The tokens of ${plural(ended.length, "proxy")} on the host of zone ${zoneName} are not valid any more. npm run up issues new ones where it can put them; by hand: ${commands(ended)}.`,
          ]
        : []),
      ...(others.length > 0
        ? [
            `Zone ${zoneName} has ${plural(others.length, "proxy")} cut off from the control plane since the key of the tokens gave way to the global's. Issue new ones with kumactl at the global, put each where its kuma-dp reads it, and restart that: ${commands(others)}.`,
          ]
        : []),
    ],
    warnings:
      due.length > 0
        ? [
            `The tokens of ${plural(due.length, "proxy")} on the host of zone ${zoneName} end soon: ${enumerated(due)}. npm run up renews them.`,
          ]
        : [],
  };
}

async function dueOnHost(zone: ControlPlane, { zoneName, zone: { url, ssh } }: StandingZone) {
  const location = parseUnitUrl(url);
  if (!location) return [];
  const { unit: _unit, ...place } = location;
  return withHost({ ...place, ...ssh }, async (host) => {
    const login = await readProxyLogin(zone);
    return dueProxies({ zoneName, hosts: [host] }, login, await keysOfControlPlane(zone, login));
  });
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
