import { toJsonSchema } from "@valibot/to-json-schema";
import { STACK } from "../schema/stack";

const PREFIX = "kuma-federation:";

/** Of a stack's file, for editors. It knows what each setting is, and not what they must be to each other. */
export function jsonSchema(): object {
  const { properties = {} } = toJsonSchema(STACK, {
    typeMode: "input",
    // checks of more than one setting have no place in it
    errorMode: "ignore",
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type !== "nullish") return undefined;
      // that a setting may be left empty is nothing to propose
      const [{ ...wrapped }] = jsonSchema.anyOf as [object];
      const { default: otherwise } = jsonSchema;
      return otherwise === undefined || typeof otherwise === "object"
        ? wrapped
        : { ...wrapped, default: otherwise };
    },
    overrideAction: ({ valibotAction, jsonSchema }) => {
      if (valibotAction.type !== "metadata") return undefined;
      const { more, ...schema } = jsonSchema as { more?: string; description?: string };
      return more === undefined ? schema : { ...schema, description: `${schema.description} (${more})` };
    },
  });
  const names = Object.keys(properties);
  const eitherName = (name: string) => ({
    anyOf: [{ required: [PREFIX + name] }, { required: [name] }],
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A stack of kuma-federation",
    type: "object",
    required: ["config"],
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(
          names.flatMap((name) =>
            [PREFIX + name, name].map((key) => [key, { $ref: `#/definitions/${name}` }]),
          ),
        ),
        patternProperties: { [`^(${PREFIX})?(?!(${names.join("|")})$)[^:]*$`]: false },
        allOf: ["global", "zones"].map(eitherName),
      },
    },
    definitions: properties,
  };
}
