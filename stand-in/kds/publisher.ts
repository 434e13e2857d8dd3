import { keyOf } from "../resources/model";
import type { Store } from "../resources/store";
import type { ResourceType } from "../resources/types";
import type { Selection } from "./mapping";
import type { ResourcesMessage, WireResource } from "./protocol";

/** Writes that come close together go out together. */
const GATHER_MS = 100;

/** Keeps the other side of a connection up to date: everything at first, and then what changes. */
export class Publisher {
  private readonly sent = new Map<string, Map<string, WireResource>>();
  private readonly dirty = new Set<ResourceType>();
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly store: Store,
    private readonly types: readonly ResourceType[],
    private readonly select: Selection,
    private readonly send: (message: ResourcesMessage) => void,
  ) {}

  start(): void {
    for (const type of this.types) {
      this.publish(type);
    }
    const byName = new Map(this.types.map((type) => [type.name, type]));
    this.unsubscribe = this.store.onChange(({ resource }) => {
      const type = byName.get(resource.type);
      if (type) {
        this.touch(type);
      } else if (resource.type === "Zone") {
        // A zone that is switched off or on takes its resources away from the others, or gives them back.
        this.types.filter(({ sync }) => sync.acrossZones).forEach((each) => this.touch(each));
      }
    });
  }

  stop(): void {
    this.unsubscribe?.();
    clearTimeout(this.timer);
  }

  private touch(type: ResourceType): void {
    this.dirty.add(type);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // In the order of the types: a mesh goes out before what is in it.
      for (const each of this.types.filter((candidate) => this.dirty.has(candidate))) {
        this.publish(each);
      }
      this.dirty.clear();
    }, GATHER_MS);
  }

  private publish(type: ResourceType): void {
    const before = this.sent.get(type.name);
    const now = new Map(this.select(type).map((resource) => [keyOf(resource), resource]));
    const added = [...now]
      .filter(([key, resource]) => before?.get(key) !== resource)
      .map(([, resource]) => resource);
    const removed = [...(before ?? [])]
      .filter(([key]) => !now.has(key))
      .map(([, { mesh, name }]) => ({ mesh, name }));
    this.sent.set(type.name, now);
    if (!before || added.length > 0 || removed.length > 0) {
      this.send({ kind: "resources", type: type.name, initial: !before, added, removed });
    }
  }
}
