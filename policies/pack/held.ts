import { type Resource, sanitize } from "../../kuma";
import { type Rule, type WorldRule, headingOf } from "./rule";
import type { Seen } from "./seen";
import { RULES } from "./rules";
import { GLOBAL, type Located, type Parts, type World, worldsOf } from "./world";

/** A rule that what is live breaks, or will break. */
export interface BrokenLive {
  rule: string;
  /** Type, mesh and name of the resource. */
  key: string;
  /** Where it is in force: the global, or a zone that owns it. */
  at: string;
  /**
   * What the change has to do with it: brings: the rule is kept today; keeps: it is broken today, and the change touches the
   * resource without mending it; none: it is broken today, and the change does not touch the resource.
   */
  change: "brings" | "keeps" | "none";
  message: string;
}

/** What can be set for rules, by their names. */
export type RuleSettings = Readonly<Record<string, object>>;

/** Holds the rules for resources of meshes to what is live, and to what will be. What the stack's files hold is the pack's. */
export function brokenLive(parts: Parts, settings: RuleSettings): BrokenLive[] {
  const { before, after, touched } = worldsOf(parts);
  const places = new Map(after.resources.map(({ key, at }) => [key, at]));
  const known = new Set(violationsIn(before, settings).map(idOf));
  const written = new Set(after.resources.filter(({ isWritten }) => isWritten).map(({ key }) => key));
  const located = (broken: Violated, change: BrokenLive["change"]): BrokenLive => ({
    ...broken,
    at: places.get(broken.key) ?? GLOBAL,
    change,
  });
  return [
    ...worldViolationsIn(before, after, touched).map((broken) => located(broken, "brings")),
    ...violationsIn(after, settings)
      .filter(({ key }) => !written.has(key))
      .map((broken) =>
        located(broken, !touched.has(broken.key) ? "none" : known.has(idOf(broken)) ? "keeps" : "brings"),
      ),
  ];
}

type Violated = Pick<BrokenLive, "rule" | "key" | "message">;

function idOf({ rule, key }: Violated): string {
  return `${rule} ${key}`;
}

function worldViolationsIn(...worlds: Parameters<WorldRule["worldViolations"]>): Violated[] {
  return RULES.flatMap((rule) =>
    "worldViolations" in rule
      ? [...rule.worldViolations(...worlds)].map(({ key, sentence }) => violated(rule, key, sentence))
      : [],
  );
}

function violationsIn({ resources }: World, settings: RuleSettings): Violated[] {
  const ofStack = resources.map(seenAs);
  return [
    ...resources.flatMap((each) => violationsOf(each, settings)),
    ...RULES.flatMap((rule) =>
      "stackViolations" in rule
        ? [...rule.stackViolations(ofStack, settingsOf(rule, settings))].map(({ sentence, urn = "" }) =>
            violated(rule, urn, sentence),
          )
        : [],
    ),
  ];
}

/** A resource is looked at once: a preview asks anew with each zone that it comes to. */
const looked = new WeakMap<Resource, Violated[]>();

function violationsOf(located: Located, settings: RuleSettings): Violated[] {
  const { key, resource } = located;
  const found =
    looked.get(resource) ??
    RULES.flatMap((rule) =>
      "violations" in rule
        ? [...rule.violations(seenAs(located), settingsOf(rule, settings))].map((sentence) =>
            violated(rule, key, sentence),
          )
        : [],
    );
  looked.set(resource, found);
  return found;
}

function settingsOf({ name, config }: Rule, settings: RuleSettings): Record<string, unknown> {
  return { ...config?.defaults, ...settings[name] };
}

/** As if the stack wrote it: without the labels that a control plane computes. */
function seenAs({ key, resource }: Located): Seen {
  return {
    ...{ type: "pulumi-nodejs:dynamic/kuma-federation:MeshPolicies", name: resource.name, urn: key },
    ...{ props: { available: [{ policy: sanitize(resource) }] }, opts: { protect: false } },
  };
}

function violated(rule: Rule, key: string, sentence: string): Violated {
  return { rule: rule.name, key, message: `${sentence} ${rule.remedy} (${headingOf(rule)})` };
}
