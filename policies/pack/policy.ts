import type { Policies } from "@pulumi/policy";
import { type ResourceRule, type Rule, type StackRule, headingOf } from "./rule";

/** What the engine is given of a rule. Its level is that of the pack: advice, unless a configuration says otherwise. */
export function policyOf(rule: ResourceRule | StackRule): Policies[number] {
  const { name, holds, remedy, config } = rule;
  const common = {
    name,
    description: holds,
    remediationSteps: remedy,
    ...(config && { configSchema: config.schema }),
  };
  const settings = (given: object) => ({ ...config?.defaults, ...given });
  const told = (sentence: string) => `${sentence} ${remedy} (${headingOf(rule)})`;
  if (isStackRule(rule))
    return {
      ...common,
      validateStack: ({ resources, getConfig }, report) => {
        for (const { sentence, urn } of rule.stackViolations(resources, settings(getConfig())))
          report(told(sentence), urn);
      },
    };
  return {
    ...common,
    validateResource: (resource, report) => {
      for (const sentence of rule.violations(resource, settings(resource.getConfig())))
        report(told(sentence));
    },
  };
}

/** Whether an engine can look at it: it shows nothing of what is live. */
export function isForEngine(rule: Rule): rule is ResourceRule | StackRule {
  return !("worldViolations" in rule);
}

function isStackRule(rule: ResourceRule | StackRule): rule is StackRule {
  return "stackViolations" in rule;
}
