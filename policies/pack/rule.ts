import type { PolicyConfigSchema } from "@pulumi/policy";
import { fits } from "../../kuma/pattern";
import type { Seen } from "./seen";
import type { World } from "./world";

/** What can be set for a rule, each with its default. */
type Config = Record<string, unknown>;

interface Declaration<C extends Config> {
  /** Of the heading in docs/guardrails.md too: it can never change, as others configure the rule by it. */
  name: string;
  /** One sentence: what the rule holds. */
  holds: string;
  /** Why: what goes wrong without it, and who says so. */
  why: string;
  /** One sentence: what to do. It holds no value of anybody's. */
  remedy: string;
  config?: { schema: PolicyConfigSchema; defaults: C };
}

/** A sentence, and the resource that it is about where it is another one. They name resources and never tell a value. */
export interface Violation {
  sentence: string;
  urn?: string;
}

/** Looks at each resource by itself. */
export interface ResourceRule<C extends Config = Config> extends Declaration<C> {
  /** Says, one after the other, in what way a resource breaks the rule. */
  violations(resource: Seen, config: C): Iterable<string>;
}

/** Looks at all resources of a stack together. */
export interface StackRule<C extends Config = Config> extends Declaration<C> {
  stackViolations(resources: readonly Seen[], config: C): Iterable<Violation>;
}

/**
 * Looks at what is in force before a change and after it. `npm run preview` alone knows that: an engine shows a policy what a
 * stack makes, and nothing of what a control plane holds.
 */
export interface WorldRule<C extends Config = Config> extends Declaration<C> {
  /** @param touched keys of what the change touches */
  worldViolations(
    before: World,
    after: World,
    touched: ReadonlySet<string>,
  ): Iterable<{ key: string; sentence: string }>;
}

export type Rule = ResourceRule | StackRule | WorldRule;

export const PAGE = "docs/guardrails.md";

export function headingOf({ name }: Pick<Rule, "name">): string {
  return `${PAGE}#${name}`;
}

/** Rules that are for stacks in which real traffic runs look at a stack's name. */
const PRODUCTION = ["prod", "prod-*", "*-prod", "*production*", "live", "live-*", "*-live"];
export const OF_PRODUCTION = {
  schema: {
    properties: {
      stacks: {
        type: "array" as const,
        items: { type: "string" as const },
        default: PRODUCTION,
        description: "names of the stacks that it is for; * stands for any text",
      },
    },
  },
  defaults: { stacks: PRODUCTION },
};
export type OfProduction = (typeof OF_PRODUCTION)["defaults"];

/** Whether a resource is in one of these stacks. `urn:pulumi:<stack>::…` */
export function isInStack({ urn }: Pick<Seen, "urn">, { stacks }: OfProduction): boolean {
  const stack = /^urn:pulumi:([^:]*)::/.exec(urn)?.[1] ?? "";
  return stacks.some((pattern) => fits(pattern, stack));
}
