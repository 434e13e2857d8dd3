import {
  ControlPlane,
  KumaError,
  Manifest,
  Resource,
  Snapshot,
  cameFromGlobal,
  federatedTo,
  forgetZone,
  isKumaError,
  keyOf,
  readZone,
  sameContent,
  sanitize,
  Sides,
  underFirstName,
} from "../../kuma";
import { inParallel } from "../../kuma/parallel";
import { until } from "../../kuma/until";
import { untilMember } from "../member";

/** Milliseconds for a control plane that Helm has upgraded to serve with its new settings. */
const RESTART_DEADLINE_MS = 120_000;

/**
 * Waits until a zone whose release has got the global's address is joined: it dials that address, has what it is
 * given back, stays online, and both sides are equal.
 */
export async function untilJoined(
  sides: Sides,
  kdsAddress: string,
  manifest: Manifest,
  giveBack?: () => Promise<void>,
): Promise<{ version: string }> {
  const { zone, zoneName } = sides;
  await untilDials(zone, zoneName, kdsAddress);
  // its proxies meet a mesh that is back without its permissions until then
  await giveBack?.();
  return untilMember(sides, manifest);
}

/** For a while after an upgrade the former pod may still answer. */
export async function untilDials(
  zone: ControlPlane,
  zoneName: string,
  address: string | undefined,
): Promise<void> {
  const look = async () => {
    try {
      return { now: federatedTo(await zone.config()) };
    } catch (error) {
      if (!isKumaError(error, "unreachable")) throw error;
      return { error };
    }
  };
  await until(look, {
    deadlineMs: RESTART_DEADLINE_MS,
    everyMs: 1_000,
    signal: zone.address.signal,
    isThere: ({ now, error }) => error === undefined && now === address,
    onTimeout: ({ now, error }) =>
      error ??
      new KumaError(
        "gate",
        `The control plane of zone ${zoneName} ${now === undefined ? "runs alone" : `dials ${now}`}, though its Helm release is to ` +
          `${address === undefined ? "let it run alone" : `make it dial ${address}`}. Was the release changed with helm? ` +
          `"pulumi refresh" takes over what is there; then run it again.`,
      ),
  });
}

/**
 * Gives a zone whose release lets it run alone again what it had before it was federated, and makes the global forget
 * it. Its store has outlived the federation, so that three things are left to do: its meshes get their own authorities
 * back (of the same keys, so that no workload notices), what the global owned goes, and policies that KDS had replaced
 * by copies come back under their names. May be called again at any point.
 */
export async function leaveGlobal(
  { zone, global, zoneName }: Sides,
  { originals, kept }: Snapshot,
  { globalGoes = false } = {},
): Promise<void> {
  const dials = federatedTo(await zone.config());
  if (dials !== undefined) {
    throw new KumaError(
      "refused",
      `Zone ${zoneName} still dials ${dials}, so it was not taken off its global; nothing was changed. ` +
        `Set federated: false for it and run up, which gives its Helm release the former values, then delete it (npm run destroy of a clone's own stacks does both).`,
    );
  }
  await restore(zone, [...originals, ...leftBefore(kept, zone)]);
  await deleteCopies(zone, originals);
  await forgetZone({ global, zoneName }, globalGoes);
}

/**
 * What a global that the zone was a member of before had left there: of those the zone's global has sent copies of its own, which go.
 * The zone owns them from now on.
 */
function leftBefore(kept: readonly Resource[], { environment }: ControlPlane): Resource[] {
  return kept.filter(cameFromGlobal).map((copy) => sanitize(underFirstName(copy), environment));
}

async function restore(zone: ControlPlane, originals: readonly Resource[]): Promise<void> {
  const { resources, types } = await readZone(zone);
  const existing = new Map(resources.map((resource) => [keyOf(resource), resource]));
  const lost = originals.filter((original) => {
    const there = existing.get(keyOf(original));
    return !there || cameFromGlobal(there) || !sameContent(original, there);
  });
  const stages = new Set(lost.map((resource) => zone.stageOf(resource)));
  for (const stage of [...stages].sort((a, b) => a - b)) {
    const write = async (resource: Resource) => {
      const type = types.get(resource.type);
      if (type) await zone.put(type, resource, { overwrite: true });
    };
    await inParallel(
      lost.filter((resource) => zone.stageOf(resource) === stage),
      zone.concurrency,
      write,
    );
  }
}

/**
 * What KDS has brought and the zone did not have before, by the label of the global, which is looked for once more on the
 * object that is deleted; meshes last, as nothing can be in a mesh that is gone.
 */
async function deleteCopies(zone: ControlPlane, originals: readonly Resource[]): Promise<void> {
  const own = new Set(originals.map(keyOf));
  const { resources, types } = await readZone(zone);
  const copies = resources.filter((resource) => cameFromGlobal(resource) && !own.has(keyOf(resource)));
  for (const meshes of [false, true]) {
    const remove = async (resource: Resource) => {
      const type = types.get(resource.type);
      if (type) await zone.delete(type, resource);
    };
    await inParallel(
      copies.filter(({ type }) => (type === "Mesh") === meshes),
      zone.concurrency,
      remove,
    );
  }
}
