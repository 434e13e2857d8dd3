import { createPublicKey } from "node:crypto";
import type { Resource } from "../../resource/resource";
import type { Difference } from "../changes";
import type { Comparison, Rule } from "../rule";
import { ofField, originOf } from "./kuma";
import { isPrivateZoneKey, isPublicZoneKey, startsOnNewStore } from "./names";

/** Authorities, keys and tokens. */
export const AUTHORITIES: readonly Rule[] = [
  {
    code: "builtin-became-provided",
    occasions: ["joined"],
    effect: "changed",
    reason:
      "A builtin authority became a provided one that names the same certificate and key, so that the global makes none of its own. No proxy needs a new certificate.",
    source: "app/kumactl/cmd/export/export.go (kumactl does the same), measured",
    explains: (difference, comparison) => {
      const change = ofField(difference, "Mesh", /^mtls\.backends\.\d+\.(type$|conf(\.|$))/);
      const index = Number(change?.path[2]);
      return change !== undefined && isSameAuthority(change.before, change.after, index, comparison);
    },
    foretells: (resource) =>
      resource.type === "Mesh" && backendsOf(resource).some(({ type }) => type === "builtin")
        ? "its builtin authority becomes a provided one of the same keys"
        : undefined,
  },
  {
    code: "secrets-come-after-the-mesh",
    occasions: ["joined"],
    effect: "changed",
    reason: "The mesh is written before the secrets of its authority: mtls.skipValidation is true.",
    source: "app/kumactl/cmd/export/export.go (since 2.11)",
    explains: (difference) => ofField(difference, "Mesh", /^mtls\.skipValidation$/)?.is === true,
    foretells: (resource) =>
      resource.type === "Mesh" && backendsOf(resource).some(({ type }) => type === "builtin")
        ? "mtls.skipValidation: true"
        : undefined,
  },
  {
    code: "no-initial-policies",
    occasions: ["joined"],
    effect: "changed",
    reason:
      "The zone brings its own policies: skipCreatingInitialPolicies is '*', so that the global adds none.",
    source: "app/kumactl/cmd/export/export.go",
    explains: (difference) => {
      const change = ofField(difference, "Mesh", /^skipCreatingInitialPolicies(\.|$)/);
      const now = change?.after.skipCreatingInitialPolicies;
      return Array.isArray(now) && now.length === 1 && now[0] === "*";
    },
    foretells: (resource) =>
      resource.type === "Mesh" && JSON.stringify(resource.skipCreatingInitialPolicies) !== '["*"]'
        ? "skipCreatingInitialPolicies: ['*']"
        : undefined,
  },
  {
    code: "zone-token-key-is-the-globals",
    occasions: ["joined"],
    effect: "changed",
    reason:
      "Zone tokens are issued by the global alone: it has the private key, and the zone gets the public one, zone-token-signing-public-key-<number>.",
    source: "pkg/kds/context/context.go (MapZoneTokenSigningKeyGlobalToPublicKey)",
    explains: (difference) => {
      const { kind, before, after } = difference;
      if (kind === "new") return isGlobalsKey(after);
      if (!isPrivateZoneKey(before)) return false;
      if (kind === "gone" || kind === "renamed") return kind === "gone" || isPublicZoneKey(after);
      return isOfData(difference) && isPublicZoneKey(after) && isPublicHalf(before, after);
    },
    foretells: (resource) =>
      isPrivateZoneKey(resource) ? "goes to the global, and the zone gets its public half" : undefined,
  },
  {
    code: "key-of-a-former-global",
    occasions: ["joined", "back"],
    effect: "gone",
    reason:
      "A global that the zone was a member of before had sent it the public key of its zone tokens. It gives way to that of the global that is joined, and does not come back.",
    source: "pkg/kds/context/context.go (MapZoneTokenSigningKeyGlobalToPublicKey)",
    explains: (difference) => {
      const { kind, before, after } = difference;
      if (kind === "new" || !isGlobalsKey(before)) return false;
      return kind === "gone" || (isOfData(difference) && isGlobalsKey(after));
    },
    foretells: (resource) =>
      isGlobalsKey(resource) ? "gives way to that of the global: zone tokens of a former one end" : undefined,
  },
  {
    code: "own-authority-made-anew",
    occasions: ["joined", "back"],
    effect: "recreated",
    reason:
      "Every control plane makes the authorities of its own connections by itself, and does so again on a new store. No proxy trusts or needs them.",
    source: "pkg/envoy/admin/tls, pkg/intercp/tls, measured",
    explains: (difference, { before, occasion }) =>
      isDataOf(difference, isOwnAuthority) && startsOnNewStore(before, occasion),
    foretells: (resource, record) =>
      isOwnAuthority(resource) && startsOnNewStore(record, "joined")
        ? "is recreated by the control plane"
        : undefined,
  },
  {
    code: "own-tokens-made-anew",
    occasions: ["joined"],
    effect: "recreated",
    reason:
      "Every control plane makes its own admin token, and the key that user tokens are signed with, and does so again on a new store. Tokens of users of this zone's API end.",
    source: "pkg/defaults, pkg/core/tokens, measured",
    explains: (difference, { before }) => {
      if (!startsOnNewStore(before, "joined")) return false;
      if (isDataOf(difference, isOwnToken)) return true;
      // the numbers of the keys begin anew as well
      const resource = difference.kind === "gone" ? difference.before : difference.after;
      const isWhole = difference.kind === "gone" || difference.kind === "new";
      return isWhole && resource !== undefined && isUserSigningKey(resource);
    },
    foretells: (resource, record) =>
      isOwnToken(resource) && startsOnNewStore(record, "joined")
        ? "is recreated by the control plane"
        : undefined,
  },
  {
    code: "revoked-with-its-keys",
    occasions: ["joined"],
    effect: "gone",
    reason:
      "The list of revoked user tokens stays on the global; in the zone none of the keys that had signed them is left.",
    source: "pkg/kds/context/context.go (GlobalProvidedFilter)",
    explains: (difference, { beforeByKey, afterByKey }) =>
      difference.kind === "gone" &&
      isRevocationList(difference.before) &&
      [...beforeByKey.values()]
        .filter(isUserSigningKey)
        .every((key) => afterByKey.get(`GlobalSecret ${key.name}`)?.data !== key.data),
    foretells: (resource, record) =>
      isRevocationList(resource) && startsOnNewStore(record, "joined") ? "goes to the global" : undefined,
  },
];

interface Backend {
  name?: string;
  type?: string;
  conf?: unknown;
}

function backendsOf({ mtls }: Resource): Backend[] {
  const { backends } = (mtls ?? {}) as { backends?: Backend[] };
  return Array.isArray(backends) ? backends : [];
}

/** Whether the backend was builtin, and is provided by the secrets that held the builtin one's keys and still do. */
function isSameAuthority(before: Resource, after: Resource, index: number, comparison: Comparison): boolean {
  const [was, is] = [backendsOf(before)[index], backendsOf(after)[index]];
  if (was?.type !== "builtin" || is?.type !== "provided" || was.name !== is.name) return false;
  const { cert, key } = (is.conf ?? {}) as { cert?: { secret?: string }; key?: { secret?: string } };
  const holds = (secret: string | undefined, part: "cert" | "key") => {
    const name = `Secret ${before.name}/${before.name}.ca-builtin-${part}-${was.name}`;
    const [then, now] = [comparison.beforeByKey.get(name), comparison.afterByKey.get(name)];
    return `Secret ${before.name}/${secret}` === name && then !== undefined && then.data === now?.data;
  };
  return holds(cert?.secret, "cert") && holds(key?.secret, "key");
}

function isUserSigningKey(resource: Resource): boolean {
  return resource.type === "GlobalSecret" && /^user-token-signing-key-/.test(resource.name);
}

function isRevocationList({ type, name }: Resource): boolean {
  return type === "GlobalSecret" && name === "user-token-revocations";
}

const OWN_AUTHORITIES = new Set(["envoy-admin-ca", "inter-cp-ca"]);

function isOwnAuthority({ type, name }: Resource): boolean {
  return type === "GlobalSecret" && OWN_AUTHORITIES.has(name);
}

function isOwnToken(resource: Resource): boolean {
  return (
    isUserSigningKey(resource) || (resource.type === "GlobalSecret" && resource.name === "admin-user-token")
  );
}

/** Whether it is the content of such a secret that differs, which is the control plane's own and came from nowhere. */
function isDataOf(difference: Difference, isSuch: (resource: Resource) => boolean): boolean {
  const { kind, before, after } = difference;
  return kind === "changed" && isOfData(difference) && isSuch(before) && originOf(after) !== "global";
}

function isOfData(difference: Difference): boolean {
  return difference.kind === "changed" && difference.path.join(".") === "data";
}

function isGlobalsKey(resource: Resource): boolean {
  return isPublicZoneKey(resource) && originOf(resource) === "global";
}

/** Whether the one key is the public half of the other; both are PEM, and base64 in the document. */
function isPublicHalf(privateKey: Resource, publicKey: Resource): boolean {
  try {
    const half = createPublicKey(pemOf(privateKey)).export({ type: "pkcs1", format: "pem" });
    return half.toString().trim() === pemOf(publicKey).trim();
  } catch {
    return false;
  }
}

function pemOf({ data }: Resource): string {
  return Buffer.from(String(data), "base64").toString("utf8");
}
