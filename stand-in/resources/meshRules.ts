import { createPrivateKey, X509Certificate } from "node:crypto";

import { createAuthority } from "../crypto/certificates";
import { secretText } from "../crypto/signingKeys";
import { ValidationError, type Violation } from "../errors";
import type { Resource, ResourceRef } from "./model";
import type { Store } from "./store";
import { newSecret } from "./writer";

interface Backend {
  name: string;
  type: string;
  conf?: {
    cert?: DataSource;
    key?: DataSource;
    caCert?: { expiration?: string };
  };
}

interface DataSource {
  secret?: string;
  inline?: string;
  inlineString?: string;
}

interface Mtls {
  enabledBackend: string;
  skipValidation: boolean;
  backends: Backend[];
}

function mtlsOf(body: Readonly<Record<string, unknown>>): Mtls {
  const mtls = (body.mtls ?? {}) as Partial<Mtls>;
  return {
    enabledBackend: mtls.enabledBackend ?? "",
    skipValidation: mtls.skipValidation ?? false,
    backends: Array.isArray(mtls.backends) ? mtls.backends : [],
  };
}

/** What can be said of a mesh by looking at it alone. Source: Kuma v2.14.3 pkg/core/resources/apis/mesh/mesh_validator.go. */
export function validateMeshBody(body: Readonly<Record<string, unknown>>): Violation[] {
  const { backends, enabledBackend } = mtlsOf(body);
  const violations: Violation[] = [];
  if (backends.length > 1) {
    violations.push({ field: "mtls.backends", reason: "cannot have more than 1 backends" });
  } else if (enabledBackend !== "" && !backends.some((backend) => backend.name === enabledBackend)) {
    violations.push({
      field: "mtls.enabledBackend",
      reason: "has to be set to one of the backends in the mesh",
    });
  }
  return violations;
}

/** Source: Kuma v2.14.3 pkg/core/managers/apis/mesh/mesh_validator.go. */
export function validateMesh(
  store: Store,
  name: string,
  body: Readonly<Record<string, unknown>>,
  current: Resource | undefined,
): void {
  const violations: Violation[] = [];
  const { backends, enabledBackend, skipValidation } = mtlsOf(body);
  if (!current && name.length > 63) {
    violations.push({ field: "name", reason: "cannot be longer than 63 characters" });
  }
  const enabledNow = current ? mtlsOf(current.body).enabledBackend : "";
  if (enabledNow !== "" && enabledBackend !== "" && enabledNow !== enabledBackend) {
    violations.push({
      field: "mtls.enabledBackend",
      reason: "Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA",
    });
  }
  backends.forEach((backend, index) => {
    const at = `mtls.backends[${index}]`;
    if (backend.type !== "builtin" && backend.type !== "provided") {
      violations.push({ field: `${at}.type`, reason: "could not find installed plugin for this type" });
    } else if (backend.type === "provided" && !skipValidation) {
      violations.push(...validateProvided(store, name, backend, `${at}.conf`));
    }
  });
  if (violations.length > 0) {
    throw new ValidationError(violations);
  }
}

/** Source: Kuma v2.14.3 pkg/plugins/ca/provided. */
function validateProvided(store: Store, mesh: string, backend: Backend, at: string): Violation[] {
  const { cert, key } = backend.conf ?? {};
  const missing: Violation[] = [];
  if (!cert) {
    missing.push({ field: `${at}.cert`, reason: "has to be defined" });
  }
  if (!key) {
    missing.push({ field: `${at}.key`, reason: "has to be defined" });
  }
  if (!cert || !key) {
    return missing;
  }
  try {
    // The real one loads the key first, and blames whatever fails on both.
    const keyPem = load(store, mesh, key);
    return validateKeyPair(load(store, mesh, cert), keyPem, at);
  } catch (error) {
    const reason = `could not load data: ${(error as Error).message}`;
    return [
      { field: `${at}.cert`, reason },
      { field: `${at}.key`, reason },
    ];
  }
}

function load(store: Store, mesh: string, source: DataSource): string {
  if (source.secret !== undefined) {
    const secret = store.get("Secret", { mesh, name: source.secret });
    if (!secret) {
      throw new Error(`resource not found: type="Secret" name="${source.secret}" mesh="${mesh}"`);
    }
    return secretText(secret);
  }
  if (source.inline !== undefined) {
    return Buffer.from(source.inline, "base64").toString("utf8");
  }
  if (source.inlineString !== undefined) {
    return source.inlineString;
  }
  throw new Error("unsupported type of the DataSource");
}

function validateKeyPair(certPem: string, keyPem: string, at: string): Violation[] {
  try {
    const cert = new X509Certificate(certPem);
    if (!cert.checkPrivateKey(createPrivateKey(keyPem))) {
      return [
        { field: `${at}.cert`, reason: "not a valid TLS key pair: private key does not match public key" },
      ];
    }
    return cert.ca
      ? []
      : [{ field: `${at}.cert`, reason: "basic constraint 'CA' must be set to 'true' (see X509-SVID: 4.1)" }];
  } catch (error) {
    return [{ field: `${at}.cert`, reason: `not a valid TLS key pair: ${(error as Error).message}` }];
  }
}

function builtinSecrets(mesh: string, backend: Backend): { cert: string; key: string } {
  return {
    cert: `${mesh}.ca-builtin-cert-${backend.name}`,
    key: `${mesh}.ca-builtin-key-${backend.name}`,
  };
}

/** Every builtin backend has its authority, whether it is enabled or not. Source: Kuma v2.14.3 pkg/plugins/ca/builtin. */
export async function ensureAuthorities(store: Store, mesh: Resource): Promise<void> {
  for (const backend of mtlsOf(mesh.body).backends.filter(({ type }) => type === "builtin")) {
    const names = builtinSecrets(mesh.name, backend);
    const missing = (name: string): boolean => !store.get("Secret", { mesh: mesh.name, name });
    if (missing(names.cert) || missing(names.key)) {
      const pair = await createAuthority(mesh.name, "rsa", expirationDays(backend));
      for (const [name, content] of [
        [names.cert, pair.cert],
        [names.key, pair.key],
      ]) {
        if (missing(name)) {
          store.create(newSecret({ mesh: mesh.name, name }, content, mesh));
        }
      }
    }
  }
}

/** `caCert.expiration` as Kuma's documentation writes it, in days or years; other units are left at the default. */
function expirationDays(backend: Backend): number | undefined {
  const match = /^(\d+)([dy])$/.exec(backend.conf?.caCert?.expiration ?? "");
  return match ? Number(match[1]) * (match[2] === "y" ? 365 : 1) : undefined;
}

/** Source: Kuma v2.14.3 pkg/core/secrets/manager/validator.go. */
export function validateSecretDelete(store: Store, secret: ResourceRef): void {
  const mesh = store.get("Mesh", { mesh: "", name: secret.mesh });
  for (const backend of mesh ? mtlsOf(mesh.body).backends : []) {
    const used =
      backend.type === "builtin"
        ? Object.values(builtinSecrets(secret.mesh, backend))
        : [backend.conf?.cert?.secret, backend.conf?.key?.secret];
    if (used.includes(secret.name)) {
      throw ValidationError.of(
        "name",
        `The secret "${secret.name}" that you are trying to remove is currently in use in Mesh "${secret.mesh}" in ` +
          `mTLS backend "${backend.name}". Please remove the reference from the "${backend.name}" backend before ` +
          "removing the secret.",
      );
    }
  }
}

/** Source: Kuma v2.14.3 pkg/core/managers/apis/mesh/mesh_validator.go, ValidateNoActiveDP. */
export function validateMeshDelete(store: Store, mesh: string): void {
  if (store.list("Dataplane", mesh).length > 0) {
    throw ValidationError.of("mesh", "unable to delete mesh, there are still some dataplanes attached");
  }
}
