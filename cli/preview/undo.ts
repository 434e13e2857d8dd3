import type { EngineEvent } from "@pulumi/pulumi/automation";
import { Brought, Manifest, OnUndo, enumerated } from "../../kuma";
import { plural } from "../../kuma/plural";

/** The zone that is to leave its global, where an event tells of one. */
export function zoneThatLeaves({ resourcePreEvent }: EngineEvent): string[] {
  const { op, old, urn } = resourcePreEvent?.metadata ?? {};
  const { zoneName } = (old?.inputs ?? {}) as { zoneName?: string };
  // one that ran alone before, and one that the stack has installed
  const isItsPlace = /-(global-way-back|registration)$/.test(urn ?? "");
  return op === "delete" && zoneName !== undefined && isItsPlace ? [zoneName] : [];
}

/** What a preview says in words of a zone that is to leave its global: what becomes of what it brought there. */
export function describeUndo({ resourcePreEvent }: EngineEvent, onUndo: OnUndo): string | undefined {
  const { op, old } = resourcePreEvent?.metadata ?? {};
  const { brought, zoneName } = (old?.inputs ?? {}) as { brought?: Brought; zoneName?: string };
  const keys = Object.keys(brought?.added ?? {});
  if (op !== "delete" || keys.length === 0) return undefined;
  return onUndo === "removeFromGlobal"
    ? `zone ${zoneName}: taken off the global, unless others may use it: ${enumerated(keys)}`
    : `zone ${zoneName}: the ${keys.length} resources that it brought stay on the global`;
}

/**
 * What a preview says in words of policies that a zone takes back from its global. `members` are the zones that are to be on
 * it, and may rely on them.
 */
export function describeReturn(
  { resourcePreEvent }: EngineEvent,
  members: readonly string[],
): string | undefined {
  const { op, old, urn } = resourcePreEvent?.metadata ?? {};
  const { policies = {}, zoneName = "" } = (old?.inputs ?? {}) as { policies?: Manifest; zoneName?: string };
  const count = Object.keys(policies).length;
  if (op !== "delete" || count === 0 || !/-policies-way-back$/.test(urn ?? "")) return undefined;
  const relying = members.filter((name) => name !== zoneName);
  return (
    `zone ${zoneName}: ${plural(count, "policy")} that it handed over ${count === 1 ? "is" : "are"} its own again; ` +
    (relying.length > 0
      ? `the global keeps what it got of them, as ${enumerated(relying)} may rely on it`
      : "what was added for it is taken off the global")
  );
}
