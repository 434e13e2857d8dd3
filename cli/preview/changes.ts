import type { EngineEvent } from "@pulumi/pulumi/automation";
import { mayBeShown } from "../../kuma/shown";
import { differences } from "../../kuma";
import { changedInputs } from "../../resources/provider/handler";
import { LeftDeletions } from "../terminal/leftDeletion";
import { componentOf, isShown, nameOf, typeOf } from "../terminal/urn";
import { dropInVariables, isAddress } from "./dropIn";
import type { Change } from "./report";

/** Operations of the engine that people are told of; what stands behind a replacement is told as that. */
const TOLD = ["create", "update", "delete", "replace", "import"];

/** What the engine puts in the place of a secret. */
const SECRET = "[secret]";
const MASKED = "(not shown)";

type Inputs = Record<string, unknown>;

/** A change, and what of its inputs tells which zone it is about. */
export interface SeenChange extends Change {
  zoneName?: string;
  /** The zone died, and is taken out of the state before anything of it is deleted. */
  isForced?: true;
}

/** Gathers what the engine's events tell of a preview. */
export class SeenChanges {
  readonly changes: SeenChange[] = [];
  private readonly left = new LeftDeletions();

  /** `removed` are names of zones that died. */
  constructor(private readonly removed: readonly string[] = []) {}

  onEvent({ resourcePreEvent }: EngineEvent): void {
    const metadata = resourcePreEvent?.metadata;
    if (!metadata) return;
    const op = this.left.operationOf(metadata);
    if (!TOLD.includes(op) || !isShown(metadata.urn)) return;
    const [before, after] = [metadata.old?.inputs, metadata.new?.inputs] as (Inputs | undefined)[];
    const type = typeOf(metadata.urn);
    const dropIns = [before, after].map((inputs) => dropInVariables(type, inputs));
    const zoneName = after?.zoneName ?? before?.zoneName;
    this.changes.push({
      name: nameOf(metadata.urn),
      type: type.replace(/^pulumi-nodejs:dynamic\//, ""),
      op,
      component: componentOf(metadata.urn) ?? null,
      changed: before && after ? changedInputs(before, after) : [],
      values: [
        ...(before && after ? changedValues(before.values, after.values) : []),
        ...changedValues(dropIns[0], dropIns[1]),
      ],
      ...(typeof zoneName === "string" && { zoneName }),
      ...(this.removed.includes(zoneName as string) && { isForced: true }),
    });
  }
}

/** Values of a chart, down to the innermost ones. */
function changedValues(before: unknown, after: unknown): Change["values"] {
  if (before === undefined && after === undefined) return [];
  const secret = [...secretPlaces(before), ...secretPlaces(after)];
  const found =
    before === undefined || after === undefined
      ? leaves("", before, after)
      : differences(before, after).flatMap(({ path, a, b }) => leaves(path, a, b));
  return found.map((each) => (secret.some((place) => overlap(place, each.path)) ? masked(each) : each));
}

/**
 * Where one side has a secret. What the other one has there is no secret to the engine, and still is what somebody has just made
 * one, or what one was. The entries of a list move, so that all of it is such a place.
 */
function secretPlaces(value: unknown, path = ""): string[] {
  if (value === SECRET) return [path];
  if (value === null || typeof value !== "object") return [];
  const inside = Object.entries(value).flatMap(([field, each]) =>
    secretPlaces(each, path === "" ? field : `${path}.${field}`),
  );
  return Array.isArray(value) && inside.length > 0 ? [path] : inside;
}

/** Whether one is the other, or holds it. */
function overlap(place: string, path: string): boolean {
  const isIn = (inner: string, outer: string) => outer === "" || `${inner}.`.startsWith(`${outer}.`);
  // so a difference of the whole is called
  return path === "." || isIn(path, place) || isIn(place, path);
}

function masked({ path, before, after }: Change["values"][number]): Change["values"][number] {
  return { path, before: before === null ? null : MASKED, after: after === null ? null : MASKED };
}

/** A branch that is there on one side alone is told by its leaves. */
function leaves(path: string, before: unknown, after: unknown): Change["values"] {
  const branch = [before, after].find((value) => value !== null && typeof value === "object");
  const isAlone = before === undefined || after === undefined;
  if (branch === undefined || !isAlone || Object.keys(branch).length === 0)
    return [{ path, before: shownAs(path, before), after: shownAs(path, after) }];
  return Object.keys(branch).flatMap((field) =>
    leaves(
      path === "" ? field : `${path}.${field}`,
      (before as Inputs | undefined)?.[field],
      (after as Inputs | undefined)?.[field],
    ),
  );
}

function shownAs(path: string, value: unknown): string | null {
  if (value === undefined) return null;
  return mayBeShown(path, value) || isAddress(value) ? JSON.stringify(value) : MASKED;
}
