import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT } from "../../integration/support";

/** This project as a repository of its own, in which a test commits changes. */
export class Repository {
  private readonly directory: string;

  constructor(parent: string) {
    this.directory = path.join(parent, "origin");
    const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: ROOT });
    const files = listed.toString("utf8").split("\0").filter(Boolean);
    for (const file of files.filter((each) => fs.existsSync(path.join(ROOT, each)))) this.copy(file);
    // what is compiled from the same sources is that of each clone: their times are kept
    this.copy("dist");
    this.git("init", "--quiet", "--initial-branch=main");
  }

  /** Writes files, takes away those of which nothing is left, and gives the commit. */
  commit(files: Readonly<Record<string, string | undefined>>): string {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.directory, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      if (text === undefined) fs.rmSync(file);
      else fs.writeFileSync(file, text);
    }
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message", "a change");
    return this.git("rev-parse", "HEAD").trim();
  }

  /** Names of the files that differ between two commits, as a pull request has them. */
  changed(base: string, head: string): string[] {
    return this.git("diff", "--name-only", `${base}...${head}`).split("\n").filter(Boolean);
  }

  /** A clone at a commit, of some directories alone where they are named. */
  clone(into: string, commit: string, sparse?: string): void {
    execFileSync("cp", ["-a", this.directory, into]);
    const git = (...args: string[]) => execFileSync("git", args, { cwd: into, stdio: "pipe" });
    git("checkout", "--quiet", "--detach", commit);
    if (sparse === undefined) return;
    fs.rmSync(path.join(into, "dist"), { recursive: true, force: true });
    git("sparse-checkout", "set", ...sparse.split("\n"));
  }

  private copy(name: string): void {
    const from = path.join(ROOT, name);
    if (!fs.existsSync(from)) return;
    fs.cpSync(from, path.join(this.directory, name), { recursive: true, preserveTimestamps: true });
  }

  private git(...args: string[]): string {
    const who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    return execFileSync("git", [...who, ...args], { cwd: this.directory, encoding: "utf8", stdio: "pipe" });
  }
}
