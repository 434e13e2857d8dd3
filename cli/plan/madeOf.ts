import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { PACKAGE_ROOT } from "../../toolchain/packageRoot";
import { exportDeployment } from "../stack/deployment";
import type { EngineStack } from "../stack/engineStack";
import { stackFilePath } from "../stack/file/stackFile";
import type { MadeOf } from "./planFile";

const LOCK = "package-lock.json";

/** What a plan of a stack is made of at this moment. */
export async function madeOf(root: string, stack: EngineStack): Promise<MadeOf> {
  // a refresh encrypts everything anew, though nothing has changed
  const { deployment } = await exportDeployment(stack, { withSecrets: true });
  return {
    stack: stack.name,
    commit: commitOf(root),
    code: codeOf(),
    settings: digest(fs.readFileSync(stackFilePath(root, stack.name))),
    // times of runs that have changed nothing stand elsewhere
    state: digest(JSON.stringify(deployment.resources ?? [], withoutDependencies)),
  };
}

/** A refresh leaves out those that are empty (Pulumi 3.246). */
function withoutDependencies(key: string, value: unknown): unknown {
  return key === "propertyDependencies" ? undefined : value;
}

/** What differs, as a sentence has it. */
export function differenceOf(before: MadeOf, now: MadeOf): string | undefined {
  if (before.stack !== now.stack) return `is one of stack ${before.stack}, and not of stack ${now.stack}`;
  if (before.commit !== now.commit)
    return `was made of ${called(before.commit)}, and this is ${called(now.commit)}`;
  if (before.code !== now.code)
    return "was made by another version of this program, or with changes to its code";
  if (before.settings !== now.settings) return `was made before the file of stack ${now.stack} was changed`;
  if (before.state !== now.state)
    return `was made before the state of stack ${now.stack} was changed, as an up, a refresh or a destroy does`;
  return undefined;
}

function called(commit: string | null): string {
  return commit === null ? "no clone" : `commit ${commit.slice(0, 12)}`;
}

function commitOf(root: string): string | null {
  const { status, stdout } = spawnSync("git", ["-C", root, "rev-parse", "HEAD"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

const { program } = require(path.join(PACKAGE_ROOT, "toolchain", "compiled.js")) as { program(): string[] };

/** What it depends on counts as well. */
function codeOf(): string {
  const hash = createHash("sha256");
  const lock = fs.existsSync(path.join(PACKAGE_ROOT, LOCK)) ? [LOCK] : [];
  for (const file of [...program(), ...lock].sort())
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(PACKAGE_ROOT, file)))
      .update("\0");
  return hash.digest("hex");
}

function digest(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
