import { Resource } from "./resource";

interface MtlsBackend {
  name: string;
  type: string;
  conf?: unknown;
}

/** Names of the secrets in which a control plane keeps the authority that it made for a `builtin` backend. */
export function builtinSecretNames(mesh: string, backend: string): { cert: string; key: string } {
  return { cert: `${mesh}.ca-builtin-cert-${backend}`, key: `${mesh}.ca-builtin-key-${backend}` };
}

/**
 * The mesh as a global must get it, so that it goes on with the zone's certificate authority and adds nothing of its
 * own (the same conversion as `kumactl export --profile federation` of 2.11 and later):
 * - `builtin` mTLS backends become `provided` ones that point at the secrets of the zone's authority; a `builtin` one
 *   would make the global create a new authority, and every workload would have to be restarted;
 * - `skipValidation`, as the mesh is written before its secrets;
 * - no initial policies: the zone has its own.
 */
export function meshForGlobal(mesh: Resource): Resource {
  const mtls = mesh.mtls as { backends?: MtlsBackend[] } | undefined;
  const converted: Resource = { ...mesh, skipCreatingInitialPolicies: ["*"] };
  const builtin = mtls?.backends?.some(({ type }) => type === "builtin") ?? false;
  if (mtls && builtin) {
    converted.mtls = {
      ...mtls,
      skipValidation: true,
      backends: mtls.backends?.map((backend) => {
        if (backend.type !== "builtin") return backend;
        const { cert, key } = builtinSecretNames(mesh.name, backend.name);
        return { ...backend, type: "provided", conf: { cert: { secret: cert }, key: { secret: key } } };
      }),
    };
  }
  return converted;
}
