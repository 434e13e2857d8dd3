import { isDeepStrictEqual } from "node:util";
import type { Resource } from "../resources/model";
import { LABEL } from "../resources/model";
import type { Store } from "../resources/store";
import { changedResource, newResource, newSecret } from "../resources/writer";
import { createAuthority } from "../crypto/certificates";
import { inboundsOf, specWithState } from "./serviceStates";

/** Writes that come close together are looked at together; the real one looks every two seconds. */
const GATHER_MS = 250;
const MANAGED_BY = "kuma.io/managed-by";
const WORKLOAD = "kuma.io/workload";
/** Source: k8s.io/apimachinery v0.36 pkg/api/validation, NameIsDNS1035Label. */
const DNS_1035 = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const WATCHED = new Set(["Mesh", "Dataplane", "MeshService", "Workload", "MeshIdentity"]);

interface Wanted {
  type: string;
  mesh: string;
  name: string;
  labels: Record<string, string>;
  spec: Record<string, unknown>;
}

/**
 * What a zone's control plane makes of its data plane proxies on Universal: a MeshService for each value of the tag
 * `kuma.io/service` (in meshes whose `meshServices` is on), a Workload for each label `kuma.io/workload`; the authority of a
 * MeshIdentity that is to make its own; and in each MeshService, whoever made it, whether proxies serve it.
 * Source: Kuma v2.14.3 pkg/core/resources/apis/meshservice/generate, workload/generate, meshidentity/providers/bundled.
 */
export class Generators {
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly store: Store,
    private readonly zone: string,
  ) {}

  start(): void {
    this.unsubscribe = this.store.onChange(({ resource }) => {
      if (WATCHED.has(resource.type)) {
        this.touch();
      }
    });
    this.touch();
  }

  stop(): void {
    this.unsubscribe?.();
    clearTimeout(this.timer);
  }

  private touch(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.align("MeshService", this.services(), "meshservice-generator");
      this.align("Workload", this.workloads(), "workload-generator");
      this.updateStates();
      void this.ensureIdentities();
    }, GATHER_MS);
  }

  private align(type: string, wanted: readonly Wanted[], manager: string): void {
    for (const { mesh, name, labels, spec } of wanted) {
      const current = this.store.get(type, { mesh, name });
      const complete = { ...current?.labels, ...labels, [MANAGED_BY]: manager };
      if (!current) {
        const owner = { type: "Mesh", mesh: "", name: mesh };
        this.store.create(newResource({ type, mesh, name, labels: complete, owner, body: { spec } }));
      } else if (isManaged(current, manager) && !isSame(current, complete, spec)) {
        const body = { ...current.body, spec: { ...(current.body.spec as object), ...spec } };
        this.store.put(changedResource(current, { labels: complete, body }));
      }
    }
    const names = new Set(wanted.map(({ mesh, name }) => `${mesh}/${name}`));
    // The real one keeps a MeshService for an hour after its last proxy has gone.
    for (const each of type === "Workload" ? this.own(type) : []) {
      if (!names.has(`${each.mesh}/${each.name}`)) {
        this.store.delete(each);
      }
    }
  }

  private updateStates(): void {
    const dataplanes = this.own("Dataplane");
    for (const service of this.own("MeshService")) {
      const spec = specWithState(service, dataplanes);
      if (!isDeepStrictEqual(service.body.spec, spec))
        this.store.put(changedResource(service, { body: { ...service.body, spec } }));
    }
  }

  private services(): Wanted[] {
    const wanted = new Map<string, Wanted>();
    for (const dataplane of this.own("Dataplane")) {
      const { mesh } = dataplane;
      const mode = (this.store.get("Mesh", { mesh: "", name: mesh })?.body.meshServices as { mode?: string })
        ?.mode;
      for (const { port, name, tags } of mode && mode !== "Disabled" ? inboundsOf(dataplane) : []) {
        const service = tags?.["kuma.io/service"] ?? "";
        if (!DNS_1035.test(service) || wanted.has(`${mesh}/${service}`)) {
          continue;
        }
        const appProtocol = tags?.["kuma.io/protocol"] ?? "tcp";
        const ports = [{ port, targetPort: port, name: name ?? String(port), appProtocol }];
        const spec = { selector: { dataplaneTags: { "kuma.io/service": service } }, ports };
        const labels = { ...this.labels(mesh), [LABEL.displayName]: service, [LABEL.origin]: "zone" };
        wanted.set(`${mesh}/${service}`, { type: "MeshService", mesh, name: service, labels, spec });
      }
    }
    return [...wanted.values()];
  }

  private workloads(): Wanted[] {
    return this.own("Dataplane").flatMap(({ mesh, labels }) => {
      const name = labels[WORKLOAD] ?? "";
      return DNS_1035.test(name)
        ? [{ type: "Workload", mesh, name, labels: this.labels(mesh), spec: {} }]
        : [];
    });
  }

  private async ensureIdentities(): Promise<void> {
    for (const identity of this.own("MeshIdentity")) {
      const { provider } = identity.body.spec as {
        provider?: { bundled?: { autogenerate?: { enabled?: boolean } } };
      };
      const { mesh } = identity;
      const name = identity.labels[LABEL.displayName] ?? identity.name;
      const isThere = () => this.store.get("Secret", { mesh, name: `${name}-root-ca` });
      if (!provider?.bundled?.autogenerate?.enabled || isThere()) {
        continue;
      }
      const pair = await createAuthority(mesh, "rsa");
      if (isThere()) {
        continue;
      }
      this.store.create(newSecret({ mesh, name: `${name}-root-ca` }, pair.cert, identity));
      this.store.create(newSecret({ mesh, name: `${name}-private-key` }, pair.key, identity));
    }
  }

  private labels(mesh: string): Record<string, string> {
    return { [LABEL.mesh]: mesh, [LABEL.env]: "universal", [LABEL.zone]: this.zone };
  }

  /** Not the copies of what other zones have. */
  private own(type: string): readonly Resource[] {
    return this.store
      .list(type)
      .filter(
        ({ labels }) => labels[LABEL.origin] !== "global" && (labels[LABEL.zone] ?? this.zone) === this.zone,
      );
  }
}

function isManaged({ labels }: Resource, manager: string): boolean {
  return labels[MANAGED_BY] === manager;
}

function isSame(current: Resource, labels: Record<string, string>, spec: unknown): boolean {
  const text = (value: unknown): string => JSON.stringify(value);
  return (
    text((current.body.spec as { ports?: unknown }).ports) === text((spec as { ports?: unknown }).ports) &&
    Object.entries(labels).every(([label, value]) => current.labels[label] === value)
  );
}
