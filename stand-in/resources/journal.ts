import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

import { keyOf, type Resource } from "./model";
import type { Store, StoreChange } from "./store";

const COMPACT_AFTER = 2000;

/**
 * Keeps a store in the work directory: `store.json` with all resources, and `store.journal` with the changes since.
 * A change is appended before its request is answered, so that a control plane that is killed loses nothing that
 * it has confirmed. The snapshot is replaced by renaming, so that there is always a whole one. Both are readable by
 * their owner alone: they hold keys.
 */
export class Journal {
  private readonly snapshotFile: string;
  private readonly journalFile: string;
  private journal = -1;
  private entries = 0;

  constructor(
    workDir: string,
    private readonly store: Store,
  ) {
    mkdirSync(workDir, { recursive: true, mode: 0o700 });
    this.snapshotFile = join(workDir, "store.json");
    this.journalFile = join(workDir, "store.journal");
  }

  /** Reads what a former run left, and from then on writes every change. */
  open(types: readonly string[]): void {
    const resources = this.readSnapshot();
    this.replay(resources);
    for (const resource of resources.values()) {
      this.store.put(resource);
    }
    this.compact(types);
    this.store.onChange((change) => {
      this.append(change);
      if (this.entries >= COMPACT_AFTER) {
        this.compact(types);
      }
    });
  }

  close(): void {
    if (this.journal !== -1) {
      closeSync(this.journal);
      this.journal = -1;
    }
  }

  private readSnapshot(): Map<string, Resource> {
    const resources = new Map<string, Resource>();
    if (existsSync(this.snapshotFile)) {
      for (const resource of JSON.parse(readFileSync(this.snapshotFile, "utf8")) as Resource[]) {
        resources.set(`${resource.type}/${keyOf(resource)}`, resource);
      }
    }
    return resources;
  }

  private replay(resources: Map<string, Resource>): void {
    if (!existsSync(this.journalFile)) {
      return;
    }
    for (const line of readFileSync(this.journalFile, "utf8").split("\n")) {
      let change: StoreChange;
      try {
        change = JSON.parse(line) as StoreChange;
      } catch {
        // The last line may be empty, or cut off by a kill: its request was never answered.
        continue;
      }
      const key = `${change.resource.type}/${keyOf(change.resource)}`;
      if (change.kind === "put") {
        resources.set(key, change.resource);
      } else {
        resources.delete(key);
      }
    }
  }

  private append(change: StoreChange): void {
    if (this.journal !== -1) {
      writeSync(this.journal, `${JSON.stringify(change)}\n`);
      this.entries++;
    }
  }

  private compact(types: readonly string[]): void {
    const temporary = `${this.snapshotFile}.new`;
    const file = openSync(temporary, "w", 0o600);
    writeSync(file, JSON.stringify(types.flatMap((type) => this.store.list(type))));
    closeSync(file);
    renameSync(temporary, this.snapshotFile);
    this.close();
    this.journal = openSync(this.journalFile, "w", 0o600);
    this.entries = 0;
  }
}
