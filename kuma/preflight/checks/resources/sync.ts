import { wantedOnGlobal } from "../../../federation/plan";
import {
  DISPLAY_NAME_LABEL,
  NAMESPACE_LABEL,
  type Resource,
  type ResourceKey,
  SYNC_LABEL,
  cameFromGlobal,
  isSyncDisabled,
  keyOf,
} from "../../../resource/resource";
import { isHeldBack, keepsName } from "../../../api/resourceTypes";
import { enumerated } from "../../../lists";
import { originalKey } from "../../../zone/ownership";
import { Check } from "../../check";

export const kdsSync: Check = {
  code: "kds-sync",
  title: "Nothing that the zone needs is kept on the global by its label",
  async run(facts) {
    const held = wantedOnGlobal(await facts.plan()).filter(isHeldBack);
    const local = (await facts.exported()).kept.filter(isSyncDisabled).map(keyOf);
    if (held.length === 0) {
      return {
        verdict: "ok",
        sentence:
          local.length === 0
            ? "The zone has nothing that KDS leaves where it is."
            : `${local.length} resource(s) of the zone stay in it alone, because of their label ${SYNC_LABEL}: the global gets no copy of them.`,
        evidence: local,
      };
    }
    return {
      verdict: "blocker",
      sentence:
        `${held.length} resource(s) would be the global's and would not come back to the zone, because of their label ${SYNC_LABEL}: ` +
        `the zone would lose them at the switch${held.some(({ type }) => type === "Mesh") ? ", and a mesh with all that is in it" : ""}.`,
      evidence: held.map(keyOf),
      remedy: `Remove that label from them, on the side whose version is to stay, or delete them if nothing needs them.`,
      error: "gate",
    };
  },
};

/** By what its copy is named (Kuma v2.14.3, pkg/kds/context/context.go, HashSuffixMapper). */
function copyOf(resource: ResourceKey & Pick<Resource, "labels">): string {
  const { name: own, labels = {} } = resource;
  const { [DISPLAY_NAME_LABEL]: name = own, [NAMESPACE_LABEL]: namespace = "" } = labels;
  return `${keyOf({ ...resource, name })} ${namespace}`;
}

export const copyNames: Check = {
  code: "copy-names",
  title: "No two resources of the zone have one name when they are copied",
  async run(facts) {
    const { carried, copies: carriedCopies, kept } = await facts.exported();
    const byName = new Map<string, string[]>();
    for (const each of [...carried, ...kept]) {
      if (keepsName(each) || isSyncDisabled(each)) continue;
      const copy = copyOf(each);
      byName.set(copy, [...(byName.get(copy) ?? []), keyOf(each)]);
    }
    // what is carried of these has its first name already, and no label
    const inZone = new Map(carriedCopies.map((each) => [copyOf(originalKey(each)), keyOf(each)]));
    const doubled = [...byName]
      .filter(([, { length }]) => length > 1)
      .map(([copy, keys]) => [...new Set([...keys, inZone.get(copy) ?? []].flat())]);
    const left = new Set([...inZone.values(), ...kept.filter(cameFromGlobal).map(keyOf)]);
    if (doubled.length === 0)
      return { verdict: "ok", sentence: "Each resource of the zone has a name of its own." };
    const copies = doubled.flat().filter((key) => left.has(key));
    return {
      verdict: "blocker",
      sentence: `KDS names a copy after the label ${DISPLAY_NAME_LABEL}, which several resources of the zone have alike: only one of them would be copied.`,
      evidence: doubled.map((keys) => keys.join(" and ")),
      remedy:
        copies.length > 0
          ? `Delete in the zone what a global that it was a member of has left there: ${enumerated(copies, 10)}.`
          : "Write all but one of them again without that label, or with another value: it cannot be changed in place.",
      error: "gate",
    };
  },
};
