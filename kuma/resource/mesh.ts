import { valueAt } from "../api/json";
import { Resource } from "./resource";

interface DataSource {
  secret?: string;
  /** On the disk of the control plane that reads it. */
  file?: string;
}

interface MtlsBackend {
  name: string;
  type: string;
  conf?: { cert?: DataSource; key?: DataSource };
}

interface Mtls {
  skipValidation?: boolean;
  backends?: MtlsBackend[];
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
 * - `skipValidation`, as the mesh is written before its secrets, and as a global has not the files of the zone's disk;
 * - no initial policies: the zone has its own.
 */
export function meshForGlobal(mesh: Resource): Resource {
  const mtls = mesh.mtls as Mtls | undefined;
  const converted: Resource = { ...mesh, skipCreatingInitialPolicies: ["*"] };
  const isBuiltin = mtls?.backends?.some(({ type }) => type === "builtin") ?? false;
  if (mtls && (isBuiltin || names(mtls, "file"))) {
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

/**
 * The mesh as a control plane takes it while the secrets of its authority are missing: with `skipValidation` (since Kuma
 * 2.11). Undefined where it names no secret, or its secrets are not looked at anyway.
 */
export function beforeItsSecrets(resource: Resource): Resource | undefined {
  const mtls = resource.mtls as Mtls | undefined;
  if (resource.type !== "Mesh" || !mtls || mtls.skipValidation || !names(mtls, "secret")) return undefined;
  return { ...resource, mtls: { ...mtls, skipValidation: true } };
}

function names({ backends = [] }: Mtls, source: keyof DataSource): boolean {
  return backends.some(({ type, conf }) =>
    [conf?.cert, conf?.key].some((each) => type !== "builtin" && each?.[source] !== undefined),
  );
}

/** Services of the mesh are known by their tag, `kuma.io/service`, as far as its own setting goes. */
export function hasTags({ meshServices }: Resource): boolean {
  return valueAt(meshServices, "mode") !== "Exclusive";
}
