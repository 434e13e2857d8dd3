import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  ControlPlane,
  ControlPlaneAddress,
  Manifest,
  Resource,
  ResourceType,
  Snapshot,
  applyPlan,
  exportZone,
  knownTypes,
  manifestOf,
  planFederation,
  readGlobal,
} from "../../../kuma";
import { ControlPlaneProcess, ProcessSettings } from "../../../platforms/universal/controlPlaneProcess";
import { globalEnvironment, standaloneEnvironment } from "../../../platforms/universal/environment";
import { ProcessRuntime } from "../../../platforms/universal/zone/processRuntime";
import { joinGlobal } from "../../../platforms/universal/zone/zoneFederation";
import { leaveGlobal } from "../../../platforms/universal/zone/zoneReturn";
import { loadConfig } from "../../../stand-in/config";
import { ControlPlane as StandIn } from "../../../stand-in/controlPlane";
import { freePortBase } from "../ports";

const ZONE = "zone-1";
/** A stand-in looks at its connections more often than its default says, as nobody waits for a person here. */
const QUICK = { STAND_IN_INSIGHT_DELAY: "50ms", STAND_IN_RECONNECT_DELAY: "100ms" };

/** A stand-in control plane in this process that is stopped and started as if it were a process of its own. */
export class InProcess extends ControlPlaneProcess {
  private running: StandIn | undefined;

  override beside(): ControlPlaneProcess {
    return new InProcess(this.file("next"));
  }

  override isRunning(): boolean {
    return this.running !== undefined;
  }

  override async start(settings: ProcessSettings, { anew = false } = {}): Promise<void> {
    if (!anew && this.runsWith(settings)) return;
    await this.stop();
    this.writeFile("settings.json", JSON.stringify(settings));
    const { ports } = this;
    const standIn = new StandIn(
      loadConfig({
        ...QUICK,
        ...settings.environment,
        KUMA_API_SERVER_HTTP_PORT: String(ports.api),
        KUMA_DIAGNOSTICS_SERVER_PORT: String(ports.diagnostics),
        KUMA_DP_SERVER_PORT: String(ports.dataplanes),
        KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT: String(ports.kds),
        KUMA_GENERAL_WORK_DIR: this.file("work"),
      }),
    );
    await standIn.start();
    this.running = standIn;
  }

  override async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }
}

/** What the program believes of a resource; undefined hides it. */
export type Belief = (resource: Resource) => Resource | undefined;

/** Tells the program what is not so, as a wrong picture of Kuma would. */
class Misread extends ControlPlane {
  constructor(
    address: ControlPlaneAddress,
    private readonly belief: Belief,
  ) {
    super(address);
  }

  override async list(type: ResourceType): Promise<Resource[]> {
    return (await super.list(type)).flatMap((resource) => this.belief(resource) ?? []);
  }
}

/**
 * A zone and a global, and the program's own steps between them: both are stand-ins in this process, or processes of the
 * program that is given.
 */
export class InProcessFederation {
  /** What the zone held, and the digests of what was carried over, once it has joined. */
  snapshot: Snapshot = { originals: [], kept: [] };
  manifest: Manifest = {};
  private readonly clients: ControlPlane[] = [];

  private constructor(
    private readonly directory: string,
    readonly zoneProcess: ControlPlaneProcess,
    private readonly globalProcess: ControlPlaneProcess,
  ) {}

  static async start(store: "memory" | "file" = "memory", program?: string): Promise<InProcessFederation> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-in-process-"));
    const start = async (name: string, environment: Record<string, string>) => {
      const place = path.join(directory, name);
      const process = program === undefined ? new InProcess(place) : new ControlPlaneProcess(place);
      const command = program === undefined ? [] : [program];
      const settings = { title: name, command, portBase: await freePortBase(), portSetting: "" };
      await process.start({ ...settings, environment });
      return process;
    };
    const global = await start("global", {
      ...globalEnvironment("", ""),
      KUMA_MULTIZONE_GLOBAL_KDS_TLS_ENABLED: "false",
    });
    const zone = await start("zone", { ...standaloneEnvironment(ZONE), KUMA_STORE_TYPE: store });
    return new InProcessFederation(directory, zone, global);
  }

  /** As it is. */
  get zone(): ControlPlane {
    return this.client({ title: "the zone", url: this.zoneProcess.apiUrl });
  }

  get global(): ControlPlane {
    return this.client({ title: "the global", url: this.globalProcess.apiUrl });
  }

  /** What the zone dials once it has joined. */
  get kdsAddress(): string {
    return `grpc://127.0.0.1:${this.globalProcess.ports.kds}`;
  }

  /** How the inputs of a resource name the two sides. */
  get connections() {
    const [zone, global] = [{ url: this.zoneProcess.apiUrl }, { url: this.globalProcess.apiUrl }];
    return { zoneName: ZONE, zone, global };
  }

  /** Starts the zone alone again with the store that it has, as Helm does when a release gets its former values. */
  async startAlone(): Promise<void> {
    const settings = this.zoneProcess.settings();
    if (settings === undefined) throw new Error("the zone was never started");
    const { KUMA_STORE_TYPE } = settings.environment;
    const environment = { ...standaloneEnvironment(ZONE), KUMA_STORE_TYPE };
    await this.zoneProcess.start({ ...settings, environment });
  }

  async write(resources: readonly Resource[]): Promise<void> {
    const types = await knownTypes(this.zone);
    for (const each of resources) await this.zone.put(types.get(each.type) as ResourceType, each);
  }

  /** Carries everything over and switches the zone, by what the program believes of it. */
  async join(belief: Belief = (resource) => resource): Promise<void> {
    const { global } = this;
    const zone = new Misread({ title: "the zone", url: this.zoneProcess.apiUrl }, belief);
    this.clients.push(zone);
    const { carried, originals, kept, types } = await exportZone(zone);
    this.snapshot = { originals, kept };
    this.manifest = manifestOf(carried);
    const { existing } = await readGlobal(
      global,
      carried.map(({ type }) => type),
    );
    await applyPlan(planFederation(carried, existing, { onConflict: "fail", zones: [] }), global, types);
    await joinGlobal({
      ...{
        zoneName: ZONE,
        zone,
        global,
        runtime: new ProcessRuntime(this.zoneProcess),
        kdsCa: "",
        onConflict: "fail",
      },
      onFailedSwitch: "leave",
      kdsAddress: this.kdsAddress,
      manifest: this.manifest,
      snapshot: this.snapshot,
    });
  }

  /** Takes the zone back, by what the program believes that it held. */
  async leave(belief: Belief = (resource) => resource): Promise<void> {
    const { originals, kept } = this.snapshot;
    const believed = { originals: originals.flatMap((each) => belief(each) ?? []), kept };
    const zone = new Misread({ title: "the zone", url: this.zoneProcess.apiUrl }, belief);
    this.clients.push(zone);
    await leaveGlobal(
      { zoneName: ZONE, zone, global: this.global },
      new ProcessRuntime(this.zoneProcess),
      believed,
    );
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.zoneProcess.stop();
    await this.globalProcess.stop();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private client(address: ControlPlaneAddress): ControlPlane {
    const client = new ControlPlane(address);
    this.clients.push(client);
    return client;
  }
}
