import {
  ControlPlane,
  Resource,
  type Withheld,
  ZONE_LABEL,
  enumerated,
  keyOf,
  knownTypes,
} from "../../../kuma";

/** How many resources one sentence names. */
const MOST_NAMED = 10;

/** What a zone gives to others, and is no longer to be there once it is disabled. */
const GIVEN_TO_OTHERS = ["ZoneIngress", "MeshService"];

export interface EnabledStatus {
  problems: string[];
  warnings: string[];
}

/** How it ends that a zone is disabled for a while, where the run that has done it has not ended it. */
const FOR_A_WHILE: Record<Withheld, string> = {
  "until-it-serves":
    "until its zone ingress serves. If no run is under way, npm run up looks again, and enables it then.",
  "until-it-has-left":
    "as it was about to leave. If no run is under way, npm run up has it leave, or enables it again if it is to stay.",
};

/**
 * Whether a zone is enabled on the global as the stack's file says; `wanted` is undefined where it says nothing, `withheld` where it is
 * not for a while that it is disabled.
 */
export function enabledStatus(
  zoneName: string,
  isDisabled: boolean,
  wanted: boolean | undefined,
  withheld?: Withheld,
): EnabledStatus {
  if (isDisabled && wanted !== false && withheld !== undefined) {
    return {
      problems: [
        `Other zones learn of none of the services of zone ${zoneName}: it is disabled on the global ${FOR_A_WHILE[withheld]}`,
      ],
      warnings: [],
    };
  }
  const disabled = `Zone ${zoneName} is disabled on the global (enabled: false of its Zone): other zones learn of none of its services.`;
  if (isDisabled && wanted === undefined) return { problems: [], warnings: [disabled] };
  if (isDisabled && wanted)
    return {
      problems: [`${disabled} By the stack file it is to be enabled; npm run up does that.`],
      warnings: [],
    };
  if (!isDisabled && wanted === false) {
    return {
      problems: [
        `Zone ${zoneName} is enabled on the global, and by the stack file it is to be disabled; npm run up does that.`,
      ],
      warnings: [],
    };
  }
  return { problems: [], warnings: [] };
}

/** What a zone still has of others that are disabled on the global: it goes on sending calls there. */
export async function leftOfDisabled(
  zone: ControlPlane,
  zoneName: string,
  allDisabled: Iterable<string>,
): Promise<string[]> {
  const disabled = [...allDisabled].filter((name) => name !== zoneName);
  if (disabled.length === 0) return [];
  const known = await knownTypes(zone);
  const types = GIVEN_TO_OTHERS.flatMap((name) => known.get(name) ?? []);
  const there = (await Promise.all(types.map((type) => zone.list(type)))).flat();
  return disabled.flatMap((name) => {
    const left = there.filter((each: Resource) => each.labels?.[ZONE_LABEL] === name);
    return left.length === 0
      ? []
      : [
          `Zone ${zoneName} still has of zone ${name}, which is disabled on the global: ${enumerated(left.map(keyOf), MOST_NAMED)}. Calls may go there until it is gone.`,
        ];
  });
}
