import { createHmac, randomBytes } from "node:crypto";
import { enumerated } from "../lists";
import { mayBeShown, shown } from "../shown";
import type { Difference } from "./changes";
import { Explained, Ledger, resourcesOf } from "./compare";
import type { Effect } from "./rule";

/** Of this process alone, so that a digest tells that two values differ, and lets nobody guess what they are. */
const KEY = randomBytes(32);

function digest(value: unknown): string {
  const hash = createHmac("sha256", KEY).update(JSON.stringify(value) ?? "");
  return `digest ${hash.digest("hex").slice(0, 12)}`;
}

/** What no rule explains, one sentence a difference: resource, field, before and after; never the content of a secret. */
export function unexplainedIn({ unexplained, ambiguous }: Ledger): string[] {
  return [
    ...unexplained.map(describe),
    ...ambiguous.map(
      ({ difference, codes }) =>
        `${describe(difference)} (${codes.length} rules explain it: ${codes.join(", ")})`,
    ),
  ];
}

function describe(difference: Difference): string {
  const { key } = difference;
  switch (difference.kind) {
    case "gone":
      return `${key} is gone`;
    case "new":
      return `${key} is new`;
    case "renamed":
      return `${key} is called ${difference.after.name}`;
    default: {
      const [field, ...rest] = difference.path;
      const isLabel = field === "labels" && rest.length === 1;
      const path = isLabel ? `label ${rest[0]}` : difference.path.join(".");
      const isClear = isLabel || (!isSecretType(key) && mayBeShown(path, difference.was ?? difference.is));
      const tell = (value: unknown) => (value === undefined || isClear ? shown(value) : digest(value));
      return `${key}: ${path} was ${tell(difference.was)} and is ${tell(difference.is)}`;
    }
  }
}

function isSecretType(key: string): boolean {
  return /^(Global)?Secret /.test(key);
}

/** `3 renamed, 12 relabelled`: how many resources met what. */
export function countsOf(explained: readonly Explained[]): string {
  const resources = new Map<Effect, Set<string>>();
  for (const each of explained) {
    const { effect } = each.rule;
    resources.set(effect, new Set([...(resources.get(effect) ?? []), ...resourcesOf(each)]));
  }
  const counts = [...resources].map(([effect, keys]) => `${keys.size} ${effect}`);
  return counts.length === 0 ? "no difference" : counts.join(", ");
}

/** How many differences one message names. */
const MOST_NAMED = 20;

export function enumeratedProblems(ledger: Ledger): string {
  return enumerated(unexplainedIn(ledger), MOST_NAMED);
}
