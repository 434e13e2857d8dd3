import { hostname } from "node:os";

import { type Config, isFederated } from "../config";
import { clusterId } from "../defaults/boot";
import type { Store } from "../resources/store";
import { includedInFederation, RESOURCE_TYPES } from "../resources/types";
import { KUMA_VERSION } from "../version";

/** `GET /`. Source: Kuma v2.14.3 pkg/api-server/index_endpoints.go. */
export function index(store: Store, config: Config, instanceId: string): Record<string, unknown> {
  return {
    clusterId: clusterId(store),
    gui: isFederated(config) ? "" : "/gui",
    hostname: hostname(),
    instanceId,
    product: config.product,
    version: KUMA_VERSION,
    ...(config.product === "Kuma" ? {} : { basedOnKuma: KUMA_VERSION }),
  };
}

/**
 * `GET /_resources`: by name. A federated zone shows every type as read only, also those that it lets be written.
 * Source: Kuma v2.14.3 pkg/api-server/mappers/resource_type_description.go.
 */
export function resourceTypes(config: Config): Record<string, unknown> {
  const allReadOnly = config.api.readOnly || isFederated(config);
  const resources = RESOURCE_TYPES.filter((type) => !type.internal)
    .map((type) => ({
      includeInFederation: includedInFederation(type),
      name: type.name,
      path: type.path,
      pluralDisplayName: type.plural,
      ...(type.policy ? { policy: type.policy } : {}),
      readOnly: allReadOnly || type.readOnly,
      scope: type.scope,
      shortName: type.shortName,
      singularDisplayName: type.singular,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { resources };
}

/** `GET /policies`. Source: Kuma v2.14.3 pkg/api-server/policies_endpoints.go. */
export function policies(config: Config): Record<string, unknown> {
  const readOnly = config.api.readOnly || isFederated(config);
  return {
    policies: RESOURCE_TYPES.filter((type) => type.policy)
      .map((type) => ({
        name: type.name,
        readOnly,
        path: type.path,
        singularDisplayName: type.singular,
        pluralDisplayName: type.plural,
        isExperimental: false,
        isTargetRefBased: type.policy!.isTargetRef,
        isInbound: type.policy!.hasFromTargetRef || type.policy!.hasRulesTargetRef,
        isOutbound: type.policy!.hasToTargetRef,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
