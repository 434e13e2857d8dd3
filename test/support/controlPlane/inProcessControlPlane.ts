import { kumaApi } from "../../../stand-in/api/kumaApi";
import type { ApiServer } from "../../../stand-in/api/server";
import { loadConfig } from "../../../stand-in/config";
import { ensureDefaults } from "../../../stand-in/defaults/boot";
import { ResourceManager } from "../../../stand-in/resources/manager";
import { Resource } from "../../../stand-in/resources/model";
import { Store } from "../../../stand-in/resources/store";
import { RESOURCE_TYPES } from "../../../stand-in/resources/types";
import { freePortBase } from "../ports";

/**
 * The API of a stand-in control plane in this process, without KDS: it can be put back to what it held at an earlier
 * moment at once, so that a test can begin hundreds of times from the same place.
 */
export class InProcessControlPlane {
  private constructor(
    readonly url: string,
    private readonly store: Store,
    private readonly api: ApiServer,
  ) {}

  static async start(environment: Record<string, string>): Promise<InProcessControlPlane> {
    const port = await freePortBase();
    const config = loadConfig({ ...environment, KUMA_API_SERVER_HTTP_PORT: String(port) });
    const store = new Store();
    await ensureDefaults(store, config);
    const manager = new ResourceManager(store, config);
    const api = kumaApi(store, manager, config, "in-process");
    await api.start();
    return new InProcessControlPlane(`http://127.0.0.1:${port}`, store, api);
  }

  /** Everything that it holds. */
  save(): Resource[] {
    return RESOURCE_TYPES.flatMap(({ name }) => structuredClone([...this.store.list(name)]));
  }

  /** Holds again what `save` gave. */
  restore(saved: readonly Resource[]): void {
    for (const resource of this.save()) this.store.delete(resource);
    for (const resource of structuredClone([...saved])) this.store.put(resource);
  }

  stop(): Promise<void> {
    return this.api.stop();
  }
}
