import * as path from "node:path";
import type { ToolchainContext } from "../context";
import { buildGoProgram, type GoProgram } from "./goBuild";
import { PACKAGE_ROOT } from "../packageRoot";
import { ENGINE_FILE, ENGINE_TITLE, ENGINE_VERSION } from "./pulumiVersion";

const ENGINE: GoProgram = {
  title: ENGINE_TITLE,
  module: path.join(PACKAGE_ROOT, "toolchain", "engine"),
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  file: ENGINE_FILE,
  variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${ENGINE_VERSION}` },
  coreMinutes: 8,
};

/**
 * Builds the engine from the pinned Go module into `directory`. Takes from one to five minutes on two cores
 * the first time, and as long as the download of its modules.
 *
 * @throws ToolchainError when there is no Go, it is too old, or the build fails.
 */
export function buildPulumiEngine(directory: string, context: ToolchainContext): Promise<void> {
  return buildGoProgram(ENGINE, directory, context);
}
