import { ToolchainError } from "../../../toolchain/errors";
import { type PulumiEngine, ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { type Need, declareNeed, needed } from "../run/readiness";

const ENGINE: Need<PulumiEngine> = {
  title: "Pulumi engine",
  get: ensurePulumiEngine,
  // one that PULUMI names was asked for
  isLacking: (error) => error instanceof ToolchainError && !process.env.PULUMI,
};
declareNeed(ENGINE);

/** To be called at the beginning of a `describe` whose tests run an engine: without one they are skipped. */
export function needsEngine(): void {
  before("a Pulumi engine is there", async function () {
    await needed(ENGINE, this);
  });
}
