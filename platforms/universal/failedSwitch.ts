/** What becomes of a zone that was switched and cannot be a member of its global. */
export const ON_FAILED_SWITCH = ["takeBack", "leave"] as const;
export type OnFailedSwitch = (typeof ON_FAILED_SWITCH)[number];
