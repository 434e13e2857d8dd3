import { createSigningKey, dataplaneTokenKey, FIRST_KEY_ID } from "../crypto/signingKeys";
import { computeLabels, type LabelContext } from "../resources/labels";
import type { Resource } from "../resources/model";
import type { Store } from "../resources/store";
import { resourceType } from "../resources/types";
import { newResource, newSecret } from "../resources/writer";
import { DEFAULT_POLICIES } from "./policies";

/**
 * What comes with a new mesh: the key that signs its data plane tokens, and policies, except those that the mesh's
 * `skipCreatingInitialPolicies` names (`*`: all).
 * Source: Kuma v2.14.3 pkg/defaults/mesh/mesh.go.
 */
export async function createMeshResources(
  store: Store,
  mesh: Resource,
  context: LabelContext,
): Promise<void> {
  const keyRef = { mesh: mesh.name, name: `${dataplaneTokenKey(mesh.name)}-${FIRST_KEY_ID}` };
  if (!store.get("Secret", keyRef)) {
    const key = await createSigningKey();
    if (!store.get("Secret", keyRef)) {
      store.create(newSecret(keyRef, key, mesh));
    }
  }
  const skipped = skippedPolicies(mesh);
  if (skipped.includes("*")) {
    return;
  }
  for (const policy of DEFAULT_POLICIES) {
    const ref = { type: policy.type, mesh: mesh.name, name: `${policy.prefix}-${mesh.name}` };
    if (!skipped.includes(policy.type) && !store.get(ref.type, ref)) {
      const body = { spec: policy.spec };
      const labels = computeLabels(resourceType(policy.type), {}, mesh.name, body, context);
      store.create(newResource({ ...ref, labels, owner: mesh, body }));
    }
  }
}

function skippedPolicies(mesh: Resource): string[] {
  const skipped = mesh.body.skipCreatingInitialPolicies;
  return Array.isArray(skipped) ? skipped.map(String) : [];
}
