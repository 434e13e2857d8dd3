/** Components only group others, providers only reach a cluster, and the stack is what everything is part of. */
const NOT_SHOWN = /^(kuma-federation:|pulumi:)/;

/** Whether a resource is one that people are told of. */
export function isShown(urn: string): boolean {
  return !NOT_SHOWN.test(typeOf(urn));
}

/** `urn:pulumi:<stack>::<project>::<type of the parents>$<type>::<name>` */
export function typeOf(urn: string): string {
  return typesOf(urn).at(-1) ?? "";
}

/** The component of this program that a resource belongs to; undefined where it stands alone. */
export function componentOf(urn: string): string | undefined {
  return typesOf(urn)
    .slice(0, -1)
    .flatMap((type) => /^kuma-federation:index:(\w+)$/.exec(type)?.[1] ?? [])
    .at(-1);
}

export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

function typesOf(urn: string): string[] {
  return urn.split("::")[2]?.split("$") ?? [];
}
