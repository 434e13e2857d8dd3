import * as v from "valibot";
import { ON_CONFLICT } from "../../kuma/federation/conflicts";
import { whatItMustBe, choice } from "./fields";

/** Types and mesh names hold neither spaces nor slashes. */
const PATTERN = /^(\*|[A-Za-z*]+ [^\s/]+(\/\S+)?)$/;
const SUCH_AS = `a pattern such as "MeshTimeout default/*", "Mesh default" or "*"`;
const OF_MESHES = `true or false, in a rule that names a mesh, such as "Mesh default"`;
const IS_RULE = "a rule with resources and choice, and for a mesh endsMtls, and nothing else";

const ENTRIES = {
  resources: v.pipe(v.string(SUCH_AS), v.regex(PATTERN, SUCH_AS)),
  choice: choice(ON_CONFLICT),
  endsMtls: v.optional(v.boolean(OF_MESHES)),
};

const RULE = v.pipe(
  v.strictObject(ENTRIES, ({ path, expected }) => {
    const [at] = path ?? [];
    if (at === undefined) return IS_RULE;
    if (expected !== "never") return whatItMustBe(ENTRIES[at.key as keyof typeof ENTRIES]);
    return `The setting {parent} is ${JSON.stringify(at.input)}; it must be ${IS_RULE}.`;
  }),
  v.forward(
    v.partialCheck(
      [["resources"], ["endsMtls"]],
      ({ resources, endsMtls }) => endsMtls === undefined || /^Mesh [^*]+$/.test(resources),
      OF_MESHES,
    ),
    ["endsMtls"],
  ),
);

/** One choice for everything, or rules of which the first that fits decides. */
export const ON_CONFLICT_SETTING = v.union(
  [choice(ON_CONFLICT), v.array(RULE)],
  `one of ${ON_CONFLICT.join(", ")}, or a list of rules`,
);
