import * as pulumi from "@pulumi/pulumi";
import type { OnConflict as Resolved } from "../../kuma";
import type { OnConflict } from "./choices";
import { otherwise } from "./otherwise";

/** What is done about some resources that the global has with other content. */
export interface ConflictRule {
  /** Matched with a resource's name, `Type mesh/name` or `Type name`; `*` stands for any text. */
  resources: pulumi.Input<string>;
  /** What is done about them. */
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
export function onConflictOf({ onConflict, conflictRules }: Choices): pulumi.Input<Resolved> {
  const choice = otherwise<Resolved>(onConflict, "fail");
  return conflictRules === undefined ? choice : otherwise<Resolved>(pulumi.output(conflictRules), choice);
}
