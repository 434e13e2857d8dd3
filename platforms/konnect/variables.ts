/**
 * Names of the variables with which a zone's control plane is told its token for the connection with a global, in Konnect or
 * one of Kong Mesh that asks for it (cpToken). Kong Mesh 2.14.6 renamed them; the old ones go on working in 2.x, and a
 * control plane of 3.0 does not start while one of them is set.
 */
export interface KonnectVariables {
  tokenPath: string;
  tokenInline: string;
}

/** Not known to have been renamed. */
export const CONTROL_PLANE_ID = "KMESH_MULTIZONE_ZONE_KONNECT_CP_ID";

const OLD: KonnectVariables = {
  tokenPath: "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH",
  tokenInline: "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_INLINE",
};

const SINCE_2_14_6: KonnectVariables = {
  tokenPath: "KUMA_MULTIZONE_ZONE_KDS_AUTH_TOKEN_PATH",
  tokenInline: "KUMA_MULTIZONE_ZONE_KDS_AUTH_TOKEN_INLINE",
};

/** Every name that a token was ever given under. */
export const TOKEN_VARIABLES = [OLD, SINCE_2_14_6].flatMap(({ tokenPath, tokenInline }) => [
  tokenPath,
  tokenInline,
]);

/** For the version of the zone's control plane, such as `2.14.3` or `2.15.0-preview.v1`. */
export function konnectVariables(version: string): KonnectVariables {
  const [major, minor, patch] = version
    .replace(/^v/, "")
    .split(/[.-]/)
    .map((part) => Number.parseInt(part, 10));
  const renamed = major > 2 || (major === 2 && (minor > 14 || (minor === 14 && patch >= 6)));
  return renamed ? SINCE_2_14_6 : OLD;
}
