/** What became of a resource in an operation. */
export interface Step {
  name: string;
  op: string;
  state: "begun" | "done" | "failed";
}

type Told = (zone: string) => string;

/** By the name of a zone's resource, what it means for the zone; a later one says more than an earlier one. */
const MEANING: { suffix: string; isDelete: boolean; done: Told; begun: Told }[] = [
  {
    ...{ suffix: "-resources", isDelete: false },
    begun: (zone) => `part of what zone ${zone} holds is on the global, and the zone runs alone as before`,
    done: (zone) => `what zone ${zone} holds is on the global, and the zone runs alone as before`,
  },
  {
    ...{ suffix: "-federation", isDelete: false },
    begun: (zone) => `zone ${zone} is in the middle of its switch, and the state holds its way back`,
    done: (zone) => `zone ${zone} is federated`,
  },
  {
    ...{ suffix: "-way-back", isDelete: true },
    begun: (zone) => `zone ${zone} is on its way back, and the state still holds what it had`,
    done: (zone) => `zone ${zone} runs alone again`,
  },
];

/** One or two sentences: what an operation that is cut short has changed. */
export function describeSoFar(steps: readonly Step[]): string {
  if (steps.length === 0) return "Nothing was changed.";
  const zones = new Map<string, string>();
  for (const { suffix, isDelete, done, begun } of MEANING) {
    for (const { name, op, state } of steps) {
      if (!name.endsWith(suffix) || (op === "delete") !== isDelete || name.endsWith("-global-way-back"))
        continue;
      if (name.endsWith("-policies-way-back")) continue;
      const zone = name.slice(0, -suffix.length);
      zones.set(zone, (state === "done" ? done : begun)(zone));
    }
  }
  const count = steps.filter(({ state }) => state === "done").length;
  const short = steps.filter(({ state }) => state !== "done").map(({ name }) => name);
  const told = [
    `${count} ${count === 1 ? "resource of the stack is" : "resources of the stack are"} done`,
    ...(short.length > 0 ? [`cut short: ${short.join(", ")}`] : []),
    ...(zones.size > 0 ? zones.values() : ["no zone was touched"]),
  ];
  return `${told.join("; ")}. Nothing is lost.`;
}
