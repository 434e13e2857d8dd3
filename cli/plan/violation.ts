import { enumerated } from "../../kuma";
import { OperationFailed } from "../terminal/errors";
import { nameOf } from "../terminal/urn";

/**
 * How the engine refuses what its plan does not have (3.246, pkg/resource/deploy/step_generator.go and plan.go). It prints the
 * values of both sides, secrets among them in clear: so of its text nothing is shown but names.
 */
const VIOLATION =
  /violates plan: |is not allowed by the plan: |unexpectedly not deleted|expected resource operations? for |no plan for resource/;
/** The first input that differs, such as `=+brought[`; what follows it may be anybody's words. */
const INPUT = /^[^:]*: properties changed: [-+~=]{2}([A-Za-z_][A-Za-z0-9_]*)/;

/** What the engine says, and of what. */
export interface Refused {
  urn?: string;
  text: string;
}

/** Of events of the engine: whether one says that something is not in the plan. */
export function isViolation(text: string): boolean {
  return VIOLATION.test(text);
}

/**
 * One sentence for what the engine says of it.
 *
 * @param done what was changed until then; nothing in the preview that comes before
 */
export function violated(file: string, refused: readonly Refused[], done: string): OperationFailed {
  const named = refused.flatMap(({ urn, text }) => {
    const input = INPUT.exec(text.replaceAll(/urn:pulumi:\S+/g, "it"))?.[1];
    return urn ? [`${nameOf(urn)}${input === undefined ? "" : ` (${input})`}`] : [];
  });
  const what = named.length > 0 ? enumerated([...new Set(named)], 5) : "a resource";
  return new OperationFailed(
    `What up would do is not what the plan ${file} has: ${what} has changed since the preview. ${done} ` +
      `Make a new plan with npm run preview -- --save-plan, and have it looked at.`,
  );
}
