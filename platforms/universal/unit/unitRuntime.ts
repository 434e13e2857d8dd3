import * as fs from "node:fs";
import { ControlPlane, KumaError } from "../../../kuma";
import { Host, output } from "../hosts/host";
import { readFile, readFiles, remove, writeFile } from "../hosts/files";
import { isFederated } from "../environment";
import { GLOBAL_API, TOKEN_WAITS, ZONE_TOKEN } from "../zone/keptResources";
import { type ZoneRuntime, toBeFilled } from "../zone/zoneRuntime";
import { besideUnit, removeBeside } from "./besideUnit";
import { Configuration, readConfiguration } from "./look/configuration";
import { environmentFile, parseEnvironmentFile } from "./look/environmentFile";
import { assertSecondDatabase } from "./look/lookAtUnit";
import { HostedApi } from "./look/openUnit";
import {
  ROOT,
  VARIABLES,
  directoryOf,
  dropInOf,
  dropInText,
  formerDropInOf,
  ownFiles,
  variablesOf,
} from "./places";
import { Unit, readUnit } from "./look/readUnit";
import { UnitGate } from "./unitGate";
import type { UnitSettings } from "./unitSettings";
import { START_MS, controlPlaneAnswers, errorsFrom, notUp, untilUp } from "./untilUp";

/** Tells which start of the unit data plane proxies were let in to. */
const INVOCATION = "invocation";

/** What a switch puts beside a unit, for as long as the zone is a member. */
const MEMBERSHIP = [
  ...UnitGate.FILES,
  INVOCATION,
  VARIABLES,
  "kds-ca.crt",
  "system-ca.crt",
  ZONE_TOKEN,
  TOKEN_WAITS,
  GLOBAL_API,
];

/**
 * A zone's control plane as a unit of systemd on a host. It is switched by one drop-in, which names a file of variables;
 * no file of the user's is changed, and without the drop-in the unit runs as before.
 */
export class UnitRuntime implements ZoneRuntime<UnitSettings> {
  private readonly directory: string;
  private readonly gate: UnitGate;
  readonly hosts: readonly Host[];

  /**
   * @param federatedDatabase where a zone on Postgres is federated
   * @param proxyHosts other hosts on which data plane proxies of the zone run
   */
  constructor(
    private readonly host: Host,
    private readonly name: string,
    private readonly federatedDatabase: string | undefined,
    proxyHosts: readonly Host[] = [],
  ) {
    this.directory = directoryOf(name);
    this.gate = new UnitGate(host, name);
    this.hosts = [host, ...proxyHosts];
  }

  async settings(): Promise<UnitSettings> {
    const { unit, configuration } = await this.look();
    const { storeType, database } = configuration;
    const environment = await this.variables();
    const { federatedDatabase } = this;
    assertSecondDatabase(this.host, unit, configuration, federatedDatabase);
    return {
      title: `${this.name} on ${this.host.title}`,
      environment,
      storeType,
      ...(database !== undefined &&
        federatedDatabase !== undefined && { postgres: { database, federatedDatabase } }),
    };
  }

  hasStoreInMemory({ storeType }: UnitSettings): boolean {
    return storeType === "memory";
  }

  async isRunning(): Promise<boolean> {
    return (await readUnit(this.host, this.name)).isActive;
  }

  /** Also that its process was started since the variables are what they are, or are no more. */
  async runsWith({ environment }: UnitSettings): Promise<boolean> {
    const unit = await readUnit(this.host, this.name);
    const there = unit.process?.variables ?? {};
    const ours = Object.entries(environment);
    const isSame = JSON.stringify(await this.variables()) === JSON.stringify(environment);
    const isStarted = isFederated(there) === isFederated(environment);
    return unit.isActive && isSame && isStarted && ours.every(([name, value]) => there[name] === value);
  }

  federated(settings: UnitSettings, variables: Record<string, string>): UnitSettings {
    const { postgres } = settings;
    const store: Record<string, string> = postgres
      ? { KUMA_STORE_POSTGRES_DB_NAME: postgres.federatedDatabase }
      : {};
    return { ...settings, environment: { ...store, ...variables } };
  }

  alone(settings: UnitSettings): UnitSettings {
    return { ...settings, environment: {} };
  }

  async start(settings: UnitSettings, { anew = false, holdProxies = false } = {}): Promise<void> {
    const { unit, configuration } = await this.look();
    if (!anew && (await this.runsWith(settings))) return this.untilReady(settings, unit.restarts);
    // one that holds proxies back waits for its key, and for nothing else
    if (unit.process && (await this.gate.isClosed())) await this.kill();
    const gate = holdProxies ? await this.closeGate(unit, configuration) : {};
    if (!holdProxies) await this.gate.forget();
    await this.writeDropIn({ ...settings.environment, ...gate });
    const { restarts } = await readUnit(this.host, this.name);
    // one that failed a few times in a row would not be started any more (StartLimitBurst)
    const script = 'systemctl reset-failed -- "$1" 2>/dev/null; exec systemctl restart -- "$1"';
    const ran = await this.host.run(["sh", "-c", script, "sh", this.name], {
      asRoot: true,
      changes: true,
      timeoutMs: START_MS,
    });
    if (ran.status !== 0) throw await notUp(this.host, this.name, "did not start");
    await this.untilReady(settings, restarts);
  }

  async startEmpty(settings: UnitSettings): Promise<void> {
    await this.start(toBeFilled(settings), { anew: true, holdProxies: true });
  }

  async beside(next: UnitSettings, work: (zone: ControlPlane) => Promise<void>): Promise<void> {
    const { unit, configuration } = await this.look();
    await besideUnit(this.host, unit, configuration, next, work);
  }

  besideEmpty(settings: UnitSettings, work: (zone: ControlPlane) => Promise<void>): Promise<void> {
    return this.beside(toBeFilled(settings), work);
  }

  removeBeside(): Promise<void> {
    return removeBeside(this.host, this.name);
  }

  holdsProxies(): Promise<boolean> {
    return this.gate.isClosed();
  }

  async admitProxies(): Promise<void> {
    await this.gate.open();
    await this.writeKept(INVOCATION, (await readUnit(this.host, this.name)).invocation);
    const [text] = await readFiles(this.host, [variablesOf(this.name)]);
    if (text === undefined) return;
    // for its next start, which nobody waits beside
    const without = environmentFile(this.gate.without(parseEnvironmentFile(text)));
    if (without !== text) await writeFile(this.host, variablesOf(this.name), without);
  }

  async hasRestarted(): Promise<boolean> {
    const admitted = await this.readKept(INVOCATION);
    if (admitted === undefined) return false;
    const { unit, configuration } = await this.look();
    return configuration.storeType === "memory" && unit.isActive && unit.invocation !== admitted;
  }

  /** Its directory is open to whoever knows a file's name; the file has a mode of its own. */
  async give(name: string, content: string, isSecret = false): Promise<string> {
    const file = this.file(name);
    const { user } = await readUnit(this.host, this.name);
    if ((await readFile(this.host, file)) !== content)
      await writeFile(this.host, file, content, isSecret ? { mode: 0o600, owner: user } : { mode: 0o644 });
    return file;
  }

  giveFile(name: string, file: string): Promise<string> {
    return this.give(name, fs.readFileSync(file, "utf8"));
  }

  /** What runs is left as it is, so that a store in memory is not lost again. */
  async endMembership(): Promise<void> {
    await this.writeDropIn({});
    await this.forgetKept(...MEMBERSHIP);
  }

  readKept(name: string): Promise<string | undefined> {
    return readFile(this.host, this.file(name));
  }

  async writeKept(name: string, content: string): Promise<void> {
    if ((await this.readKept(name)) !== content) await writeFile(this.host, this.file(name), content);
  }

  async forgetKept(...names: string[]): Promise<void> {
    const files = names.map((name) => this.file(name));
    const there = await readFiles(this.host, files);
    const found = files.filter((_, index) => there[index] !== undefined);
    if (found.length === 0) return;
    await remove(this.host, found, [this.directory, ROOT]);
  }

  logFrom(): Promise<() => Promise<string[]>> {
    return errorsFrom(this.host, this.name);
  }

  private async look(): Promise<{ unit: Unit; configuration: Configuration }> {
    const unit = await readUnit(this.host, this.name);
    return { unit, configuration: await readConfiguration(this.host, unit, ownFiles(this.name)) };
  }

  private file(name: string): string {
    return `${this.directory}/${name}`;
  }

  /** What the drop-in adds, where there is one. */
  private async variables(): Promise<Record<string, string>> {
    const files = [dropInOf(this.name), formerDropInOf(this.name), variablesOf(this.name)];
    const [dropIn, former, text] = await readFiles(this.host, files);
    return (dropIn ?? former) === undefined ? {} : this.gate.without(parseEnvironmentFile(text ?? ""));
  }

  /** Without variables there is no drop-in. Each step leaves something that systemd can start. */
  private async writeDropIn(variables: Record<string, string>): Promise<void> {
    const dropIn = dropInOf(this.name);
    if (Object.keys(variables).length > 0) {
      await writeFile(this.host, variablesOf(this.name), environmentFile(variables));
      await writeFile(this.host, dropIn, dropInText(this.name), { mode: 0o644 });
    } else {
      const directory = dropIn.slice(0, dropIn.lastIndexOf("/"));
      await remove(this.host, [dropIn, formerDropInOf(this.name)], [directory]);
    }
    const script = 'rm -f -- "$1" && exec systemctl daemon-reload';
    const reload = ["sh", "-c", script, "sh", formerDropInOf(this.name)];
    await output(this.host, reload, "have systemd read its units again", {
      asRoot: true,
      changes: true,
    });
  }

  private async closeGate(unit: Unit, configuration: Configuration): Promise<Record<string, string>> {
    const zone = new HostedApi(this.host, configuration.api, { title: this.name, attempts: 1 });
    try {
      return await this.gate.close(zone, unit, configuration);
    } finally {
      zone.close();
    }
  }

  /** systemd would start it again, were it not told before that it is to end. */
  private async kill(): Promise<void> {
    const script =
      'systemctl stop --no-block -- "$1"; systemctl kill --signal=SIGKILL -- "$1"; exec systemctl stop -- "$1"';
    await output(this.host, ["sh", "-c", script, "sh", this.name], `end ${this.name}`, {
      asRoot: true,
      changes: true,
    });
  }

  private async untilReady(settings: UnitSettings, restarts: number): Promise<void> {
    const answers = async (unit: Unit) =>
      controlPlaneAnswers(this.host, await readConfiguration(this.host, unit, ownFiles(this.name)));
    await this.assertTold(settings, await untilUp(this.host, this.name, restarts, answers));
  }

  /** A script that sets variables by itself, or a drop-in that comes after this one, has the last word. */
  private async assertTold({ environment }: UnitSettings, { process, dropIns }: Unit): Promise<void> {
    const other = Object.entries(environment).find(([name, value]) => process?.variables[name] !== value);
    if (!other) return;
    throw new KumaError(
      "invalid",
      `Unit ${this.name} on ${this.host.title} was started with another ${other[0]} than the drop-in ${dropInOf(this.name)} says. ` +
        `Its drop-ins are ${dropIns.join(", ")}; one that comes later, or a script that starts kuma-cp, sets that variable. Take it out there.`,
    );
  }
}
