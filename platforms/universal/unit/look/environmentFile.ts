import { KumaError } from "../../../../kuma";

/** The assignments in a file for `EnvironmentFile=` (systemd 252, src/basic/env-file.c), as far as files of people go. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  // a backslash at the end of a line goes on with the next one
  for (const line of text.replaceAll(/\\\n/g, "").split("\n")) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/.exec(line);
    if (match) found[match[1]] = unquoted(match[2].trim());
  }
  return found;
}

/** Assignments of the setting `Environment=`, as systemd gives them over D-Bus. */
export function parseAssignments(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((each) => {
      const at = each.indexOf("=");
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}

/** Within single quotes everything stands for itself; elsewhere a backslash takes the next character as it is. */
function unquoted(value: string): string {
  let text = "";
  for (const [, single, double, escaped, plain] of value.matchAll(PARTS))
    text += single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? "";
  return text;
}

const PARTS = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^'"\\]+)/g;

export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (/[\n\0]/.test(value))
        throw new KumaError(
          "invalid",
          `The variable ${name} has a line break, which a file of systemd's cannot hold.`,
        );
      return `${name}="${value.replaceAll(/["\\$`]/g, "\\$&")}"\n`;
    })
    .join("");
}
