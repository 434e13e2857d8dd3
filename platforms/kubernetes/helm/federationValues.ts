import { TokenReference, withToken } from "../../konnect/tokenReference";
import { Values, isObject, setAt, valueAt } from "./values";
import type { ChartValue } from "./zoneProxyValues";

/** What a zone needs to be told to join a global. */
export interface ZoneSettings {
  zone: string;
  kdsAddress: string;
  /** Whom it trusts, see `trusting`. Left out for a global in Konnect: nothing is said of it then. */
  kdsZoneClient?: Values;
  konnect?: { controlPlaneId: string };
  /** What it connects with: in Konnect, and with a global of Kong Mesh that asks for it. */
  token?: TokenReference;
  /** Of that token: a control plane reads it once, and is started anew with another one. */
  tokenDigest?: string;
  ingress?: boolean;
  egress?: boolean;
  /** What is said besides of these two. */
  proxies?: readonly ChartValue[];
}

/** A value of Kuma's chart that a federation sets. */
export interface FederationValue {
  path: readonly string[];
  /** What it becomes, by what is there; undefined leaves that as it is. */
  value: (settings: ZoneSettings, there: unknown) => unknown;
}

const KDS_ADDRESS = "controlPlane.kdsGlobalAddress";

/**
 * All values that a federation sets, with a global of one's own and in Konnect. From these follow joining, the way back,
 * which takes exactly these back, and what an upgrade of this program is known by.
 */
export const FEDERATION_VALUES: readonly FederationValue[] = [
  row("controlPlane.mode", () => "zone"),
  row("controlPlane.zone", ({ zone }) => zone),
  row(KDS_ADDRESS, ({ kdsAddress }) => kdsAddress),
  // as a whole, so that nothing of what was trusted before stays, skipVerify among it
  row("controlPlane.tls.kdsZoneClient", ({ kdsZoneClient }) => kdsZoneClient),
  row(
    "controlPlane.konnect",
    ({ konnect }, there) => konnect && { ...(there as object | undefined), cpId: konnect.controlPlaneId },
  ),
  row("controlPlane.secrets", ({ token }, there) => token && withToken(there, token)),
  row("controlPlane.podAnnotations.kuma-federation/token", ({ tokenDigest }) => tokenDigest),
  row("ingress.enabled", ({ ingress }) => ingress),
  row("egress.enabled", ({ egress }) => egress),
];

function row(path: string, value: FederationValue["value"]): FederationValue {
  return { path: path.split("."), value };
}

/** @param kdsCa PEM; empty where the system's authorities serve */
export function trusting(kdsCa: string): Values {
  return kdsCa === "" ? { skipVerify: false } : { create: true, cert: kdsCa, skipVerify: false };
}

/**
 * Beside the values of zone ingress and egress stands which of them the stack has set, as the way back takes just these back:
 * the others are their owner's. No template of the chart reads it.
 */
const SET_BY_STACK = ["setByKumaFederation"];

/** The values with which the zone joins its global; everything else that was set stays as it is. */
export function federatedValues(
  values: Values,
  valuesKey: string | undefined,
  settings: ZoneSettings,
): Values {
  const { proxies = [] } = settings;
  return within(values, valuesKey, (before) => {
    const member = FEDERATION_VALUES.reduce((own, { path, value }) => {
      const wanted = value(settings, valueAt(own, path));
      return wanted === undefined ? own : setAt(own, path, wanted);
    }, before);
    if (proxies.length === 0) return member;
    const paths = proxies.map(([path]) => path);
    return setAt(
      proxies.reduce((own, [path, value]) => setAt(own, path, value), member),
      SET_BY_STACK,
      paths,
    );
  });
}

/**
 * The live values with those of the federation as they were before: what else was changed meanwhile is kept.
 *
 * @param proxies paths of zone ingress and egress that count as the federation's
 */
export function standaloneValues(
  live: Values,
  before: Values,
  valuesKey: string | undefined,
  proxies = proxyPathsIn(live, valuesKey),
): Values {
  const former = valuesKey === undefined ? before : before[valuesKey];
  const paths = [...FEDERATION_VALUES.map(({ path }) => path), ...proxies, SET_BY_STACK];
  return within(live, valuesKey, (now) =>
    paths.reduce((own, path) => setAt(own, path, valueAt(former, path)), now),
  );
}

/** Where these values say which of zone ingress and egress the stack has set. */
export function proxyPathsIn(values: Values, valuesKey: string | undefined): string[][] {
  const paths = valueAt(valuesKey === undefined ? values : values[valuesKey], SET_BY_STACK);
  const isPath = (each: unknown) => Array.isArray(each) && each.every((key) => typeof key === "string");
  return Array.isArray(paths) ? (paths.filter(isPath) as string[][]) : [];
}

/** What these values have a zone dial; undefined for one that runs alone. */
export function kdsAddressOf(values: Values, valuesKey: string | undefined): string | undefined {
  const own = valuesKey === undefined ? values : values[valuesKey];
  const address = valueAt(own, KDS_ADDRESS.split("."));
  return typeof address === "string" && address !== "" ? address : undefined;
}

function within(values: Values, key: string | undefined, change: (own: Values) => Values): Values {
  if (key === undefined) return change(values);
  const own = values[key];
  return { ...values, [key]: change(isObject(own) ? own : {}) };
}
