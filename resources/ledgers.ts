import {
  ControlPlane,
  OnConflict,
  authorityChoice,
  choiceFor,
  isKumaError,
  parseKey,
  runsAlone,
} from "../kuma";
import {
  Circumstances,
  Occasion,
  describeForetold,
  describeLedger,
  foretell,
  holdsCopies,
  packRecord,
  recordZone,
  resourcesOf,
  unpackRecord,
  untilExplained,
} from "../kuma/ledger";
import { acceptedDifferences } from "./options/acceptedDifferences";
import { Connections, withZone } from "./connections";
import { isKnown } from "./provider/handler";
import { isPreflight } from "./options/preflightMode";
import { isByName } from "./options/previewDetail";
import { say } from "./provider/say";

/** What a comparison of a zone with its record has found, without a name: for the state. */
export interface LedgerOutcome {
  /** How many resources the zone had. */
  recorded: number;
  /** How many of them each rule has explained something of, by the rule's code. */
  explained: Record<string, number>;
}

/**
 * A record for the way back. A zone that is federated already is no longer what it was, so the former one stays; nor is one
 * that somebody else has let run alone again, without its way back: it still has what its global had sent it.
 */
export function recordWhileAlone(
  inputs: Connections,
  former: string | undefined,
): Promise<string | undefined> {
  return withZone(inputs, async (zone) => {
    if (!(await runsAlone(zone))) return former;
    const record = await recordZone(zone, inputs.zoneName);
    return former !== undefined && holdsCopies(record, unpackRecord(former)) ? former : packRecord(record);
  });
}

/** Tells what will differ in a zone that is still alone once it has joined; one that does not answer tells nothing. */
export async function tellWhatWillDiffer(inputs: Connections): Promise<void> {
  if (isPreflight() || !isKnown(inputs.zone.url)) return;
  try {
    await withZone(inputs, async (zone) => {
      if (!(await runsAlone(zone))) return;
      const record = await recordZone(zone, inputs.zoneName);
      say(describeForetold(record, foretell(record), isByName()));
    });
  } catch (error) {
    // told by the resource that carries
    if (!isKumaError(error)) throw error;
  }
}

/** Holds a zone to its record, tells what differs, and fails unless all of it is explained. */
export async function witness(
  occasion: Occasion,
  zone: ControlPlane,
  zoneName: string,
  record: string | undefined,
  circumstances: Circumstances = {},
): Promise<LedgerOutcome | undefined> {
  if (record === undefined) {
    // a state of an earlier version of this program
    say(`zone ${zoneName}: there is no record of what it was before, so nothing is compared with it`);
    return undefined;
  }
  const accepted = { isAccepted: acceptedDifferences(), ...circumstances };
  const ledger = await untilExplained(occasion, unpackRecord(record), zone, accepted);
  say(describeLedger(ledger, zoneName));
  return {
    recorded: ledger.recorded,
    explained: Object.fromEntries(
      ledger.explained.map((each): [string, number] => [each.rule.code, resourcesOf(each).length]),
    ),
  };
}

/** What the setting `onConflict` leaves as the global has it; the secrets of an authority follow their mesh. */
export function leftToGlobal(onConflict: OnConflict): (key: string) => boolean {
  return (key) => {
    const { type, mesh, name } = parseKey(key);
    const ofMesh = type === "Mesh" ? name : mesh;
    return (
      choiceFor({ type, mesh, name }, onConflict) === "keepGlobal" ||
      (ofMesh !== undefined && authorityChoice(ofMesh, onConflict) === "keepGlobal")
    );
  };
}
