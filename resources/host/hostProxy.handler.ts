import { isKumaError, isZoneTokenDue, issueZoneToken } from "../../kuma";
import { DataPlaneServer, dataPlaneServerOf } from "../../platforms/universal/install/dataPlaneServer";
import {
  Installation,
  assertRoom,
  install,
  isInPlace,
  uninstall,
} from "../../platforms/universal/install/installation";
import { isConnected, zoneProxyService } from "../../platforms/universal/install/zoneProxy";
import { parseUnitUrl } from "../../platforms/universal/unit/location";
import { withGlobal, withZone } from "../connections";
import { changedInputs, isKnown } from "../provider/handler";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import { letGo } from "../zone/letGo";
import { whileIngressChanges } from "../zone/withheld";
import { staysNow } from "../options/members";
import type { HostProxy } from "./hostProxy";
import { replacesUnit, withUnitHost } from "./hostPlace";

type Inputs = InputsOf<typeof HostProxy>;
type Outputs = StateOf<typeof HostProxy>;

/** What its token is issued for, and by whom. */
const OF_TOKEN: (keyof Inputs)[] = ["zoneName", "kind", "tokenDays"];

export const hostProxy: HandlerOf<typeof HostProxy> = {
  /** What stands against it is told before anything is made, also in previews. */
  async check(olds, news) {
    // one that is there was looked at, and is again by the diff
    if (olds.url !== news.url && isKnown(news.url) && isKnown(news.ssh))
      await withUnitHost(news, (host, unit) =>
        assertRoom(host, installationOf(unit, { ...NOTHING, ...news })),
      );
    return news;
  },
  async diff(_, olds, news) {
    const how = replacesUnit(olds, news);
    const isChanged = changedInputs(olds, news).length > 0 || isZoneTokenDue(olds);
    if (how.replaces.length > 0 || isChanged) return { changes: true, ...how };
    return { changes: !(await isAsItWas(olds, news)), ...how };
  },
  create: async (inputs) => ({ id: inputs.url, outs: await run(inputs, undefined) }),
  update: (_, olds, news) => run(news, olds),
  async delete(_, inputs) {
    const goes = () =>
      withUnitHost(inputs, (host, unit) => uninstall(host, installationOf(unit, inputs), inputs));
    const { kind, name, zoneName } = inputs;
    if (kind === "ingress" && staysNow(zoneName))
      return whileIngressChanges(inputs, { name, isKnown: true, goes: true }, goes);
    // it goes before the zone does, and calls of other zones come through it
    if (kind === "ingress") await letGo(inputs);
    await goes();
  },
};

const NOTHING = { token: "", cpAddress: "", cpCa: "" };

async function isAsItWas(olds: Outputs, news: Inputs): Promise<boolean> {
  const { token, ends, cpAddress, cpCa } = olds;
  try {
    const server = await serverOf(news);
    if (server.ca !== cpCa || server.address !== cpAddress) return false;
  } catch (error) {
    // of a zone that does not answer nothing new is known
    if (!isKumaError(error)) throw error;
  }
  const whole = { ...news, token, ends, cpAddress, cpCa };
  return withUnitHost(news, (host, unit) => isInPlace(host, installationOf(unit, whole)));
}

async function run(inputs: Inputs, former: Outputs | undefined): Promise<Outputs> {
  const { zoneName, kind, name, tokenDays } = inputs;
  const { address: cpAddress, ca: cpCa } = await serverOf(inputs);
  const isKept =
    former &&
    !isZoneTokenDue(former) &&
    OF_TOKEN.every((field) => former[field] === inputs[field]) &&
    former.global.url === inputs.global.url;
  const { token, ends } = isKept
    ? former
    : await withGlobal(inputs, (global) => issueZoneToken(global, zoneName, kind, tokenDays));
  const outputs = { ...inputs, token, ends, cpAddress, cpCa };
  const started = () =>
    withZone(inputs, (zone) =>
      withUnitHost(inputs, (host, unit) =>
        install(host, installationOf(unit, outputs), () => isConnected(zone, kind, name)),
      ),
    );
  const isToStart = () =>
    withUnitHost(inputs, async (host, unit) => !(await isInPlace(host, installationOf(unit, outputs))));
  if (kind === "ingress" && (await isToStart()))
    await whileIngressChanges(inputs, { name, isKnown: former !== undefined, goes: false }, started);
  else await started();
  return outputs;
}

/** From the zone's own host; a proxy on the same one takes its loopback, where nothing else is said. */
function serverOf(inputs: Inputs): Promise<DataPlaneServer> {
  const [own, zones] = [inputs.url, inputs.zone.url].map((url) => parseUnitUrl(url)?.host ?? "");
  const near = own === zones ? ["127.0.0.1", "localhost", zones] : [zones];
  const names = inputs.cpHost === undefined ? near : [inputs.cpHost];
  return withZone(inputs, (zone) =>
    withUnitHost(inputs.zone, (host) => dataPlaneServerOf(host, zone, names)),
  );
}

function installationOf(
  unit: string,
  { archive, ...spec }: Inputs & Pick<Outputs, "token" | "cpAddress" | "cpCa">,
): Installation {
  return { service: zoneProxyService({ ...spec, unit }), ...(archive && { archive }) };
}
