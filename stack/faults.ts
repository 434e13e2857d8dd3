import type * as v from "valibot";
import { KumaError } from "../kuma/errors";
import { withoutCredentials } from "../kuma/api/http/tls";

/** One sentence about what is wrong with a stack's settings. */
export interface Fault {
  /** The setting, such as `zones[0].store`; empty for all of them. */
  key: string;
  message: string;
}

type Issue = v.BaseIssue<unknown>;

/** What Valibot found, in sentences. What lies in `secretPaths`, or holds one of them, is not shown. */
export function faultsOf(issues: readonly Issue[], secretPaths: readonly string[]): Fault[] {
  return issues.flatMap((issue) => furthest(issue)).map((issue) => faultOf(issue, secretPaths));
}

/** Of a setting that may be one thing or another: what is wrong with the one that it comes near to. */
function furthest(issue: Issue): Issue[] {
  const within = (issue.issues ?? []).filter(({ path }) => path !== undefined && !isListAsObject(path[0]));
  if (within.length === 0) return [issue];
  return within.map(({ path = [], ...inner }) => ({
    ...inner,
    path: [...(issue.path ?? []), ...path] as NonNullable<Issue["path"]>,
  }));
}

/** Valibot takes a list for an object: of one that may be either it says nothing. */
function isListAsObject({ type, input }: v.IssuePathItem): boolean {
  return type === "object" && Array.isArray(input);
}

function faultOf({ path = [] as never, input, message }: Issue, secretPaths: readonly string[]): Fault {
  const items: readonly v.IssuePathItem[] = path;
  const list = items.findIndex(isListAsObject);
  if (list >= 0) {
    const key = keyOf(items.slice(0, list));
    return { key, message: wrong(key, items[list].input, "an object", secretPaths) };
  }
  const key = keyOf(items);
  if (message.endsWith(".")) {
    const parent = keyOf(items.slice(0, -1));
    // by a function, as what is put in may hold a dollar sign
    const sentence = message.replaceAll("{key}", () => key).replaceAll("{parent}", () => parent);
    return { key, message: sentence };
  }
  const last = items.at(-1);
  return { key, message: wrong(key, last ? last.value : input, message, secretPaths) };
}

function keyOf(path: readonly v.IssuePathItem[]): string {
  return path.reduce(
    (key, { key: name }) =>
      typeof name === "number" ? `${key}[${name}]` : key ? `${key}.${name}` : `${name}`,
    "",
  );
}

function wrong(key: string, value: unknown, allowed: string, secretPaths: readonly string[]): string {
  const mayBeSecret = secretPaths.some((path) => isWithin(key, path) || isWithin(path, key));
  return `The setting ${key} ${mayBeSecret ? "holds what is not shown, as it may be secret" : held(key, value)}; it must be ${allowed}.`;
}

function isWithin(key: string, other: string): boolean {
  return key === other || key.startsWith(`${other}.`) || key.startsWith(`${other}[`);
}

function held(key: string, value: unknown): string {
  if (value === undefined) return "is missing";
  if (typeof value === "string") return `is ${JSON.stringify(withoutCredentials(value))}`;
  // values for a chart may be somewhere in it
  const isLarge = /^(global|zones)/.test(key) && JSON.stringify(value).includes('{"');
  if (!isLarge) return `is ${JSON.stringify(value)}`;
  return Array.isArray(value) ? "is a list" : "is an object";
}

/** One error for all of them: the first of each setting, as what follows may come from it. */
export function assertNone(faults: readonly Fault[]): void {
  const firsts = faults.filter(
    ({ key, message }, index) =>
      faults.findIndex((other) => (key === "" ? other.message === message : other.key === key)) === index,
  );
  if (firsts.length === 0) return;
  const sentences = firsts.map(({ message }) => message);
  const all = [
    `${firsts.length} things are wrong with the settings:`,
    ...sentences.map((each) => `- ${each}`),
  ];
  throw new KumaError("invalid", sentences.length === 1 ? sentences[0] : all.join("\n"));
}
