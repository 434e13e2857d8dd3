import type { Config } from "../config";
import { configDump } from "../configDump";
import type { ResourceManager } from "../resources/manager";
import type { Store } from "../resources/store";
import { RESOURCE_TYPES, type ResourceType } from "../resources/types";
import { type ApiRequest, type ApiResponse, ok, plainError } from "./http";
import { globalInsight } from "./insights";
import { index, policies, resourceTypes } from "./meta";
import { ResourceEndpoints } from "./resources";
import { TokenEndpoints } from "./tokens";

interface PathEntry {
  type: ResourceType;
  /** A path from before `_overview`, which shows overviews only. */
  overview: boolean;
}

const PATHS = new Map<string, PathEntry>();
for (const type of RESOURCE_TYPES.filter(({ internal }) => !internal)) {
  PATHS.set(type.path, { type, overview: false });
  if (type.alternativePath) {
    PATHS.set(type.alternativePath, { type, overview: false });
  }
  if (type.insight) {
    PATHS.set(type.insight.legacyPath, { type, overview: true });
  }
}

/** The index names a GUI, as the real one does; who follows it is told where to look instead. */
const NO_GUI =
  "This is a stand-in for kuma-cp, which has no GUI. Its lists can be read: /zones/_overview, /meshes, /dataplanes.\n";

/** Finds what a path means. */
export class Router {
  private readonly resources: ResourceEndpoints;
  private readonly tokens: TokenEndpoints;

  constructor(
    private readonly store: Store,
    manager: ResourceManager,
    private readonly config: Config,
    private readonly instanceId: string,
  ) {
    this.resources = new ResourceEndpoints(store, manager, config);
    this.tokens = new TokenEndpoints(store);
  }

  async route(request: ApiRequest): Promise<ApiResponse> {
    const { segments } = request;
    if (segments.length <= 1) {
      const fixed = this.fixed(segments[0] ?? "", request);
      if (fixed) {
        return request.method === "GET" ? ok(fixed()) : plainError(405, "GET");
      }
    }
    if (segments[0] === "tokens" && segments.length === 2) {
      return this.tokens.issue(segments[1], request);
    }
    if (segments[0] === "meshes" && segments.length >= 3) {
      return this.ofMesh(segments[1], segments.slice(2), request);
    }
    return this.ofNoMesh(segments, request);
  }

  private fixed(name: string, request: ApiRequest): (() => Record<string, unknown> | string) | undefined {
    const { store, config } = this;
    switch (name) {
      case "":
        return () => index(store, config, this.instanceId);
      case "config":
        return () => configDump(config);
      case "_resources":
        return () => resourceTypes(config);
      case "policies":
        return () => policies(config);
      case "global-insight":
        return () => globalInsight(store);
      case "gui":
        return () => NO_GUI;
      case "who-am-i":
        return () => ({ ...request.user });
      default:
        return undefined;
    }
  }

  private async ofMesh(mesh: string, rest: readonly string[], request: ApiRequest): Promise<ApiResponse> {
    const entry = PATHS.get(rest[0]);
    if (!entry || entry.type.scope !== "Mesh") {
      return plainError(404);
    }
    return this.dispatch(entry, mesh, rest.slice(1), request);
  }

  private async ofNoMesh(segments: readonly string[], request: ApiRequest): Promise<ApiResponse> {
    const entry = PATHS.get(segments[0]);
    const rest = segments.slice(1);
    const list = rest.length === 0 || (rest.length === 1 && rest[0] === "_overview");
    if (!entry || (entry.type.scope === "Mesh" && !list)) {
      return plainError(404);
    }
    return this.dispatch(entry, undefined, rest, request);
  }

  /** `rest` is what follows the type's path: nothing, `_overview`, a name, or a name and `_overview`. */
  private async dispatch(
    { type, overview }: PathEntry,
    mesh: string | undefined,
    rest: readonly string[],
    request: ApiRequest,
  ): Promise<ApiResponse> {
    const [name, last] = rest;
    if (rest.length === 0) {
      return this.resources.list(type, mesh, overview, request);
    }
    if (rest.length === 1 && name === "_overview" && type.insight) {
      return this.resources.list(type, mesh, true, request);
    }
    const key = { mesh: mesh ?? "", name };
    if (rest.length === 1) {
      return this.resources.item(type, key, overview, request);
    }
    if (rest.length === 2 && last === "_overview" && type.insight) {
      return this.resources.item(type, key, true, request);
    }
    return plainError(404);
  }
}
