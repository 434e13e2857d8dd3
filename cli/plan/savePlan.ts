import * as fs from "node:fs";
import * as path from "node:path";
import { enumerated } from "../../kuma";
import { OPENABLE, PLAN_MADE_VARIABLE, PLAN_SEED_VARIABLE } from "../../resources/options/planRun";
import { UNKNOWN } from "../../resources/provider/handler";
import type { EngineStack } from "../stack/engineStack";
import { OperationFailed } from "../terminal/errors";
import { nameOf } from "../terminal/urn";
import { madeOf } from "./madeOf";
import { MadeOf, assertWritable, removePlan, writePlan } from "./planFile";
import { engineFileOf, newSeed } from "./planSeed";

/** A plan that a preview is to leave in a file. */
export class PlanToSave {
  private constructor(
    private readonly file: string,
    private readonly stack: EngineStack,
    private readonly seed: { seed: string; encrypted: string },
    private readonly of: MadeOf,
  ) {}

  /** What would hinder it is told before anything is looked at. A plan of an earlier preview that lies there is gone. */
  static async begin(root: string, stack: EngineStack, file: string): Promise<PlanToSave> {
    assertWritable(file);
    removePlan(file);
    await stack.run(["stack", "select", "--create"]);
    const seed = await newSeed(stack);
    process.env[PLAN_MADE_VARIABLE] = "true";
    process.env[PLAN_SEED_VARIABLE] = seed.seed;
    return new PlanToSave(file, stack, seed, await madeOf(root, stack));
  }

  private get ofEngine(): string {
    return path.join(this.stack.place.workDir, "engine-plan.json");
  }

  /** Options of the engine's preview. */
  options(): { plan: string } {
    return { plan: this.ofEngine };
  }

  /** Writes what the engine has planned, and tells what it leaves open. */
  save(): string[] {
    const plan = JSON.stringify(withUnknownLists(JSON.parse(fs.readFileSync(this.ofEngine, "utf8"))));
    fs.rmSync(this.ofEngine, { force: true });
    const { encryptionsalt } = engineFileOf(this.stack);
    const content = {
      ...{ version: 1 as const, made: new Date().toISOString(), of: this.of },
      salt: typeof encryptionsalt === "string" ? encryptionsalt : null,
      seed: this.seed.encrypted,
      plan,
    };
    writePlan(this.file, content, this.seed.seed);
    const open = leftOpenIn(plan);
    return [
      `The plan is in ${this.file}: npm run up -- --stack ${this.stack.name} --plan ${this.file} does that and nothing else.`,
      ...(open.length > 0
        ? [
            `It leaves open what cannot be known before the stack has made a control plane: ${enumerated(open, 10)}. ` +
              `up checks both sides before it writes anything there.`,
          ]
        : []),
    ];
  }

  /** A preview that has failed, or has not seen everything, leaves no plan. */
  discard(): void {
    fs.rmSync(this.ofEngine, { force: true });
  }
}

/** A preview that could not see all of what `up` begins with makes no plan. */
export function noPlan(why: string, stack: string): OperationFailed {
  return new OperationFailed(
    `No plan was saved: ${why}. Nothing was changed. Run npm run up -- --stack ${stack} without a plan once; it shows and checks ` +
      `everything before it writes.`,
  );
}

/**
 * The same with a list unknown as a whole where something in it is: a list that turns out to hold a secret is a secret as a
 * whole, and the engine would not take it for the one of the plan (3.246, sdk/go/common/resource/properties_diff.go).
 */
function withUnknownLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.includes(UNKNOWN) ? UNKNOWN : value.map(withUnknownLists);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withUnknownLists(each)]));
}

interface EnginePlan {
  resourcePlans?: Record<string, { goal?: { inputDiff?: Record<"adds" | "updates", object | undefined> } }>;
}

/** Names of resources and inputs that anything is right for, as a check is to fill them in. */
function leftOpenIn(plan: string): string[] {
  const { resourcePlans = {} } = JSON.parse(plan) as EnginePlan;
  return Object.entries(resourcePlans).flatMap(([urn, { goal }]) => {
    const inputs: Record<string, unknown> = { ...goal?.inputDiff?.adds, ...goal?.inputDiff?.updates };
    return OPENABLE.filter((name) => inputs[name] === UNKNOWN && /dynamic\/kuma-federation:/.test(urn)).map(
      (name) => `${nameOf(urn)} (${name})`,
    );
  });
}
