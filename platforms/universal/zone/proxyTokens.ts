import {
  ControlPlane,
  ProxyToken,
  ProxyTokenKeys,
  Resource,
  TokenState,
  ZONE_LABEL,
  commandFor,
  enumerated,
  isKumaError,
  issueLike,
  keyOf,
  knownTypes,
  notConnectedAgain,
  printable,
  proxiesOfMeshes,
  readProxyTokenKeys,
  tokenState,
} from "../../../kuma";
import { valueAt } from "../../../kuma/api/json";
import { Host, output } from "../hosts/host";
import { writeFile } from "../hosts/files";
import { SETTINGS } from "../install/places";
import { type RunningProxy, runningProxies } from "../unit/look/runningProxies";
import type { KeptFiles } from "./zoneRuntime";
import { plural } from "../../../kuma/plural";

/** A zone whose proxies are looked after, and where they may run as far as this program reaches that. */
export interface ProxiesAt {
  zoneName: string;
  hosts: readonly Host[];
}

/** What a zone tells of how its proxies log in. */
export interface ProxyLogin {
  /** Its whole configuration. */
  config: unknown;
  /** Its proxies, as resources. */
  proxies: readonly Resource[];
}

const PROXY_TYPES = ["Dataplane", "ZoneIngress", "ZoneEgress"];

export async function readProxyLogin(zone: ControlPlane): Promise<ProxyLogin> {
  const types = await knownTypes(zone);
  const wanted = PROXY_TYPES.flatMap((name) => types.get(name) ?? []);
  const [config, ...lists] = await Promise.all([
    zone.getJson("/config", "its configuration"),
    ...wanted.map((type) => zone.list(type)),
  ]);
  return { config, proxies: lists.flat() };
}

/** The keys of a control plane, with what is in the configuration of the zone whose proxies they are for. */
export async function keysOfControlPlane(
  controlPlane: ControlPlane,
  { config }: ProxyLogin,
): Promise<ProxyTokenKeys> {
  return readProxyTokenKeys(controlPlane, await knownTypes(controlPlane), config);
}

/** A proxy on a host that logs in with a token. */
export interface HostedProxy extends RunningProxy {
  /** As its resource in the zone is called. */
  key: string;
  token: ProxyToken;
  state: TokenState;
}

/**
 * Looks on the hosts for proxies of the zone, and how it stands with their tokens where these keys count. Those that a zone
 * does not know are another's; those that log in otherwise (`authn.*.type`) need none. Of a host that cannot be looked at there
 * is none: proxies there go on with what they have, and the zone with what it does.
 */
export async function hostedProxies(
  { zoneName, hosts }: ProxiesAt,
  login: ProxyLogin,
  keys: ProxyTokenKeys,
): Promise<{ proxies: HostedProxy[]; notLookedAt: string[] }> {
  const notLookedAt: string[] = [];
  const looks = hosts.map(async (host) => {
    try {
      return await runningProxies(host);
    } catch (error) {
      if (!isKumaError(error)) throw error;
      notLookedAt.push(
        `zone ${zoneName}: the tokens of proxies on ${host.title} were not looked at, and are as they were. ${error.message}`,
      );
      return [];
    }
  });
  const running = (await Promise.all(looks)).flat();
  const proxies = running.flatMap((proxy): HostedProxy[] => {
    const { token } = proxy;
    const key = token && keyOfProxy(proxy, token, login, zoneName);
    if (!token || key === undefined) return [];
    return [{ ...proxy, key, token, state: tokenState(token, keys) }];
  });
  return { proxies, notLookedAt };
}

/** A proxy on a host whose token is to be replaced. */
export interface DueProxy extends HostedProxy {
  state: Extract<TokenState, "due" | "void">;
}

function isDue(proxy: HostedProxy): proxy is DueProxy {
  return proxy.state === "due" || proxy.state === "void";
}

/** Of the proxies on hosts those whose tokens these keys do not accept, or not for long; says which hosts it did not look at. */
export async function dueProxies(
  at: ProxiesAt,
  login: ProxyLogin,
  keys: ProxyTokenKeys,
): Promise<DueProxy[]> {
  const { proxies, notLookedAt } = await hostedProxies(at, login, keys);
  for (const told of notLookedAt) console.log(printable(`warning: ${told}`));
  return proxies.filter(isDue);
}

function keyOfProxy(
  { name, kind, file }: RunningProxy,
  token: ProxyToken,
  { config, proxies }: ProxyLogin,
  zoneName: string,
): string | undefined {
  // a zone proxy of the stack is a resource of its own, and has its token renewed by that
  if (file?.path.startsWith(`${SETTINGS}/`)) return undefined;
  const loginOf = (of: string) => valueAt(config, "dpServer", "authn", of, "type");
  const isZoneProxy = token.mesh === undefined;
  if (
    isZoneProxy
      ? loginOf("zoneProxy") !== "zoneToken" || token.zone !== zoneName
      : loginOf("dpProxy") !== "dpToken"
  )
    return undefined;
  const type = isZoneProxy ? (kind === "egress" ? "ZoneEgress" : "ZoneIngress") : "Dataplane";
  const own = proxies.filter(
    (each) =>
      each.type === type && each.mesh === token.mesh && (each.labels?.[ZONE_LABEL] ?? zoneName) === zoneName,
  );
  const named =
    own.find((each) => each.name === (token.name ?? name)) ??
    (isZoneProxy && own.length === 1 ? own[0] : undefined);
  return named && keyOf(named);
}

/** Which control plane may issue a token; undefined where none is at hand that does. */
export type IssuerOf = (token: ProxyToken) => ControlPlane | undefined;

/**
 * Puts new tokens where the proxies' `kuma-dp` read them, with mode and owner of the file. Envoy has the token in its
 * bootstrap, unless the control plane has it read the file (`enableReloadableTokens`): a proxy that has to be restarted for
 * that is noted beside the zone, so that a run that goes on with it does so. Gives those that it can do nothing about.
 */
export async function replaceTokens(
  due: readonly DueProxy[],
  {
    zoneName,
    notes,
    login,
    issuerOf,
  }: { zoneName: string; notes: KeptFiles; login: ProxyLogin; issuerOf: IssuerOf },
): Promise<DueProxy[]> {
  const isReloadable = valueAt(login.config, "dpServer", "authn", "enableReloadableTokens") === true;
  const issued = new Map<string, string>();
  const left: DueProxy[] = [];
  const done: string[] = [];
  for (const proxy of due) {
    const { host, file, unit, token, key } = proxy;
    const issuer = issuerOf(token);
    if (!file || !issuer || (unit === undefined && !isReloadable)) {
      left.push(proxy);
      continue;
    }
    const at = `${host.title} ${file.path}`;
    if (!issued.has(at)) {
      const fresh = await issueLike(token, issuer);
      if (!isReloadable) await note(notes, { host: host.title, unit: unit as string, key });
      await writeFile(host, file.path, fresh, file);
      issued.set(at, fresh);
    } else if (!isReloadable) await note(notes, { host: host.title, unit: unit as string, key });
    done.push(key);
  }
  if (done.length > 0)
    console.log(
      printable(
        `zone ${zoneName}: new tokens for ${plural(done.length, "data plane proxy")}, each where it is read: ${enumerated(done)}`,
      ),
    );
  return left;
}

/** What has a new token on its disk, and another one in its memory. */
interface ToRestart {
  host: string;
  unit: string;
  key: string;
}

const NOTE = "proxies-to-restart.json";
const CONNECT_MS = 30_000;

async function noted(notes: KeptFiles): Promise<ToRestart[]> {
  const text = await notes.readKept(NOTE);
  return text === undefined ? [] : (JSON.parse(text) as ToRestart[]);
}

async function note(notes: KeptFiles, one: ToRestart): Promise<void> {
  const all = (await noted(notes)).filter(({ host, unit }) => host !== one.host || unit !== one.unit);
  await notes.writeKept(NOTE, JSON.stringify([...all, one]));
}

export async function hasToRestart(notes: KeptFiles): Promise<boolean> {
  return (await noted(notes)).length > 0;
}

/**
 * Restarts the proxies that need it for their new token, one after the other. Calls through one break off in that moment. Those
 * on a host that does not answer stay noted for the next run.
 */
export async function restartProxies(
  { zoneName, hosts }: ProxiesAt,
  notes: KeptFiles,
  zone: ControlPlane,
): Promise<void> {
  const later: ToRestart[] = [];
  for (let [next, ...rest] = await noted(notes); next !== undefined; [next, ...rest] = rest) {
    const { unit, key } = next;
    const host = hosts.find(({ title }) => title === next.host);
    if (host && !(await answers(host, zoneName, next))) later.push(next);
    else if (host) {
      console.log(
        printable(
          `zone ${zoneName}: ${key} is restarted (${unit} on ${host.title}), as its Envoy has the former token`,
        ),
      );
      const asRoot = { asRoot: true, changes: true, timeoutMs: 90_000 };
      await output(host, ["systemctl", "restart", "--", unit], `restart ${unit}`, asRoot);
      if (key.startsWith("Dataplane "))
        await notConnectedAgain(zone, [key.slice("Dataplane ".length)], CONNECT_MS);
    }
    const left = [...later, ...rest];
    if (left.length > 0) await notes.writeKept(NOTE, JSON.stringify(left));
    else await notes.forgetKept(NOTE);
  }
}

async function answers(host: Host, zoneName: string, { key, unit }: ToRestart): Promise<boolean> {
  try {
    await host.run(["true"]);
    return true;
  } catch (error) {
    if (!isKumaError(error)) throw error;
    console.log(
      printable(
        `warning: zone ${zoneName}: ${key} has a new token, and was not restarted with it (${unit}). ${error.message} The next up restarts it.`,
      ),
    );
    return false;
  }
}

/**
 * Has proxies log in with tokens of the control plane that counts from now on: new ones where this program reaches them, and
 * a list of what is to be done by hand elsewhere. `ended` are the meshes whose former key does not count any more.
 */
export async function renewTokens(
  { zoneName, hosts }: ProxiesAt,
  notes: KeptFiles,
  {
    login,
    keys,
    issuer,
    ended,
  }: { login: ProxyLogin; keys: ProxyTokenKeys; issuer: ControlPlane; ended: readonly string[] },
): Promise<void> {
  const due = (await dueProxies({ zoneName, hosts }, login, keys)).filter(({ state }) => state === "void");
  const left = await replaceTokens(due, { zoneName, notes, login, issuerOf: () => issuer });
  const isDone = (key: string) =>
    due.some((each) => each.key === key) && !left.some((each) => each.key === key);
  const others = proxiesOfMeshes(login.proxies, ended, zoneName).filter((each) => !isDone(keyOf(each)));
  if (others.length > 0) console.log(printable(byHand(others, zoneName, issuer.title)));
}

/** What people have to do for proxies that this program does not reach. */
export function byHand(proxies: readonly Resource[], zoneName: string, issuer: string): string {
  const commands = proxies.map((each) => `${keyOf(each)}: ${commandFor(each, zoneName)}`);
  return (
    `zone ${zoneName}: the key that the tokens of ${proxies.length} of its proxies are signed with gives way to another one, and this program does not put new ones where they lie. ` +
    `Have each issued by ${issuer}, put it where its kuma-dp reads it, and restart that: ${enumerated(commands)}.`
  );
}
