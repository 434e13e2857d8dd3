import * as net from "node:net";
import { KumaError } from "../../errors";

/** Reached directly whatever the environment says; what is given to other programs says so in both ways of writing it. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * The proxy through which an https address is reached, by HTTPS_PROXY and NO_PROXY as curl and Go take them (lower case
 * first); undefined where it is reached directly.
 */
export function proxyFor({ protocol, hostname, port }: URL, env = process.env): URL | undefined {
  const proxy = env.https_proxy || env.HTTPS_PROXY;
  if (protocol !== "https:" || !proxy || isExempt(hostname, port || "443", exemptions(env))) return undefined;
  const text = proxy.includes("://") ? proxy : `http://${proxy}`;
  if (URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol)) return new URL(text);
  throw new KumaError(
    "invalid",
    `The variable HTTPS_PROXY is not the address of a proxy, such as http://proxy.example.com:3128. Nothing was sent.`,
  );
}

/** Keeps what programs on this machine say to each other, the engine and its providers, out of any proxy. */
export function exemptLoopback(env: NodeJS.ProcessEnv): void {
  const all = [...new Set([...exemptions(env), ...LOOPBACK])].join(",");
  // gRPC for Node reads the one in small letters only
  Object.assign(env, { no_proxy: all, NO_PROXY: all });
}

function exemptions({ no_proxy: lower, NO_PROXY: upper }: NodeJS.ProcessEnv): string[] {
  return (lower ?? upper ?? "").split(/[\s,]/).filter((entry) => entry !== "");
}

function isExempt(hostname: string, port: string, entries: readonly string[]): boolean {
  const host = hostname.replace(/[[\]]/g, "").toLowerCase();
  if (LOOPBACK.includes(host) || (net.isIPv4(host) && host.startsWith("127."))) return true;
  return entries.some((entry) => {
    if (entry === "*") return true;
    if (/\/\d+$/.test(entry)) return isInNetwork(host, entry);
    const [, name, onlyPort] = /\[?(.*?)\]?(?::(\d+))?$/.exec(net.isIPv6(entry) ? `[${entry}]` : entry) ?? [];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const domain = (name ?? "").replace(/^\*?\./, "").toLowerCase();
    return host === domain || (net.isIP(host) === 0 && host.endsWith(`.${domain}`));
  });
}

function isInNetwork(host: string, network: string): boolean {
  const [address, bits] = network.split("/");
  const family = net.isIPv6(address) ? "ipv6" : "ipv4";
  const [version, most] = family === "ipv6" ? [6, 128] : [4, 32];
  if (net.isIP(host) !== version || net.isIP(address) === 0 || Number(bits) > most) return false;
  const list = new net.BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}
