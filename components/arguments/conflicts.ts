import * as pulumi from "@pulumi/pulumi";
import type { OnConflict } from "./choices";

/** What is done about some resources that the global has with other content. */
export interface ConflictRule {
  /** Matched with a resource's name, `Type mesh/name` or `Type name`; `*` stands for any text. */
  resources: pulumi.Input<string>;
  choice: pulumi.Input<OnConflict>;
  /**
   * In a rule that names a mesh (`Mesh default`): its mTLS may end by the choice.
   *
   * @default false
   */
  endsMtls?: pulumi.Input<boolean>;
}

interface Choices {
  onConflict?: pulumi.Input<OnConflict>;
  conflictRules?: pulumi.Input<pulumi.Input<ConflictRule>[]>;
}

/** What is to be done about conflicts, as the resources take it: one choice for everything, or rules. */
export function onConflictOf({ onConflict = "fail", conflictRules }: Choices) {
  return conflictRules === undefined ? onConflict : pulumi.output(conflictRules);
}
