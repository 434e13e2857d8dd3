import * as v from "valibot";
import { isObject } from "./fields";

/** What becomes of a preview in which a rule is broken. */
export const GUARDRAILS = ["off", "advisory", "mandatory"] as const;
export type GuardrailLevel = (typeof GUARDRAILS)[number];

/** What a stack says of rules, by their names: a level, or an object with what else can be set for one. */
export type GuardrailRules = Readonly<Record<string, GuardrailLevel | GuardrailRule>>;
interface GuardrailRule {
  level?: GuardrailLevel;
  [setting: string]: unknown;
}

const isLevel = (value: unknown) => GUARDRAILS.some((level) => level === value);
const isRule = (value: unknown) =>
  isLevel(value) || (isObject(value) && (value.level === undefined || isLevel(value.level)));

const LEVEL = { type: "string", enum: [...GUARDRAILS] };

export const GUARDRAIL_RULES = v.pipe(
  v.custom<GuardrailRules>(
    (value) => isObject(value) && Object.values(value).every(isRule),
    `an object with, by the name of a rule, ${GUARDRAILS.join(", ")}, or an object of level and what else it takes`,
  ),
  v.metadata({
    type: "object",
    additionalProperties: { anyOf: [LEVEL, { type: "object", properties: { level: LEVEL } }] },
  }),
);
