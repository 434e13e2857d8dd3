import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { Resource, ResourceType, SYNC_LABEL, isKumaError, knownTypes } from "../../../kuma";
import { ZoneRecord, compareRecords, recordZone, unexplainedIn } from "../../../kuma/ledger";
import { RESOURCE_TYPES } from "../../../stand-in/resources/types";
import { asJson } from "../../support/resources/arbitraries";
import { InProcessFederation } from "../../support/controlPlane/inProcessFederation";
import { needsKumaCp } from "../../support/controlPlane/kumaCp";
import { MESH, MESHES, SAMPLES } from "../../support/resources/samples";
import { until } from "../../support/until";

/** What a global alone can own, what a zone goes on owning, and what no policy is. */
const TYPES = Object.keys(SAMPLES).filter((type) => type !== "Zone");
const OF_NO_MESH = new Set(["GlobalSecret", "HostnameGenerator"]);

const word = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?$/);
/**
 * A copy's name is cut where the hash makes it longer than 253 characters. A zone that is federated takes no name that is
 * as long as that with the zone's own before it (Kuma v2.14.3 pkg/api-server/resource_endpoints.go).
 */
const LONGEST = 253 - "zone-1.".length - 1;
const name = fc.oneof(
  { weight: 4, arbitrary: word },
  fc.stringMatching(/^[a-z]([a-z0-9.]{0,3}[a-z0-9]){1,8}$/),
  fc.integer({ min: 200, max: LONGEST }).map((length) => "n".repeat(length)),
);

/** How the longest name of the secrets ends that a control plane makes for an identity. */
const OF_IDENTITY = "-private-key";

const value = fc.oneof(word, fc.constant(""), fc.constant("A.b_C"));
/** A user's own labels, also such as look like Kuma's, or are Kuma's on Kubernetes alone. */
const userLabels = fc.dictionary(
  fc.oneof(
    word,
    word.map((text) => `example.com/${text}`),
    word.map((text) => `kuma.io/x-${text}`),
    fc.constantFrom("kuma.io/service", "kuma.io/effect", "kuma.io/zones", "app.kubernetes.io/name"),
    fc.constantFrom("kuma.io/workload", "k8s.kuma.io/service-account"),
  ),
  value,
  { maxKeys: 4 },
);
const labels = fc
  .record({
    others: userLabels,
    "k8s.kuma.io/namespace": fc.option(word, { nil: undefined, freq: 2 }),
    "kuma.io/kds-sync": fc.constantFrom(undefined, undefined, "enabled", "disabled"),
  })
  .map(({ others, ...kuma }) => ({ ...others, ...(JSON.parse(JSON.stringify(kuma)) as object) }));

/** Bytes of a secret, up to the 1 MiB that a Kubernetes API server takes; many of them would go beyond a message of KDS. */
const size = fc.oneof({ weight: 5, arbitrary: fc.nat(200) }, fc.constant(100_000));

interface Sketch {
  type: string;
  name: string;
  labels: Record<string, string>;
  size: number;
}

/** Short enough to be read when it fails. */
const sketch: fc.Arbitrary<Sketch> = asJson(
  fc.record({ type: fc.constantFrom(...TYPES, "Dataplane"), name, labels, size }),
);

/** Types of which only a global can own something: preflight stops at what KDS would leave there (`kds-sync`). */
const OF_GLOBAL_ALONE = new Set(
  RESOURCE_TYPES.flatMap(({ name, sync }) => (sync.providedByZone && !name.endsWith("Secret") ? [] : [name])),
);

function resourceOf({ type, name: sketched, labels: wanted, size }: Sketch): Resource {
  // an identity whose secrets have names that no global takes is another case
  const name = type === "MeshIdentity" ? sketched.slice(0, LONGEST - OF_IDENTITY.length) : sketched;
  const { [SYNC_LABEL]: sync, ...others } = wanted;
  const labels = sync === "disabled" && OF_GLOBAL_ALONE.has(type) ? others : wanted;
  const networking = { address: "127.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "a" } }] };
  return {
    ...(type === "Dataplane" ? { networking } : structuredClone(SAMPLES[type])),
    ...{ type, name, labels },
    ...(OF_NO_MESH.has(type) ? {} : { mesh: MESH }),
    ...(type.endsWith("Secret") && { data: Buffer.alloc(size + 1, "x").toString("base64") }),
  };
}

/** Joining and going back take some seconds, so that each run tries many resources at once. */
const RUNS = 2;
const REAL_RUNS = 1;
const AT_ONCE = 60;

const resources = fc.uniqueArray(sketch, {
  selector: ({ type, name }) => `${type} ${name}`,
  minLength: AT_ONCE,
  maxLength: AT_ONCE,
  size: "max",
});

describe("kuma/ledger: whatever a zone holds", function () {
  it("joins its global and comes back, and every difference is explained", async () => {
    await fc.assert(
      fc.asyncProperty(resources, fc.constantFrom("memory" as const, "file" as const), (sketches, store) =>
        joinsAndReturns(sketches, store),
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  it("does so on real control planes", async function () {
    const program = await needsKumaCp(this);
    await fc.assert(
      fc.asyncProperty(resources, (sketches) => joinsAndReturns(sketches, "memory", program)),
      { numRuns: REAL_RUNS, endOnFailure: true },
    );
  });
});

async function joinsAndReturns(
  sketches: Sketch[],
  store: "memory" | "file",
  program?: string,
): Promise<void> {
  const federation = await InProcessFederation.start(store, program);
  try {
    await federation.write(MESHES);
    const written = await writeWhatIsTaken(federation, sketches.map(resourceOf));
    assert.ok(written > AT_ONCE / 2, `${written} were taken`);
    const before = await atRest(federation);
    await federation.join();
    await explained("joined", before, federation);
    await federation.leave();
    await explained("back", before, federation);
    const again = await atRest(federation);
    await federation.join();
    await explained("joined", again, federation);
  } finally {
    await federation.stop();
  }
}

/** What a zone is once its control plane has made of proxies and identities what it makes of them, some time later. */
async function atRest({ zone }: InProcessFederation): Promise<ZoneRecord> {
  let last = await recordZone(zone, "zone-1");
  await until("the zone to be at rest", async () => {
    await sleep(1_000);
    const former = JSON.stringify(last.resources);
    last = await recordZone(zone, "zone-1");
    return JSON.stringify(last.resources) === former && haveKeys(last.resources);
  });
  return last;
}

/** Whether each identity has the authority that a control plane makes for it, which takes a while. */
function haveKeys(resources: readonly Resource[]): boolean {
  const secrets = new Set(resources.flatMap(({ type, name }) => (type === "Secret" ? [name] : [])));
  return resources.every(({ type, name }) => type !== "MeshIdentity" || secrets.has(name + OF_IDENTITY));
}

/** A zone refuses some: what is no valid name, for example. Returns how many it took. */
async function writeWhatIsTaken(federation: InProcessFederation, resources: Resource[]): Promise<number> {
  const { zone } = federation;
  const types = await knownTypes(zone);
  let taken = 0;
  for (const each of resources) {
    try {
      await zone.put(types.get(each.type) as ResourceType, each);
      taken++;
    } catch (error) {
      if (!isKumaError(error, "refused")) throw error;
    }
  }
  return taken;
}

async function explained(
  occasion: "joined" | "back",
  before: ZoneRecord,
  { zone }: InProcessFederation,
): Promise<void> {
  let told: string[] = [];
  await until("all of it to be explained", async () => {
    const ledger = compareRecords(occasion, before, await recordZone(zone, "zone-1"));
    told = unexplainedIn(ledger);
    return told.length === 0;
  }).catch(() => undefined);
  assert.deepEqual(told, [], occasion);
}
