import type { Rule } from "../rule";
import { AUTHORITIES } from "./authorities";
import { COMPUTED } from "./computed";
import { LABELS } from "./labels";
import { NAMES } from "./names";
import { PEOPLE } from "./people";
import { WORKLOADS } from "./workloads";

/** The table: whatever may differ in a zone, each with the reason. Printed in docs/ledger.md. */
export const RULES: readonly Rule[] = [
  ...NAMES,
  ...LABELS,
  ...AUTHORITIES,
  ...COMPUTED,
  ...WORKLOADS,
  ...PEOPLE,
];
