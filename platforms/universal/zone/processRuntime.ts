import * as fs from "node:fs";
import * as path from "node:path";
import type { ControlPlane } from "../../../kuma";
import { besideZone } from "./beside";
import { ControlPlaneProcess, ProcessSettings } from "../controlPlaneProcess";
import { standaloneEnvironment } from "../environment";
import { readIfThere } from "../files";
import { TOKEN_WAITS, ZONE_TOKEN } from "./keptResources";
import { logFrom } from "../logLines";
import { TOKEN_VARIABLES } from "../../konnect/variables";
import { postgresEnvironment } from "../postgresStore";
import { type ZoneRuntime, toBeFilled } from "./zoneRuntime";

/** A zone's control plane as a process on this machine. */
export class ProcessRuntime implements ZoneRuntime<ProcessSettings> {
  /** Proxies beside it are looked after by whoever started them. */
  readonly hosts = [];

  constructor(readonly process: ControlPlaneProcess) {}

  async settings() {
    return this.process.settings();
  }

  hasStoreInMemory({ environment }: ProcessSettings): boolean {
    return environment.KUMA_STORE_TYPE === "memory";
  }

  async isRunning() {
    return this.process.isRunning();
  }

  async runsWith(settings: ProcessSettings) {
    return this.process.runsWith(settings);
  }

  federated(settings: ProcessSettings, variables: Record<string, string>): ProcessSettings {
    const { environment, postgres } = settings;
    const store = postgres && postgresEnvironment(postgres, postgres.federatedDatabase);
    // a token that it is to show no more
    const isLeft = ([name]: [string, string]) => name in variables || !TOKEN_VARIABLES.includes(name);
    const own = Object.fromEntries(Object.entries(environment).filter(isLeft));
    return { ...settings, environment: { ...own, ...store, ...variables } };
  }

  alone(settings: ProcessSettings, zoneName: string): ProcessSettings {
    const { postgres } = settings;
    const { KUMA_STORE_TYPE, STAND_IN_PRODUCT } = settings.environment;
    const store = postgres ? postgresEnvironment(postgres, postgres.database) : { KUMA_STORE_TYPE };
    const environment: Record<string, string> = { ...standaloneEnvironment(zoneName), ...store };
    if (STAND_IN_PRODUCT !== undefined) environment.STAND_IN_PRODUCT = STAND_IN_PRODUCT;
    return { ...settings, environment };
  }

  start(settings: ProcessSettings, options?: { holdProxies?: boolean; anew?: boolean }) {
    return this.process.start(settings, options);
  }

  async startEmpty(settings: ProcessSettings) {
    await this.process.stop();
    this.process.clearWork();
    await this.process.start(toBeFilled(settings), { holdProxies: true });
  }

  beside(next: ProcessSettings, work: (zone: ControlPlane) => Promise<void>) {
    return besideZone(this.process, next, work);
  }

  besideEmpty(settings: ProcessSettings, work: (zone: ControlPlane) => Promise<void>) {
    return besideZone(this.process, toBeFilled(settings), work);
  }

  removeBeside() {
    return this.process.beside().remove();
  }

  async holdsProxies() {
    return this.process.holdsProxies;
  }

  admitProxies() {
    return this.process.admitProxies();
  }

  /** One that ends stays so until this program starts it. */
  async hasRestarted() {
    return false;
  }

  async give(name: string, content: string) {
    return this.process.writeFile(name, content);
  }

  async giveFile(_name: string, file: string) {
    return path.resolve(file);
  }

  async endMembership() {
    await this.forgetKept(ZONE_TOKEN, TOKEN_WAITS);
  }

  async readKept(name: string) {
    return readIfThere(this.process.file(name));
  }

  async writeKept(name: string, content: string) {
    this.process.writeFile(name, content);
  }

  async forgetKept(...names: string[]) {
    for (const name of names) fs.rmSync(this.process.file(name), { force: true });
  }

  async logFrom() {
    const since = logFrom(this.process);
    return async () => since();
  }
}
