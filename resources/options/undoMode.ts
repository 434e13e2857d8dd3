import { ON_UNDO, OnUndo } from "../../kuma";

/**
 * What is deleted is deleted as the state says, and the state has a setting only from the `up` after the one that it was
 * written for. The commands of this program say with this variable what the stack's file says now; it reaches the
 * provider's process through the engine.
 */
export const ON_UNDO_VARIABLE = "KUMA_FEDERATION_ON_UNDO";

/** What the stack's file says, where it is known; what the state says otherwise. */
export function onUndoNow(inState: OnUndo): OnUndo {
  return ON_UNDO.find((known) => known === process.env[ON_UNDO_VARIABLE]) ?? inState;
}

/** Whether the global is deleted in the same run, so that nothing stays on it or has to be taken off it. */
export const GLOBAL_GOES_VARIABLE = "KUMA_FEDERATION_GLOBAL_GOES";

export function globalGoes(): boolean {
  return process.env[GLOBAL_GOES_VARIABLE] === "true";
}
