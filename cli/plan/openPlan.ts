import * as fs from "node:fs";
import * as path from "node:path";
import { PLAN_SEED_VARIABLE } from "../../resources/options/planRun";
import { UsageError } from "../commandLine/usageError";
import type { EngineStack } from "../stack/engineStack";
import type { StackFileChange } from "../stack/workspace";
import { differenceOf, madeOf } from "./madeOf";
import { assertSealed, notWhole, readPlan } from "./planFile";
import { openSeed } from "./planSeed";

/**
 * Has the engine open the secrets of a plan where neither the stack's file nor its state says yet what they are encrypted
 * with: another machine may have made the plan.
 */
export function withSaltOf(file: string): StackFileChange {
  const { salt } = readPlan(file).content;
  return (stackFile) => ({ ...(salt !== null && { encryptionsalt: salt }), ...stackFile });
}

/** A plan that an `up` is held to. */
export interface OpenPlan {
  /** As the user has named it. */
  file: string;
  /** The engine's plan. */
  ofEngine: string;
}

/**
 * Holds this process's `up` to a plan, once it is the one of a preview of this stack as it is now.
 */
export async function openPlan(root: string, stack: EngineStack, file: string): Promise<OpenPlan> {
  const plan = readPlan(file);
  const { of, seed: encrypted, plan: ofEngine } = plan.content;
  // first, as a plan of another stack is not encrypted as this one's secrets are
  if (of.stack !== stack.name) throw notOfNow(file, differenceOf(of, { ...of, stack: stack.name }));
  await stack.run(["stack", "select", "--create"]);
  const seed = await openSeed(stack, encrypted);
  if (seed === undefined) throw notWhole(file);
  assertSealed(file, plan, seed);
  const difference = differenceOf(of, await madeOf(root, stack));
  if (difference !== undefined) throw notOfNow(file, difference);
  process.env[PLAN_SEED_VARIABLE] = seed;
  const place = path.join(stack.place.workDir, "engine-plan.json");
  fs.writeFileSync(place, ofEngine, { mode: 0o600 });
  process.once("exit", () => fs.rmSync(place, { force: true }));
  return { file, ofEngine: place };
}

function notOfNow(file: string, difference = "is another one"): UsageError {
  return new UsageError(
    `The plan ${file} ${difference}. Nothing was changed. Make a new plan with npm run preview -- --save-plan, and have it looked at.`,
  );
}
