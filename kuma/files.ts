import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { KumaError } from "./errors";
import { Resource } from "./resource";

/** Every resource in the YAML files of a directory, in the order of the files' names. */
export function readResources(directory: string): Resource[] {
  const files = fs.readdirSync(directory).filter((name) => /\.ya?ml$/.test(name));
  return files.sort().flatMap((name) => {
    const file = path.join(directory, name);
    const documents = yaml.loadAll(fs.readFileSync(file, "utf8"), undefined, { filename: file });
    return documents
      .filter((document) => document !== undefined && document !== null)
      .map((document) => {
        const { type, name: resourceName } = document as Partial<Resource>;
        if (typeof type !== "string" || typeof resourceName !== "string") {
          throw new KumaError(
            "invalid",
            `${file} holds a document without type and name; resources in Kuma's universal form are expected there.`,
          );
        }
        return document as Resource;
      });
  });
}
