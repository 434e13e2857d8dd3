/** What `${{ }}` may look at, by the name of its context. */
export type Contexts = Readonly<Record<string, unknown>>;

/** Texts, names of functions, and paths such as `needs.plan.outputs.outcome`. */
const TOKEN = /'(?:[^']|'')*'|[A-Za-z_][\w-]*(?:\.[\w-]+)*(?:\s*\()?/g;
const LITERALS = ["true", "false", "null"];
/** Without one of these a job runs only where all that it needs has succeeded. */
const OF_STATUS = /\b(always|cancelled|failure|success)\(/;

/** GitHub's expressions, as far as the workflows have them. What is not there is empty, as it is to GitHub. */
export function evaluate(expression: string, contexts: Contexts, succeeded = true): unknown {
  const source = expression.replace(TOKEN, (token) => {
    if (token.startsWith("'")) return JSON.stringify(token.slice(1, -1).replaceAll("''", "'"));
    if (token.endsWith("(")) return `functions.${token}`;
    return LITERALS.includes(token) ? token : `at(${JSON.stringify(token)})`;
  });
  const at = (path: string) =>
    path
      .split(".")
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], contexts) ?? "";
  const functions = {
    fromJSON: (text: string) => JSON.parse(text) as unknown,
    success: () => succeeded,
    failure: () => !succeeded,
    always: () => true,
    cancelled: () => false,
  };
  return (new Function("at", "functions", `return (${source});`) as (...given: unknown[]) => unknown)(
    at,
    functions,
  );
}

/** A text with expressions in it; one that is nothing but an expression keeps what that gives. */
export function filledIn(text: unknown, contexts: Contexts): unknown {
  if (typeof text !== "string") return text;
  const [, alone] = /^\$\{\{((?:(?!\}\}).)*)\}\}$/.exec(text.trim()) ?? [];
  if (alone !== undefined) return evaluate(alone, contexts);
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluate(expression, contexts)));
}

/** Whether a job or a step with this `if` runs. */
export function holds(condition: string | undefined, contexts: Contexts, succeeded: boolean): boolean {
  if (condition === undefined) return succeeded;
  const expression = condition.replace(/^\$\{\{(.*)\}\}$/s, "$1");
  if (!OF_STATUS.test(expression) && !succeeded) return false;
  return Boolean(evaluate(expression, contexts, succeeded));
}
