import * as fs from "node:fs";
import * as path from "node:path";
import { Secret, secretsIn } from "./secretSearch";

/** Looks at every file that appears below some directories, at once and however short it stays, and keeps what it finds. */
export class DirectoryWatch {
  readonly found = new Set<string>();
  private readonly watchers = new Map<string, fs.FSWatcher>();

  constructor(
    directories: readonly string[],
    private readonly secrets: readonly Secret[],
  ) {
    for (const directory of directories) this.watch(directory, false);
  }

  stop(): void {
    for (const watcher of this.watchers.values()) watcher.close();
  }

  /** What is there already is looked at only in a directory that appeared meanwhile. */
  private watch(directory: string, isNew: boolean): void {
    if (this.watchers.has(directory)) return;
    try {
      const watcher = fs.watch(directory, (_, name) => name && this.look(path.join(directory, name)));
      watcher.on("error", () => {});
      this.watchers.set(directory, watcher);
      if (isNew) for (const name of fs.readdirSync(directory)) this.look(path.join(directory, name));
    } catch {
      // it is gone, or somebody else's
    }
  }

  private look(file: string): void {
    try {
      const stats = fs.lstatSync(file);
      if (stats.isDirectory()) return this.watch(file, true);
      if (!stats.isFile() || stats.size > 20_000_000) return;
      for (const what of secretsIn(fs.readFileSync(file), this.secrets)) this.found.add(`${what} in ${file}`);
    } catch {
      // it is gone
    }
  }
}
