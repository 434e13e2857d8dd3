import { existsSync } from "node:fs";
import * as path from "node:path";
import { outputOf } from "../process/executables";

/** As much as is read of what `go mod edit -json` writes. */
interface GoMod {
  readonly Require: readonly Module[] | null;
  readonly Replace: readonly { readonly Old: Module; readonly New: Module }[] | null;
}

interface Module {
  readonly Path: string;
  readonly Version?: string;
}

/** Gives the number of modules that a go.mod names and that Go has not fetched yet. */
export async function missingModules(go: string, directory: string, env: NodeJS.ProcessEnv): Promise<number> {
  const goMod = await outputOf(go, ["mod", "edit", "-json", path.join(directory, "go.mod")], env);
  // Go's warnings stand behind it
  const { Require, Replace } = JSON.parse(goMod.slice(0, goMod.lastIndexOf("}") + 1)) as GoMod;
  const replacements = new Map(Replace?.map(({ Old, New }) => [Old.Path, New]));
  const [cache] = (await outputOf(go, ["env", "GOMODCACHE"], env)).split("\n");
  const wanted = (Require ?? []).map((module) => replacements.get(module.Path) ?? module);
  return wanted.filter(({ Path, Version }) => !existsSync(archiveOf(cache, Path, Version ?? ""))).length;
}

/** Where Go keeps a module; it writes a capital letter as `!` and the small one (golang.org/ref/mod#module-cache). */
function archiveOf(cache: string, module: string, version: string): string {
  const escaped = (text: string) => text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  return path.join(cache, "cache", "download", escaped(module), "@v", `${escaped(version)}.zip`);
}
