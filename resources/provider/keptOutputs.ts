import { Properties, UNKNOWN, mapProperties, valuesIn } from "./handler";
import { ofOneRun } from "./oneRun";

/**
 * In a preview the engine takes each output of a resource that is to be updated for unknown (pulumi/pulumi#3190), and the
 * resources that take it for changed. The dynamic provider cannot tell it that they stay (@pulumi/pulumi 3.248,
 * cmd/dynamic-provider/index.ts passes on no `stables`). All resources of one run are asked in one process, so that
 * they can tell each other: by the zone, the inputs that stay as they are.
 */
const staying = ofOneRun(new Map<string, ReadonlySet<string>>());

/** Says which outputs of a zone's federation an update leaves as they are; none where it is to be recreated. */
export function leavesAsTheyAre(zoneName: string, outputs: readonly string[]): void {
  staying.set(zoneName, new Set(outputs));
}

/** The admin token of one zone opens the global for those that follow. */
const OF_ALL_ZONES = "global.tokens";

/** A resource's inputs, with what is not known yet and stays as it is taken from the last time. */
export function withStaying(olds: Properties, news: Properties): Properties {
  if (staying.size === 0) return news;
  const own = staying.get(String(news.zoneName));
  const tokensStay = [...staying.values()].every((names) => names.has(OF_ALL_ZONES));
  const stays = (name: string) => (name === OF_ALL_ZONES ? tokensStay : own?.has(name));
  const before = valuesIn(olds);
  return mapProperties(news, (name, value) => (stays(name) ? known(before.get(name), value) : value));
}

function known(old: unknown, value: unknown): unknown {
  if (value === UNKNOWN) return old ?? value;
  if (!Array.isArray(value) || !Array.isArray(old) || old.length !== value.length) return value;
  return value.map((each, index) => known(old[index], each));
}
