/** `preview --diff` names each resource where a preview tells how many; it reaches the provider's process through the engine. */
export const BY_NAME_VARIABLE = "KUMA_FEDERATION_BY_NAME";

export function isByName(): boolean {
  return process.env[BY_NAME_VARIABLE] === "true";
}
