import {
  PolicySides,
  PolicyProspect,
  Reach,
  Resource,
  StoredDigests,
  describeDifference,
  keyOf,
  parseKey,
  sameContent,
} from "../../kuma";
import { GlobalConnection, withGlobal } from "../connections";
import { broughtBy, changesOnGlobal } from "../federation/foretell";
import { holdToLive } from "../federation/liveGuardrails";
import { orNothing } from "../federation/orNothing";
import { PREVIEW_REPORTS, PolicyChange } from "../options/previewReports";
import { isKnown } from "../provider/handler";

type Told = Pick<PolicyChange, "key" | "change" | "detail">;

/** Tells `npm run preview` what becomes of the stack's policies, and whom that concerns. */
export async function foretellPolicies(
  before: readonly Resource[],
  after: readonly Resource[],
  connection: GlobalConnection,
): Promise<void> {
  if (!PREVIEW_REPORTS.isWanted) return;
  const [old, wanted] = [before, after].map((list) => new Map(list.map((each) => [keyOf(each), each])));
  const changes = [
    ...[...wanted].flatMap(([key, resource]): Told[] => {
      const existing = old.get(key);
      if (!existing) return [{ key, change: "appears" }];
      if (sameContent(resource, existing)) return [];
      const detail = describeDifference({ resource: existing, existing: resource }, ["now", "then"]);
      return [{ key, change: "changes", detail }];
    }),
    ...[...old.keys()].flatMap((key): Told[] => (wanted.has(key) ? [] : [{ key, change: "goes" }])),
  ];
  await foretell(changes, connection);
  await holdWritten({ before, after }, connection);
}

async function holdWritten(
  written: { before: readonly Resource[]; after: readonly Resource[] },
  connection: GlobalConnection,
): Promise<void> {
  if (!isKnown(connection.global.url)) return holdToLive({ written });
  const held = await orNothing(async () => {
    await withGlobal(connection, (global) => holdToLive({ written, global }));
    return true;
  });
  if (!held) await holdToLive({ written });
}

/** What somebody has changed or deleted on the global, and the next run writes again. */
export async function foretellRewritten(
  stored: StoredDigests,
  found: StoredDigests,
  connection: GlobalConnection,
): Promise<void> {
  if (!PREVIEW_REPORTS.isWanted) return;
  const changes = Object.keys(stored).flatMap((key): Told[] => {
    if (found[key] === stored[key]) return [];
    return found[key] === undefined
      ? [{ key, change: "appears", detail: "somebody has deleted it on the global" }]
      : [{ key, change: "changes", detail: "somebody has changed it on the global" }];
  });
  await foretell(changes, connection);
}

async function foretell(changes: readonly Told[], connection: GlobalConnection): Promise<void> {
  if (changes.length === 0) return;
  const reached = isKnown(connection.global.url)
    ? await orNothing(() =>
        withGlobal(connection, async (global) => {
          const reach = await Reach.read(global);
          return Promise.all(changes.map(({ key, change }) => reach.of(parseKey(key), change !== "appears")));
        }),
      )
    : undefined;
  PREVIEW_REPORTS.write({
    kind: "policies",
    policies: changes.map((told, index) => ({
      ...{ ...told, at: "global" },
      ...(reached && { reached: reached[index] }),
    })),
  });
}

/** Tells `npm run preview` what other zones see of the policies that a zone hands over. */
export async function foretellHandOver(
  { planned }: PolicyProspect,
  { zoneName, global }: Pick<PolicySides, "zoneName" | "global">,
): Promise<void> {
  if (!PREVIEW_REPORTS.isWanted || !global) return;
  await holdToLive({ global, handOver: { zoneName, brought: broughtBy(planned) } });
  PREVIEW_REPORTS.write({ kind: "policies", policies: await changesOnGlobal(planned, global, zoneName) });
}
