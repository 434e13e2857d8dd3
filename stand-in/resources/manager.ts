import { type Config, isFederated } from "../config";
import { createMeshResources } from "../defaults/meshResources";
import { ApiError, notFound, titled, ValidationError, type Violation } from "../errors";
import { isOnline } from "../kds/insight";
import type { Document } from "./documents";
import { computeLabels } from "./labels";
import { LABEL, type Labels, type Resource, type ResourceKey } from "./model";
import {
  ensureAuthorities,
  validateMesh,
  validateMeshBody,
  validateMeshDelete,
  validateSecretDelete,
} from "./meshRules";
import { AlreadyExistsError, type Store } from "./store";
import type { ResourceType } from "./types";
import {
  immutableLabelViolations,
  originReason,
  validateRequest,
  type ValidationContext,
} from "./validation";
import { changedResource, newResource } from "./writer";

/** Writes resources as a client asks for it: with the checks, the labels and the consequences. */
export class ResourceManager {
  private readonly context: ValidationContext;

  constructor(
    private readonly store: Store,
    private readonly config: Config,
  ) {
    this.context = {
      mode: config.mode,
      federatedZone: isFederated(config),
      zoneName: config.zone.name,
    };
  }

  /** Creates or replaces; tells which. The titles of the errors are those of the real control plane's steps. */
  async put(type: ResourceType, key: ResourceKey, document: Document): Promise<"created" | "updated"> {
    const violations = [
      ...validateRequest(type, key, document.meta, this.context),
      ...(type.name === "Mesh" ? validateMeshBody(document.body) : []),
    ];
    await titled("Could not process a resource", () => rejectIfAny(violations));
    const current = this.store.get(type.name, key);
    try {
      if (current) {
        await this.update(type, current, document);
        return "updated";
      }
      await titled("Failed to create a resource", () => this.create(type, key, document));
      return "created";
    } catch (error) {
      if (error instanceof AlreadyExistsError) {
        throw new ApiError(409, "Conflict", error.message);
      }
      throw error;
    }
  }

  async delete(type: ResourceType, key: ResourceKey): Promise<void> {
    const title = "Could not delete a resource";
    const resource = this.store.get(type.name, key);
    if (!resource) {
      throw notFound(title);
    }
    await titled(title, () => {
      const reason = originReason(type, resource.labels, this.context);
      if (reason) {
        throw ValidationError.of(`["${LABEL.origin}"]`, reason);
      }
      if (!this.config.unsafeDelete) {
        this.validateDelete(type, resource);
      }
    });
    this.store.delete(resource);
  }

  private async create(type: ResourceType, key: ResourceKey, document: Document): Promise<void> {
    const body = this.completeBody(type, document.body);
    const resource = newResource({
      type: type.name,
      ...key,
      labels: this.labels(type, key.mesh, document.meta.labels, body),
      // Secrets that a client wrote outlive their mesh; everything else in a mesh goes with it.
      ...(type.scope === "Mesh" && type.name !== "Secret"
        ? { owner: { type: "Mesh", mesh: "", name: key.mesh } }
        : {}),
      body,
    });
    if (type.name === "Mesh") {
      validateMesh(this.store, key.name, body, undefined);
    }
    this.store.create(resource);
    if (type.name === "Mesh") {
      await ensureAuthorities(this.store, resource);
      await createMeshResources(this.store, resource, this.context);
    }
  }

  private async update(type: ResourceType, current: Resource, document: Document): Promise<void> {
    const body = this.completeBody(type, document.body);
    if (type.hasStatus) {
      body.status = current.body.status ?? {};
    }
    const labels = this.labels(type, current.mesh, document.meta.labels, body);
    await titled("Could not update a resource", () => {
      // The labels that the current resource would get now: one from before labels were computed may have fewer.
      const currentLabels = this.labels(type, current.mesh, current.labels, current.body);
      rejectIfAny(immutableLabelViolations(currentLabels, labels));
    });
    await titled("Failed to update a resource", async () => {
      const next = changedResource(current, { labels, body });
      if (type.name === "Mesh") {
        validateMesh(this.store, current.name, body, current);
        await ensureAuthorities(this.store, next);
      }
      this.store.put(next);
    });
  }

  private validateDelete(type: ResourceType, resource: Resource): void {
    switch (type.name) {
      case "Mesh":
        return validateMeshDelete(this.store, resource.name);
      case "Secret":
        return validateSecretDelete(this.store, resource);
      case "Zone":
        if (isOnline(this.store.get("ZoneInsight", resource))) {
          throw ValidationError.of(
            "zone",
            "unable to delete Zone, Zone CP is still connected, please shut it down first",
          );
        }
        return;
      default:
    }
  }

  private labels(
    type: ResourceType,
    mesh: string,
    given: Readonly<Record<string, string>>,
    body: Readonly<Record<string, unknown>>,
  ): Labels {
    return computeLabels(type, given, mesh, body, this.context);
  }

  /** A zone tags its data plane proxies with its name. Source: Kuma v2.14.3 pkg/core/managers/apis/dataplane. */
  private completeBody(type: ResourceType, body: Record<string, unknown>): Record<string, unknown> {
    if (type.name !== "Dataplane" || this.config.mode !== "zone") {
      return { ...body };
    }
    const completed = structuredClone(body) as {
      networking?: { inbound?: Tagged[]; gateway?: Tagged };
    } & Record<string, unknown>;
    const { inbound, gateway } = completed.networking ?? {};
    for (const tagged of [...(Array.isArray(inbound) ? inbound : []), ...(gateway ? [gateway] : [])]) {
      tagged.tags = { ...tagged.tags, [LABEL.zone]: this.config.zone.name };
    }
    return completed;
  }
}

interface Tagged {
  tags?: Record<string, string>;
}

function rejectIfAny(violations: Violation[]): void {
  if (violations.length > 0) {
    throw new ValidationError(violations);
  }
}
