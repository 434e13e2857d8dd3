import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";

import type { ApiRequest, ApiResponse } from "../api/http";
import { Router } from "../api/router";
import { type Config, loadConfig } from "../config";
import { ensureDefaults } from "../defaults/boot";
import { endAllSubscriptions, isOnline } from "../kds/insight";
import { Journal } from "../resources/journal";
import { ResourceManager } from "../resources/manager";
import { Store } from "../resources/store";
import { RESOURCE_TYPES } from "../resources/types";
import type { ControlPlaneRecord } from "./organization";

/** Which features a new control plane has unless its request says otherwise is not documented; both on is inferred. */
function isOn(record: ControlPlaneRecord, type: string, field: string): boolean {
  const features = (record.features ?? []) as Record<string, unknown>[];
  const feature = features.find((each) => each.type === type)?.[field] as { enabled?: boolean } | undefined;
  return feature?.enabled ?? true;
}

/** One hosted control plane: a global one of the sandbox, without servers of its own. */
export class Tenant {
  readonly store = new Store();
  readonly instanceId = `konnect-${randomUUID().slice(0, 4)}`;
  private readonly journal: Journal;
  private readonly config: Config;
  private readonly router: Router;
  private readonly directory: string;

  constructor(
    readonly record: ControlPlaneRecord,
    workDir: string,
  ) {
    this.directory = join(workDir, record.id);
    const off = (on: boolean): string => String(!on);
    this.config = loadConfig({
      STAND_IN_PRODUCT: "Kong Mesh",
      KUMA_MODE: "global",
      KUMA_GENERAL_WORK_DIR: this.directory,
      KUMA_DEFAULTS_SKIP_MESH_CREATION: off(isOn(record, "MeshCreation", "meshCreation")),
      KUMA_DEFAULTS_SKIP_HOSTNAME_GENERATORS: off(
        isOn(record, "HostnameGeneratorCreation", "hostnameGeneratorCreation"),
      ),
    });
    this.journal = new Journal(this.directory, this.store);
    const manager = new ResourceManager(this.store, this.config);
    this.router = new Router(this.store, manager, this.config, this.instanceId);
  }

  async open(): Promise<void> {
    this.journal.open(RESOURCE_TYPES.map(({ name }) => name));
    endAllSubscriptions(this.store);
    await ensureDefaults(this.store, this.config);
    for (const secret of this.store.list("GlobalSecret")) {
      // Konnect authenticates its own users; inferred, as what is said of user tokens on it
      if (/^(admin-user-token$|user-token-signing-key-)/.test(secret.name)) {
        this.store.delete(secret);
      }
    }
  }

  close(): void {
    this.journal.close();
  }

  remove(): void {
    this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  route(request: ApiRequest): Promise<ApiResponse> {
    return this.router.route(request);
  }

  /** Names of the zones that are connected. */
  onlineZones(): string[] {
    return this.store
      .list("ZoneInsight")
      .filter(isOnline)
      .map(({ name }) => name);
  }
}
