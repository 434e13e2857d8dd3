import type { Duplex } from "node:stream";
import type { Vantage } from "../../../../kuma/api/vantage";
import { enumerated } from "../../../../kuma";
import { readConfiguration } from "./configuration";
import { assertFit, versionOf } from "./lookAtUnit";
import { type InstanceStore, assertOneStore } from "./oneStore";
import { ownFiles } from "../places";
import { readUnit } from "./readUnit";
import type { UnitOnHost } from "../unitHost";

/** The machines of a control plane's instances, as who asks from there: what one of them cannot do, none of them can. */
export function vantageOf(instances: readonly UnitOnHost[]): Vantage {
  return {
    title: enumerated(instances.map(({ host }) => host.title)),
    async connect(to, port) {
      const [first, ...others] = await allOf(instances.map(({ host }) => host.connect(to, port)));
      others.forEach((each) => each.destroy());
      return first;
    },
    async look() {
      const looked = await Promise.all(instances.map(look));
      assertOneStore(looked);
      const [{ versionOnDisk }] = looked;
      return versionOnDisk === undefined ? {} : { versionOnDisk };
    },
  };
}

async function look({ host, unit: name }: UnitOnHost): Promise<InstanceStore & { versionOnDisk?: string }> {
  const unit = await readUnit(host, name);
  assertFit(host, unit);
  const configuration = await readConfiguration(host, unit, ownFiles(name));
  const { storeType, database } = configuration;
  const versionOnDisk = await versionOf(host, configuration);
  return { title: `${name} on ${host.title}`, storeType, database, versionOnDisk };
}

/** With none left open where one of them fails. */
async function allOf(connections: readonly Promise<Duplex>[]): Promise<Duplex[]> {
  try {
    return await Promise.all(connections);
  } catch (error) {
    for (const each of connections) each.then((channel) => channel.destroy()).catch(() => {});
    throw error;
  }
}
