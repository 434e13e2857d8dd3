import * as v from "valibot";
import type { OnDrift, OnUndo } from "../../kuma";
import { ON_FAILED_SWITCH } from "../../platforms/failedSwitch";
import { acrossZones } from "./acrossZones";
import { ON_CONFLICT_SETTING } from "./conflicts";
import { choice, flag, object, optional, otherwise, setting, text } from "./fields";
import { GUARDRAILS, GUARDRAIL_RULES } from "./guardrails";
import { KONNECT_GLOBAL } from "./konnect";
import { KUBERNETES_GLOBAL, KUBERNETES_ZONE } from "./kubernetes";
import { HOST_GLOBAL, HOST_ZONE } from "./host";
import { EXISTING_GLOBAL, UNIVERSAL_GLOBAL, UNIVERSAL_ZONE } from "./universal";

export const GLOBALS = [
  UNIVERSAL_GLOBAL,
  KUBERNETES_GLOBAL,
  HOST_GLOBAL,
  EXISTING_GLOBAL,
  KONNECT_GLOBAL,
] as const;
export const ZONES = [UNIVERSAL_ZONE, KUBERNETES_ZONE, HOST_ZONE] as const;

/** What the platforms are called: a variant tells of a platform that is none, and of what is no object. */
function platforms(options: readonly { entries: { platform: { literal: string } } }[]) {
  const names = options.map(({ entries }) => entries.platform.literal).join(", ");
  return ({ path }: v.VariantIssue) => (path ? `one of ${names}` : "an object");
}

const AT_LEAST_ONE = "a list of at least one zone";
const AS_TOLD = 'a list of names as messages tell them, such as "MeshTimeout default/all"';
const NAME = /^[A-Za-z]+ \S+$/;

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === "string" && NAME.test(name));

/** In a file it is encrypted. */
const SECURE = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

/** A secret in a stack's file. What it holds is read by whoever needs it, and never looked at here. */
const secret = () => v.pipe(v.optional(v.unknown()), v.metadata(SECURE));

/** What stands in a stack's file, without the prefix `kuma-federation:`. */
export const STACK = v.pipe(
  object({
    global: setting("the global control plane", v.variant("platform", GLOBALS, platforms(GLOBALS))),
    globalToken: setting(
      "for `existing` and `kubernetes`: an admin's token for the global's API, set with `npm run secret`; or the variable " +
        "`KUMA_GLOBAL_TOKEN`",
      secret(),
      "docs/secrets.md",
    ),
    konnectToken: setting(
      "a token of Konnect's, set with `npm run secret`; or the variable `KONNECT_TOKEN`",
      secret(),
      "docs/secrets.md",
    ),
    kubeconfig: setting(
      "content of a kubeconfig for all contexts, set with `npm run secret`; the usual places when left out",
      secret(),
      "docs/secrets.md",
    ),
    sshPrivateKey: setting(
      "the private key for all hosts, set with `npm run secret`; an ssh-agent has it when left out",
      secret(),
      "docs/hosts.md#access",
    ),
    zones: setting(
      "the zones to federate",
      v.pipe(
        v.array(v.variant("platform", ZONES, platforms(ZONES)), AT_LEAST_ONE),
        v.minLength(1, AT_LEAST_ONE),
      ),
    ),
    onConflict: setting(
      "for what the global has with other content: with `fail` nothing is written and the list is shown. Or a list of rules " +
        "by resource",
      otherwise("fail", ON_CONFLICT_SETTING),
      "docs/preflight.md#conflicts",
    ),
    onDrift: setting(
      "for what is missing or changed on the global later",
      otherwise("repairMissing", choice<OnDrift>(["repairMissing", "repair", "report"])),
      "docs/preflight.md#drift",
    ),
    onUndo: setting(
      "what becomes on the global of what a zone brought there, when it leaves",
      otherwise("keepOnGlobal", choice<OnUndo>(["keepOnGlobal", "removeFromGlobal"])),
      "docs/undo.md#what-the-zone-brought",
    ),
    onFailedSwitch: setting(
      "what becomes of a zone that ran alone, was switched and cannot be a member",
      otherwise("takeBack", choice(ON_FAILED_SWITCH)),
      "docs/failures.md#a-switch-that-fails",
    ),
    acceptDifferences: setting(
      "resources whose differences are wanted as they are, such as `MeshTimeout default/all`: in a zone, though no rule of the " +
        "ledger explains them, and on the global, where somebody changed or deleted them",
      otherwise(
        [],
        v.pipe(
          v.custom<string[]>(isNames, AS_TOLD),
          v.metadata({ type: "array", items: { type: "string", pattern: NAME.source } }),
        ),
      ),
      "docs/preflight.md#what-is-wanted-otherwise",
    ),
    policies: setting(
      "directory of files with policies that the stack writes to the global once its first zone has joined. Those in a " +
        "directory within it called `since-2.10` or `before-2.10` are for globals from that version on, or below it",
      optional(text()),
      "docs/files.md",
    ),
    protect: setting(
      "keeps the global and the zones' membership from being taken away: `destroy` is refused, and so is an `up` in which a zone " +
        "leaves; see the guardrail `protected-in-production`",
      optional(flag()),
      "docs/deploy.md#production",
    ),
    guardrails: setting(
      "what becomes of a preview in which a rule of the policy pack is broken: with `advisory` it says so, with `mandatory` it " +
        "fails as well, with `off` no rule is looked at",
      otherwise("advisory", choice(GUARDRAILS)),
      "docs/guardrails.md",
    ),
    guardrailRules: setting(
      "for single rules, by their names: another level, such as `passthrough-off: off`, or an object of `level` and what else " +
        "the rule takes",
      otherwise({}, GUARDRAIL_RULES),
      "docs/guardrails.md#settings-of-rules",
    ),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    for (const message of acrossZones(dataset.value)) addIssue({ message });
  }),
);

/** Settings that must be secret, and what serves in their place. */
export const SECRETS = {
  globalToken: "the variable KUMA_GLOBAL_TOKEN",
  konnectToken: "the variable KONNECT_TOKEN",
  kubeconfig: "a file",
  sshPrivateKey: "an ssh-agent",
};

export type StackSettings = v.InferOutput<typeof STACK>;
export type GlobalSettings = StackSettings["global"];
export type ZoneSettings = StackSettings["zones"][number];
