import { KumaError, KumaErrorCode, isKumaError } from "../kuma/errors";

/** What becomes of a zone that was switched and cannot be a member of its global. */
export const ON_FAILED_SWITCH = ["takeBack", "leave"] as const;
export type OnFailedSwitch = (typeof ON_FAILED_SWITCH)[number];

/** Errors that tell of the zone, and not of the way to it. */
const TELLING: readonly KumaErrorCode[] = ["gate", "refused", "incomplete", "invalid", "conflict"];

export function tellsOfZone({ code }: KumaError): boolean {
  return TELLING.includes(code);
}

export interface FailedSwitch {
  zoneName: string;
  onFailedSwitch: OnFailedSwitch;
  /** Errors in the log of the zone's control plane since it was switched. */
  said: readonly string[];
  /** Where the zone is left as it is: what that means for its data plane proxies, one sentence. */
  held?: string;
  /** Has the zone run alone again. */
  takeBack: () => Promise<void>;
}

/** A zone that is switched and cannot be a member is not left so, unless the stack asks for that. Gives the error to throw. */
export async function afterFailedSwitch(
  { code, message }: KumaError,
  { zoneName, onFailedSwitch, said, held, takeBack }: FailedSwitch,
): Promise<KumaError> {
  const failed = `${message}${told(said.filter((line) => !message.includes(line)))}`;
  if (onFailedSwitch === "leave") {
    return new KumaError(
      code,
      `${failed} Zone ${zoneName} was left as it is, as onFailedSwitch says.${held === undefined ? "" : ` ${held}`} ` +
        `Run it again once the cause is fixed, or set federated: false to take the zone back.`,
    );
  }
  try {
    await takeBack();
  } catch (next) {
    if (!isKumaError(next)) throw next;
    return new KumaError(
      code,
      `${failed} Zone ${zoneName} was to be taken back, and that failed as well: ${next.message} Run it again: it goes on where it ended.`,
    );
  }
  return new KumaError(
    code,
    `${failed} Zone ${zoneName} was taken back: it runs alone again, with all that it had. What was carried stays on the global. ` +
      `Mend the cause and run it again; with onFailedSwitch: leave the zone stays as it is for a look.`,
  );
}

/** The errors of a zone's control plane, to stand behind the sentence that says what failed. */
export function told(said: readonly string[]): string {
  const lines = said.map((line) => `\n    ${line}`);
  return lines.length === 0 ? "" : ` The zone's control plane says:${lines.join("")}\n`;
}
