import { ofOneRun } from "../provider/oneRun";

/** Names, with commas between, of the zones that are members by what the stack's file says now. The commands of this program say it. */
export const MEMBERS_VARIABLE = "KUMA_FEDERATION_MEMBERS";

/** Members that the program has, as far as the engine has asked for them: it deletes nothing for good before it has asked for all. */
const noted = ofOneRun(new Set<string>());

/** Notes a zone that the program has as a member. Under Pulumi's own commands nothing else tells. */
export function noteMember(zoneName: string): void {
  noted.add(zoneName);
}

/** Undefined where nothing tells, as in a `pulumi destroy`, for which no program runs. */
function isMemberNow(zoneName: string): boolean | undefined {
  const names = process.env[MEMBERS_VARIABLE]?.split(",");
  if (names) return names.includes(zoneName);
  return noted.size > 0 ? noted.has(zoneName) : undefined;
}

/** Whether a zone leaves its global in the same run, so that its Zone goes; false where that is not known. */
export function leavesNow(zoneName: string): boolean {
  return isMemberNow(zoneName) === false;
}

/** Whether a zone of the stack is to be a member after the same run; false where that is not known. */
export function staysNow(zoneName: string): boolean {
  return isMemberNow(zoneName) === true;
}
