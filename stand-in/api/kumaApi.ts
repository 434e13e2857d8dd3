import { authenticate } from "../auth";
import type { Config } from "../config";
import type { ResourceManager } from "../resources/manager";
import type { Store } from "../resources/store";
import { toApiRequest } from "./http";
import { Router } from "./router";
import { ApiServer } from "./server";

/** The REST API of a control plane, for whoever has one of its tokens. */
export function kumaApi(
  store: Store,
  manager: ResourceManager,
  config: Config,
  instanceId: string,
): ApiServer {
  const router = new Router(store, manager, config, instanceId);
  return new ApiServer(async (request) => {
    const user = authenticate(request, store, config.api);
    return router.route(toApiRequest(request, user));
  }, config);
}
