import { keyOf } from "../../resource/resource";
import { Difference, isSameResource } from "../changes";
import type { Comparison, Rule } from "../rule";
import { isSecret, originOf } from "./kuma";

/** What people decide. */
export const PEOPLE: readonly Rule[] = [
  {
    code: "accepted",
    occasions: ["joined", "handedOver", "back"],
    effect: "changed",
    reason:
      "The stack's setting acceptDifferences names it: somebody has looked at it and wants it as it is.",
    source: "the stack file",
    yields: true,
    explains: ({ key }, { isAccepted }) => isAccepted(key),
  },
  {
    code: "left-to-the-global",
    occasions: ["joined", "handedOver"],
    effect: "changed",
    reason: "The stack's setting onConflict leaves it as the global has it (keepGlobal).",
    source: "the stack file",
    yields: true,
    explains: (difference, { isLeftToGlobal }) =>
      difference.kind === "changed" &&
      originOf(difference.after) === "global" &&
      isLeftToGlobal(difference.key),
  },
  {
    code: "changed-while-federated",
    occasions: ["joined", "back"],
    effect: "changed",
    reason:
      "The zone owned it and had changed it while it was federated: it is as it was when the zone left, or when its global got a lost mesh again.",
    source: "measured",
    yields: true,
    explains: (difference, comparison) =>
      !comparison.isAccepted(difference.key) && isAsItLeft(difference, comparison),
  },
];

/**
 * Whether this very difference was there before: when the zone left its global, or that got a mesh again. Only for what a zone may change by itself meanwhile: what it
 * owns, or owned.
 */
function isAsItLeft(
  { kind, key, before, after }: Difference,
  { leaving, isLeavingWhole }: Comparison,
): boolean {
  // a secret is never a member's to change, whatever it was labelled when the zone ran alone
  if (!leaving || isSecret(before ?? after)) return false;
  const left = leaving.get(after ? keyOf(after) : key);
  // a zone whose global has lost a mesh may have lost all that is in it by then: that is no decision of its owner's
  if (kind === "gone") return isLeavingWhole && originOf(before) === "zone" && left === undefined;
  if (!after || !left || kind === "renamed") return false;
  return originOf(left) === "zone" && isSameResource(left, after);
}
