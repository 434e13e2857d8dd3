import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { quoted } from "./answers";
import { KumaError } from "./errors";
import { isName, isTypeName } from "./names";
import { Resource } from "./resource";

/**
 * Every resource in the YAML files of a directory, in the order of the files' names. `setting` is the setting that named
 * the directory, for messages.
 */
export function readResources(directory: string, setting: string): Resource[] {
  return listYaml(directory, setting).flatMap((file) =>
    parse(file).map((document) => {
      const { type, name, mesh } = (document ?? {}) as Partial<Resource>;
      if (typeof type !== "string" || typeof name !== "string") {
        throw new KumaError(
          "invalid",
          `${file} holds a document without type and name; resources in Kuma's universal form are expected there.`,
        );
      }
      if (isTypeName(type) && isName(name) && (mesh === undefined || isName(mesh)))
        return document as Resource;
      throw new KumaError(
        "invalid",
        `${file} holds a resource that cannot be one of Kuma's: type ${quoted(type)}, name ${quoted(name)}, mesh ${quoted(mesh)}. Nothing was changed. ` +
          `Names hold lower-case letters, digits, dots, dashes and underscores.`,
      );
    }),
  );
}

function listYaml(directory: string, setting: string): string[] {
  try {
    const names = fs.readdirSync(directory).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().map((name) => path.join(directory, name));
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? "there is no such directory"
        : (error as Error).message;
    throw new KumaError(
      "invalid",
      `The setting ${setting} names ${directory}, which cannot be read: ${why}.`,
    );
  }
}

function parse(file: string): unknown[] {
  try {
    const documents = yaml.loadAll(fs.readFileSync(file, "utf8"));
    return documents.filter((document) => document !== undefined && document !== null);
  } catch (error) {
    if (!(error instanceof yaml.YAMLException)) throw error;
    // the message of the library quotes the file, which may hold a secret
    throw new KumaError(
      "invalid",
      `${file} is not YAML: ${error.reason} in line ${(error.mark?.line ?? 0) + 1}.`,
    );
  }
}
