import type { EngineEvent } from "@pulumi/pulumi/automation";
import { Brought, OnUndo, enumerated } from "../../kuma";

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
