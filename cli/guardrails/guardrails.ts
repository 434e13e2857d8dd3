import * as fs from "node:fs";
import * as path from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { BrokenLive } from "../../policies/pack/held";
import type { Rule } from "../../policies/pack/rule";
import type { StackConfig } from "../../stack/config";
import type { GuardrailLevel } from "../../stack/schema/guardrails";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import type { PreviewReport } from "../preview/report";
import { EXIT_NOT_ALL, EXIT_PROBLEM, OperationFailed } from "../terminal/errors";

/** The directory that an engine is given for the policy pack. */
export const PACK = path.join(PACKAGE_ROOT, "policies", "pack");

type Settings = Pick<StackConfig, "guardrails" | "guardrailRules">;
type Level = "advisory" | "mandatory";
const LEVELS: readonly Level[] = ["mandatory", "advisory"];

interface Broken {
  rule: string;
  resource: string;
  text: string;
  /** Of what is live, or will be: where, and what the change has to do with it. */
  at?: string;
  change?: "brings" | "keeps";
}

type Found = PreviewReport["guardrails"][number];
type BrokenBefore = NonNullable<PreviewReport["brokenBefore"]>[number];

/** What the policy server says in place of a violation (@pulumi/policy 1.21, server.ts): a value comes with `up`. */
const UNDECIDED = /can't run policy '[^']*' from policy pack .* during preview/;
/** How the engine says that it could not have a pack run (3.246, sdk/go/common/resource/plugin/analyzer_plugin.go). */
const NOT_RUN = /policy pack|pulumi-analyzer-policy|analyzer plugin/i;

/** The rules of the policy pack in a preview: what the engine is to be given, and what it has found. */
export class Guardrails {
  private readonly broken: Broken[] = [];
  private readonly undecided = new Map<string, Set<string>>();
  private untouched: readonly BrokenLive[] = [];
  private wasRun = true;

  private constructor(private readonly settings: Settings) {}

  /** Undefined where a stack wants none. Fails where its settings name no rule. */
  static of(settings: Settings): Guardrails | undefined {
    if (settings.guardrails === "off") return undefined;
    const { RULES } = require("../../policies/pack/rules") as typeof import("../../policies/pack/rules");
    assertKnown(settings, RULES);
    return new Guardrails(settings);
  }

  /**
   * Options of the engine's preview. The level is not the engine's matter: it would stop at what is mandatory.
   *
   * @param workDir where the engine's files lie: it takes the settings of rules from one
   */
  options(workDir: string): { policyPacks: string[]; policyPackConfigs: string[] } {
    const { guardrailRules } = this.settings;
    const rules = Object.entries(guardrailRules).map(([name, given]) => {
      const { level, ...more } = typeof given === "string" ? { level: given } : given;
      return [name, { ...more, enforcementLevel: level === "off" ? "disabled" : "advisory" }];
    });
    const configFile = path.join(workDir, "guardrails.json");
    fs.writeFileSync(configFile, JSON.stringify(Object.fromEntries(rules)));
    return { policyPacks: [PACK], policyPackConfigs: [configFile] };
  }

  readonly onEvent = ({ policyEvent }: EngineEvent): void => {
    if (!policyEvent) return;
    const { policyName: rule, message, resourceUrn = "" } = policyEvent;
    const resource = resourceUrn.split("::").at(-1) ?? "";
    const text = message.replace(/<\{%.*?%\}>/g, "").trim();
    if (UNDECIDED.test(text)) this.undecided.set(rule, (this.undecided.get(rule) ?? new Set()).add(resource));
    // the engine puts the rule's own sentence before what breaks it
    else this.broken.push({ rule, resource, text: text.slice(text.indexOf("\n") + 1) });
  };

  /** Rules that what is live breaks, or will break. */
  takeLive(live: readonly BrokenLive[]): void {
    this.untouched = live.filter(({ change }) => change === "none");
    for (const { rule, key: resource, at, change, message: text } of live)
      if (change !== "none") this.broken.push({ rule, resource, text, at, change });
  }

  /** What can be set for rules beside their levels. */
  ruleSettings(): Record<string, object> {
    return Object.fromEntries(
      Object.entries(this.settings.guardrailRules).flatMap(([name, given]) =>
        typeof given === "string" ? [] : [[name, given]],
      ),
    );
  }

  /** The preview goes on without. */
  setNotRun(): void {
    this.wasRun = false;
  }

  /** Whether the engine has failed because it could not have the pack run, before it looked at anything. */
  isNotRun(error: unknown): boolean {
    return error instanceof OperationFailed && NOT_RUN.test(error.message) && !this.hasLooked();
  }

  private hasLooked(): boolean {
    return this.broken.length > 0 || this.undecided.size > 0;
  }

  /** What was found, for programs: the most severe first. */
  found(): Found[] {
    return LEVELS.flatMap((level) =>
      this.ofLevel(level).map(({ rule: policy, resource, text: message, ...live }) => ({
        ...{ policy, level, resource, message },
        ...live,
      })),
    );
  }

  /** What is broken by what is live, and not touched by the change: it blocks nothing. */
  brokenBefore(): BrokenBefore[] {
    return this.untouched
      .filter(({ rule }) => this.levelOf(rule) !== "off")
      .map(({ rule: policy, key: resource, at, message }) => ({ policy, resource, at, message }));
  }

  /** What was found, for people: by level, and what could not be decided. */
  lines(): string[] {
    const found = LEVELS.flatMap((level) =>
      this.ofLevel(level).map(
        ({ rule, resource, text, at, change }) =>
          `  ${level} ${rule}, ${resource}${at === undefined ? "" : ` on ${at}`}${change === "keeps" ? ", as today" : ""}: ${text}`,
      ),
    );
    const open = [...this.undecided].map(([rule, resources]) => `${rule} (${[...resources].join(", ")})`);
    return [
      ...(found.length > 0 ? ["Guardrails that are broken:", ...found] : []),
      ...(open.length > 0
        ? [
            `Guardrails that are not decided, as what they look at is known only once it is made: ${open.join(", ")}`,
          ]
        : []),
      ...this.linesBefore(),
    ];
  }

  /** In one line: it is told in each preview, until somebody mends it. */
  private linesBefore(): string[] {
    const counts = new Map<string, number>();
    for (const { policy } of this.brokenBefore()) counts.set(policy, (counts.get(policy) ?? 0) + 1);
    if (counts.size === 0) return [];
    const rules = [...counts].map(([rule, count]) => `${rule} (${count})`).join(", ");
    return [
      `Guardrails broken by what is live, which this change does not touch and which blocks nothing: ${rules}. With --output json each resource is named.`,
    ];
  }

  /** Why the preview fails: a rule is broken that must not be, or none was looked at and one must be held. */
  failure(): OperationFailed | undefined {
    const rules = [...new Set(this.ofLevel("mandatory").map(({ rule }) => rule))];
    if (rules.length > 0)
      return new OperationFailed(
        `Guardrails that are mandatory are broken: ${rules.join(", ")}. Nothing was changed. Do what the lines above say, or set ` +
          `another level for a rule with the setting guardrailRules.`,
        EXIT_PROBLEM,
      );
    const { guardrails, guardrailRules } = this.settings;
    const isAnyMandatory = [guardrails, ...Object.keys(guardrailRules).map((rule) => this.levelOf(rule))];
    if (!this.wasRun && isAnyMandatory.includes("mandatory"))
      return new OperationFailed(
        "Guardrails are mandatory, and none was looked at: see the line above. Nothing was changed. Install the package anew " +
          "(npm ci), and run it again.",
        EXIT_NOT_ALL,
      );
    return undefined;
  }

  private ofLevel(level: Level): Broken[] {
    return this.broken.filter(({ rule }) => this.levelOf(rule) === level);
  }

  private levelOf(rule: string): GuardrailLevel {
    const given = this.settings.guardrailRules[rule];
    return (typeof given === "string" ? given : given?.level) ?? this.settings.guardrails;
  }
}

function assertKnown({ guardrailRules }: Settings, rules: readonly Rule[]): void {
  const faults = Object.entries(guardrailRules).flatMap(([name, given]) => {
    const rule = rules.find((each) => each.name === name);
    if (!rule) return [`The setting guardrailRules names a rule ${name}, which there is not.`];
    if (typeof given === "string") return [];
    const { level: _, ...more } = given;
    return Object.entries(more).flatMap(([key, value]) =>
      faultOf(`guardrailRules.${name}`, key, value, rule),
    );
  });
  if (faults.length === 0) return;
  throw new OperationFailed(
    `${faults.join("\n")}\nNothing was looked at. The rules are in docs/guardrails.md.`,
  );
}

/** The engine looks at it as well, once a preview has begun, and names the pack's version rather than the setting. */
function faultOf(where: string, key: string, value: unknown, { config }: Rule): string[] {
  const schemas = config?.schema.properties ?? {};
  if (!Object.hasOwn(schemas, key))
    return [
      `The setting ${where}.${key} is not known; allowed are ${["level", ...Object.keys(schemas)].join(", ")}.`,
    ];
  const { type, minimum = 0 } = schemas[key];
  const isRight =
    type === "integer"
      ? Number.isInteger(value) && Number(value) >= minimum
      : Array.isArray(value) && value.every((each) => typeof each === "string");
  const must = type === "integer" ? `a whole number from ${minimum} on` : "a list of texts";
  return isRight ? [] : [`The setting ${where}.${key} must be ${must}.`];
}
