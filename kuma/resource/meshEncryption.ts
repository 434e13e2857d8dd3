import { ConflictChoice, OnConflict, authorities } from "../federation/conflicts";
import { Resource } from "./resource";

/** Whether proxies of a mesh get certificates, and call each other with them. */
export function hasMtls(mesh: Resource): boolean {
  // empty is none, for Kuma
  return Boolean(authorities(mesh).enabledBackend);
}

/**
 * Whether a choice takes mTLS from proxies that have it: calls in the mesh are no longer encrypted, and permissions no
 * longer hold.
 */
export function endsMtls(choice: ConflictChoice, zones: Resource, globals: Resource): boolean {
  if (zones.type !== "Mesh") return false;
  return choice === "overwrite"
    ? hasMtls(globals) && !hasMtls(zones)
    : choice === "keepGlobal" && hasMtls(zones) && !hasMtls(globals);
}

/** Only a rule that names the mesh, and says so on top of its choice, lets its mTLS end. */
export function mayEndMtls(mesh: string, onConflict: OnConflict): boolean {
  if (typeof onConflict === "string") return false;
  return onConflict.find(({ resources }) => resources === `Mesh ${mesh}`)?.endsMtls === true;
}

/** What is planned for a resource, where the global may have it too. */
interface Planned {
  action: string;
  resource: Resource;
  existing?: Resource;
}

/** Meshes of a plan whose mTLS ends by it. */
export function meshesWhoseMtlsEnds(resources: readonly Planned[]): string[] {
  return resources.flatMap(({ action, resource, existing }) => {
    if (existing === undefined || (action !== "overwrite" && action !== "keepGlobal")) return [];
    return endsMtls(action, resource, existing) ? [resource.name] : [];
  });
}

/** Who is concerned by what is chosen for a mesh. */
export interface Concerned {
  zoneName: string;
  /** How many data plane proxies the zone has in the mesh. */
  inZone: number;
  /** How many other zones have there. */
  elsewhere: number;
}

/**
 * What each choice for a mesh does to the proxies that there are, and the rule for it: first what leaves every proxy its
 * encryption.
 */
export function choicesFor(
  zones: Resource,
  globals: Resource,
  { zoneName, inZone, elsewhere }: Concerned,
): string[] {
  const sides = {
    keepGlobal: {
      proxies: `${proxies(inZone)} of zone ${zoneName}`,
      loses: zones,
      gets: globals,
      from: "the global's",
    },
    overwrite: {
      proxies: `${proxies(elsewhere)} of other zones`,
      loses: globals,
      gets: zones,
      from: "the zone's",
    },
  };
  const choices = (["keepGlobal", "overwrite"] as const).map((choice) => {
    const { proxies: who, loses, gets, from } = sides[choice];
    const ends = endsMtls(choice, zones, globals);
    const rule = `{resources: "Mesh ${zones.name}", choice: ${choice}${ends ? ", endsMtls: true" : ""}}`;
    const effect = ends
      ? "mTLS ends, calls are no longer encrypted, and no permission holds any more"
      : !hasMtls(gets)
        ? "no mTLS, as today"
        : hasMtls(loses)
          ? `certificates come from ${from} authority, and the others are trusted only then; ${from} token keys hold, so tokens of the others end`
          : `mTLS begins, by ${from} authority: from then on a call needs a permission`;
    return { ends, text: `${rule}: ${who}: ${effect}.` };
  });
  return choices.sort((a, b) => Number(a.ends) - Number(b.ends)).map(({ text }) => text);
}

function proxies(count: number): string {
  return `${count} data plane ${count === 1 ? "proxy" : "proxies"}`;
}
