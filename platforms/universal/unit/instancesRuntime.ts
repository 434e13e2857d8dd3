import type { ControlPlane } from "../../../kuma";
import { isFederated } from "../environment";
import type { ZoneRuntime } from "../zone/zoneRuntime";
import { assertOneStore } from "./look/oneStore";
import type { UnitSettings } from "./unitSettings";

type Instance = ZoneRuntime<UnitSettings>;

/**
 * Several instances of a zone's control plane, each a unit on a host of its own, on one database. They are switched one after
 * another, so that data plane proxies can go to another one. The first leads: it is the first to be switched and the last to be
 * taken back, so that a run that was killed in between is told by it what to go on with; files that are kept lie beside it.
 */
export class InstancesRuntime implements ZoneRuntime<UnitSettings> {
  constructor(private readonly instances: readonly [Instance, ...Instance[]]) {}

  get hosts() {
    return this.instances.flatMap(({ hosts }) => hosts);
  }

  /** Those of a member as long as one of them is. */
  async settings(): Promise<UnitSettings> {
    const all = await this.settingsOfAll();
    assertShared(all);
    const lead = all.find(({ environment }) => isFederated(environment)) ?? all[0];
    return { ...lead, title: all.map(({ title }) => title).join(" and ") };
  }

  hasStoreInMemory(settings: UnitSettings): boolean {
    return this.first.hasStoreInMemory(settings);
  }

  /** All of them, and each as the others. */
  async isRunning(): Promise<boolean> {
    const [first, ...others] = await this.settingsOfAll();
    const asFirst = JSON.stringify(first.environment);
    if (others.some(({ environment }) => JSON.stringify(environment) !== asFirst)) return false;
    return this.every((each) => each.isRunning());
  }

  runsWith(settings: UnitSettings): Promise<boolean> {
    return this.every((each) => each.runsWith(settings));
  }

  federated(settings: UnitSettings, variables: Record<string, string>): UnitSettings {
    return this.first.federated(settings, variables);
  }

  alone(settings: UnitSettings, zoneName: string): UnitSettings {
    return this.first.alone(settings, zoneName);
  }

  async start(settings: UnitSettings, options: Parameters<Instance["start"]>[1] = {}): Promise<void> {
    const joins = isFederated(settings.environment);
    const titles = (await this.settingsOfAll()).map(({ title }) => title);
    const order = this.instances.map((_, index) => index);
    if (!joins) order.reverse();
    for (const [done, index] of order.entries()) {
      const instance = this.instances[index];
      const isSo = !options.anew && (await instance.runsWith(settings));
      await instance.start(settings, options);
      if (isSo) continue;
      console.log(
        `${titles[index]}: runs ${joins ? "as a member of the global" : "alone"}, ${done + 1} of ${order.length} instances`,
      );
    }
  }

  startEmpty(settings: UnitSettings): Promise<void> {
    return this.first.startEmpty(settings);
  }

  beside(next: UnitSettings, work: (zone: ControlPlane) => Promise<void>): Promise<void> {
    return this.first.beside(next, work);
  }

  besideEmpty(settings: UnitSettings, work: (zone: ControlPlane) => Promise<void>): Promise<void> {
    return this.first.besideEmpty(settings, work);
  }

  removeBeside(): Promise<void> {
    return this.first.removeBeside();
  }

  holdsProxies(): Promise<boolean> {
    return this.first.holdsProxies();
  }

  async admitProxies(): Promise<void> {
    for (const each of this.instances) await each.admitProxies();
  }

  hasRestarted(): Promise<boolean> {
    return this.first.hasRestarted();
  }

  /** At the same path everywhere, as the units have one name. */
  async give(name: string, content: string, isSecret?: boolean): Promise<string> {
    const [path] = await Promise.all(this.instances.map((each) => each.give(name, content, isSecret)));
    return path;
  }

  async giveFile(name: string, file: string): Promise<string> {
    const [path] = await Promise.all(this.instances.map((each) => each.giveFile(name, file)));
    return path;
  }

  async endMembership(): Promise<void> {
    for (const each of [...this.instances].reverse()) await each.endMembership();
  }

  async logFrom(): Promise<() => Promise<string[]>> {
    const logs = await Promise.all(this.instances.map((each) => each.logFrom()));
    return async () => (await Promise.all(logs.map((read) => read()))).flat();
  }

  readKept(name: string): Promise<string | undefined> {
    return this.first.readKept(name);
  }

  writeKept(name: string, content: string): Promise<void> {
    return this.first.writeKept(name, content);
  }

  /** Also what was given to all of them. */
  async forgetKept(...names: string[]): Promise<void> {
    await Promise.all(this.instances.map((each) => each.forgetKept(...names)));
  }

  private get first(): Instance {
    return this.instances[0];
  }

  private async settingsOfAll(): Promise<UnitSettings[]> {
    const all = await Promise.all(this.instances.map((each) => each.settings()));
    return all.filter((each) => each !== undefined);
  }

  private async every(is: (instance: Instance) => Promise<boolean>): Promise<boolean> {
    return (await Promise.all(this.instances.map(is))).every(Boolean);
  }
}

/** Each of them may be told about another database, whatever the control plane of the first one says. */
function assertShared(all: readonly UnitSettings[]): void {
  const stores = all.map(({ title, storeType, postgres }) => ({
    ...{ title, storeType },
    ...(postgres && { database: postgres.database }),
  }));
  assertOneStore(stores);
}
