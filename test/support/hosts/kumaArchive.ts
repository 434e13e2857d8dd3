import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

const PROGRAMS = ["kuma-cp", "kuma-dp", "envoy", "kumactl"];

/** An archive, as Kuma publishes them, of the programs beside the one that KUMA_CP names; with modes as `chmod` takes them. */
export function packedPrograms(directory: string, mode?: string): { archive: string; sha256: string } {
  const from = path.dirname(process.env.KUMA_CP as string);
  const bin = path.join(directory, "kuma", "bin");
  fs.mkdirSync(bin, { recursive: true });
  for (const name of PROGRAMS)
    if (fs.existsSync(path.join(from, name))) fs.symlinkSync(path.join(from, name), path.join(bin, name));
  const archive = path.join(directory, "kuma.tar.gz");
  const modes = mode === undefined ? [] : [`--mode=${mode}`];
  execFileSync("tar", ["--dereference", ...modes, "-I", "gzip -1", "-cf", archive, "-C", directory, "kuma"]);
  return { archive, sha256: createHash("sha256").update(fs.readFileSync(archive)).digest("hex") };
}
