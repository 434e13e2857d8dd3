import { createHmac, timingSafeEqual } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as v from "valibot";
import { UsageError } from "../commandLine/usageError";

/** What a plan was made of: an `up` that it is given to must begin from the same. */
const MADE_OF = v.object({
  stack: v.string(),
  /** Commit of the clone; null where it is none. */
  commit: v.nullable(v.string()),
  /** Digest of this program: no commit says what was changed since, and a package has none. */
  code: v.string(),
  /** Digest of the stack's file. */
  settings: v.string(),
  /** Digest of the stack's state. */
  state: v.string(),
});
export type MadeOf = v.InferOutput<typeof MADE_OF>;

const CONTENT = v.object({
  version: v.literal(1),
  made: v.string(),
  of: MADE_OF,
  /** Of the passphrase that `seed` and the secrets in `plan` are encrypted with; null with another secrets provider. */
  salt: v.nullable(v.string()),
  /** Random, encrypted as the stack's secrets are. */
  seed: v.string(),
  /** The engine's. */
  plan: v.string(),
});
export type PlanContent = v.InferOutput<typeof CONTENT>;

const FILE = v.object({ content: CONTENT, seal: v.string() });
type PlanFile = v.InferOutput<typeof FILE>;

/** Whoever has no secret of the stack's can make no seal. */
export function sealOf(content: PlanContent, seed: string): string {
  return createHmac("sha256", seed).update(JSON.stringify(content)).digest("hex");
}

/** npm runs its scripts in the clone, wherever it was called. */
function placeOf(file: string): string {
  return path.resolve(process.env.INIT_CWD ?? ".", file);
}

/** Fails where a plan could not be written in the end. */
export function assertWritable(file: string): void {
  try {
    fs.closeSync(fs.openSync(placeOf(file), "a", 0o600));
  } catch (error) {
    throw new UsageError(
      `The plan cannot be written into ${file} (${(error as NodeJS.ErrnoException).code}). Nothing was looked at. Name another file with --save-plan.`,
    );
  }
}

export function removePlan(file: string): void {
  fs.rmSync(placeOf(file), { force: true });
}

export function writePlan(file: string, content: PlanContent, seed: string): void {
  const place = placeOf(file);
  // by a rename, so that no half of one is ever read
  const temporary = `${place}.${process.pid}`;
  const whole: PlanFile = { content, seal: sealOf(content, seed) };
  fs.writeFileSync(temporary, `${JSON.stringify(whole)}\n`, { mode: 0o600 });
  fs.renameSync(temporary, place);
}

/** What stands in a plan's file, which nobody has vouched for yet. */
export function readPlan(file: string): PlanFile {
  let text: string;
  try {
    text = fs.readFileSync(placeOf(file), "utf8");
  } catch (error) {
    throw new UsageError(
      `The plan ${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Nothing was changed. ` +
        `Name a file that npm run preview -- --save-plan FILE has written.`,
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw notWhole(file);
  }
  const parsed = v.safeParse(FILE, document);
  if (!parsed.success) throw notWhole(file);
  return parsed.output;
}

/** Fails where it is not as it was written. */
export function assertSealed(file: string, { content, seal }: PlanFile, seed: string): void {
  const [given, right] = [Buffer.from(seal), Buffer.from(sealOf(content, seed))];
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw notWhole(file);
}

export function notWhole(file: string): UsageError {
  return new UsageError(
    `The plan ${file} is not as npm run preview -- --save-plan of this version has written it: it was cut short or changed. ` +
      `Nothing was changed. Make a new plan.`,
  );
}
