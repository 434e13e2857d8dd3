import { X509Certificate } from "node:crypto";
import { parseJson, valueAt } from "../api/json";
import { Resource, isSecret, keyOf, secretText } from "../resource/resource";

/** Something that is valid until a moment. */
export interface Ending {
  what: string;
  /** The zone that it belongs to; null for what is the global's. */
  zone: string | null;
  /** RFC 3339. */
  ends: string;
  /** The mesh renews it by itself in time. */
  renewed: boolean;
}

/** The certificates among secrets, authorities of meshes above all. Nothing of a secret but its name and end is given. */
export function certificatesIn(resources: readonly Resource[]): Ending[] {
  return resources.filter(isSecret).flatMap((secret): Ending[] => {
    try {
      const { validTo } = new X509Certificate(secretText(secret));
      return [
        {
          what: `certificate in ${keyOf(secret)}`,
          zone: null,
          ends: new Date(validTo).toISOString(),
          renewed: false,
        },
      ];
    } catch {
      // most are none, or merely look like one
      return [];
    }
  });
}

/** When a token (a JWT) ends; undefined where it does not say, as one that is no JWT. */
export function endOfToken(token: string): string | undefined {
  const [, payload, signature] = token.split(".");
  if (signature === undefined) return undefined;
  const ends = valueAt(parseJson(Buffer.from(payload, "base64url").toString("utf8")), "exp");
  if (typeof ends !== "number" || !(ends > 0 && ends < 1e11)) return undefined;
  return new Date(ends * 1000).toISOString();
}
