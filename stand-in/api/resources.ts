import { isAdmin, requireAdmin } from "../auth";
import { type Config, isFederated } from "../config";
import { ApiError, notFound, titled } from "../errors";
import { parseDocument, toDocument, toKubernetes, toOverview } from "../resources/documents";
import type { ResourceManager } from "../resources/manager";
import { keyOf, type Resource, type ResourceKey } from "../resources/model";
import type { Store } from "../resources/store";
import { refusesWrites, type ResourceType } from "../resources/types";
import { type ApiRequest, type ApiResponse, ok, plainError } from "./http";
import { meshInsight } from "./insights";
import { page, selector } from "./paging";

/** Source of the texts: Kuma v2.14.3 pkg/api-server/resource_endpoints.go. */
const READ_ONLY_DETAIL = {
  global:
    "On global control plane you can not modify dataplane resources with 'kumactl apply' or via the HTTP API. " +
    "You can still use 'kumactl' or the HTTP API to modify them on the zone control plane.\n",
  zone:
    "On zone control plane you can only modify zone resources with 'kumactl apply' or via the HTTP API. " +
    "You can still use 'kumactl' or the HTTP API to modify the rest of the resource on the global control plane.\n",
};

/** The endpoints that every resource type has. */
export class ResourceEndpoints {
  constructor(
    private readonly store: Store,
    private readonly manager: ResourceManager,
    private readonly config: Config,
  ) {}

  /** `mesh` is undefined for a list over all meshes, and for types outside of meshes. */
  list(type: ResourceType, mesh: string | undefined, overview: boolean, request: ApiRequest): ApiResponse {
    if (request.method !== "GET") {
      return plainError(405, "GET");
    }
    const matches = selector(request.query);
    // The size of the page is checked before anything else.
    page([], request);
    this.requireMesh(mesh);
    this.requireAccess(type, request);
    const selected = this.resources(type, mesh).filter(matches);
    const { total, items, next } = page(selected, request);
    const documents = items.map((resource) =>
      overview ? toOverview(type, resource, this.insightOf(type, resource)) : toDocument(type, resource),
    );
    return ok({ total, items: documents, next });
  }

  async item(
    type: ResourceType,
    key: ResourceKey,
    overview: boolean,
    request: ApiRequest,
  ): Promise<ApiResponse> {
    switch (request.method) {
      case "GET":
        return this.get(type, key, overview, request);
      case "PUT":
        return overview ? plainError(405, "GET") : this.put(type, key, request);
      case "DELETE":
        return overview ? plainError(405, "GET") : this.delete(type, key, request);
      default:
        return plainError(405, overview ? "GET" : "PUT, DELETE, GET");
    }
  }

  private get(type: ResourceType, key: ResourceKey, overview: boolean, request: ApiRequest): ApiResponse {
    const title = "Could not retrieve a resource";
    this.requireMesh(type.scope === "Mesh" ? key.mesh : undefined);
    this.requireAccess(type, request);
    const resource = this.resource(type, key);
    if (!resource) {
      throw notFound(title);
    }
    if (overview) {
      return ok(toOverview(type, resource, this.insightOf(type, resource) ?? {}));
    }
    const format = request.query.get("format") ?? "";
    switch (format) {
      case "":
      case "universal":
        return ok(toDocument(type, resource));
      case "k8s":
      case "kubernetes":
        return ok(toKubernetes(type, resource, request.query.get("namespace") ?? ""));
      default:
        throw new ApiError(400, title, "Resource is not valid", [
          { field: "", reason: '"format" must be one of ["k8s", "kubernetes", "universal"]' },
        ]);
    }
  }

  private async put(type: ResourceType, key: ResourceKey, request: ApiRequest): Promise<ApiResponse> {
    const text = await request.json();
    this.requireWritable(type);
    this.requireMesh(type.scope === "Mesh" ? key.mesh : undefined);
    const document = await titled("Could not process a resource", () => parseDocument(type, text));
    this.requireAccess(type, request);
    const outcome = await this.manager.put(type, key, document);
    return { status: outcome === "created" ? 201 : 200, body: {} };
  }

  private async delete(type: ResourceType, key: ResourceKey, request: ApiRequest): Promise<ApiResponse> {
    this.requireWritable(type);
    this.requireMesh(type.scope === "Mesh" ? key.mesh : undefined);
    this.requireAccess(type, request);
    await this.manager.delete(type, key);
    return ok({});
  }

  private resources(type: ResourceType, mesh: string | undefined): readonly Resource[] {
    if (type.name === "MeshInsight") {
      return this.store.list("Mesh").map((resource) => meshInsight(this.store, resource));
    }
    return this.store.list(type.name, mesh);
  }

  private resource(type: ResourceType, key: ResourceKey): Resource | undefined {
    if (type.name === "MeshInsight") {
      return this.resources(type, undefined).find((resource) => keyOf(resource) === keyOf(key));
    }
    return this.store.get(type.name, key);
  }

  private insightOf(type: ResourceType, resource: Resource): Readonly<Record<string, unknown>> | undefined {
    return this.store.get(type.insight!.type, resource)?.body;
  }

  private requireMesh(mesh: string | undefined): void {
    if (mesh !== undefined && !this.store.get("Mesh", { mesh: "", name: mesh })) {
      throw notFound("Failed to retrieve Mesh");
    }
  }

  private requireAccess(type: ResourceType, request: ApiRequest): void {
    if (type.adminOnly && !isAdmin(request.user)) {
      requireAdmin(request.user, `access the resource of type "${type.name}"`);
    }
  }

  private requireWritable(type: ResourceType): void {
    if (
      this.config.api.readOnly ||
      refusesWrites(type, this.config.mode === "global", isFederated(this.config))
    ) {
      throw new ApiError(405, "Method not allowed", READ_ONLY_DETAIL[this.config.mode]);
    }
  }
}
