import * as fs from "node:fs";
import * as path from "node:path";
import { quoted } from "../api/answers";
import { KumaError } from "../errors";
import { enumerated } from "../lists";
import { isName, isTypeName } from "../resource/names";
import { Resource, keyOf } from "../resource/resource";
import { Unreadable, readYaml } from "./yaml";

/** A resource, and the file and document that it stands in. */
export interface FoundResource {
  readonly resource: Resource;
  /** For messages: `policies/all.yaml, document 2`. */
  readonly place: string;
}

/** Every resource in the files of a directory, in the order of the files' names. See `readDirectory`. */
export function readResources(directory: string, setting: string): Resource[] {
  return readEachOnce(directory, setting).map(({ resource }) => resource);
}

/** The files with what a zone holds at first. */
export function readContent(directory: string, zone: string): FoundResource[] {
  return readEachOnce(directory, `content of zone ${zone}`);
}

function readEachOnce(directory: string, setting: string): FoundResource[] {
  const { found } = readDirectory(directory, setting);
  assertEachOnce(found);
  return found;
}

/**
 * Reads a directory as `kumactl apply -f` does: files whose names end in .yaml, .yml or .json, whatever their case, and no
 * directories within it. `setting` is the setting that named the directory, for messages.
 *
 * @returns also the names of what was not read, with the reason; not those of hidden files
 * @throws KumaError "invalid" where something cannot be read
 */
export function readDirectory(
  directory: string,
  setting: string,
): { found: FoundResource[]; notRead: string[] } {
  const notRead: string[] = [];
  const found = namesIn(directory, setting).flatMap((name) => {
    const file = path.join(directory, name);
    const isNamedSo = /\.(ya?ml|json)$/i.test(name);
    const why = whyNoFile(file);
    if (isNamedSo && why === undefined) return documentsOf(file);
    if (isNamedSo || !name.startsWith(".")) notRead.push(why === undefined ? name : `${name} (${why})`);
    return [];
  });
  return { found, notRead };
}

/** A sentence, or none where everything was read. */
export function describeNotRead(directory: string, setting: string, notRead: readonly string[]): string[] {
  if (notRead.length === 0) return [];
  return [
    `Not read in ${directory}, the directory of the setting ${setting}: ${enumerated(notRead)}. Files that end in .yaml, .yml or .json are read.`,
  ];
}

/**
 * Fails where one resource stands in two places, as either could win. What names no mesh is in the default one, as with
 * kumactl. `meet` tells whether both count at the same time.
 */
export function assertEachOnce<T extends FoundResource>(
  found: readonly T[],
  meet: (one: T, other: T) => boolean = () => true,
): void {
  const byKey = new Map<string, T[]>();
  for (const each of found) {
    const { type, name, mesh = "default" } = each.resource;
    const key = keyOf({ type, name, mesh });
    const before = byKey.get(key) ?? [];
    const other = before.find((one) => meet(one, each));
    if (other) {
      throw new KumaError(
        "invalid",
        `${keyOf(each.resource)} stands in two places: ${other.place}, and ${each.place}. Nothing was changed. Leave one of them; what names no mesh is in the mesh default.`,
      );
    }
    byKey.set(key, [...before, each]);
  }
}

function namesIn(directory: string, setting: string): string[] {
  try {
    return fs.readdirSync(directory).sort();
  } catch (error) {
    throw new KumaError(
      "invalid",
      `The setting ${setting} names ${directory}, which cannot be read: ${reasonOf(error)}.`,
    );
  }
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such directory",
  ENOTDIR: "it is not a directory",
  EACCES: "this user may not read it",
};

function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

/** Why a name is none of a file. What is no regular file, such as a named pipe, would be waited for without end. */
function whyNoFile(file: string): string | undefined {
  if (isDirectory(file)) return "a directory";
  const stat = statOf(file);
  if (stat === undefined) return "a link that leads nowhere";
  return stat.isFile() ? undefined : "not a regular file";
}

export function isDirectory(place: string): boolean {
  return statOf(place)?.isDirectory() ?? false;
}

function statOf(place: string): fs.Stats | undefined {
  try {
    return fs.statSync(place);
  } catch {
    return undefined;
  }
}

function documentsOf(file: string): FoundResource[] {
  return parse(file).flatMap((document, at) => {
    if (document === null) return [];
    const place = `${file}, document ${at + 1}`;
    return [{ resource: asResource(document, place), place }];
  });
}

/** A document as a resource. Fails where it cannot be one of Kuma's; `place` is where it stands, for the message. */
export function asResource(document: unknown, place: string): Resource {
  const { type, name, mesh } = (document ?? {}) as Partial<Resource>;
  if (typeof type !== "string" || typeof name !== "string") {
    const [field, value] = typeof type !== "string" ? ["type", type] : ["name", name];
    const why = value === undefined ? "is missing" : "is not a text; put it in quotes";
    throw new KumaError(
      "invalid",
      `${place}: the ${field} ${why}. Nothing was changed. Resources in Kuma's universal form are expected there.`,
    );
  }
  if (isTypeName(type) && isName(name) && (mesh === undefined || isName(mesh))) return document as Resource;
  throw new KumaError(
    "invalid",
    `${place} holds a resource that cannot be one of Kuma's: type ${quoted(type)}, name ${quoted(name)}, mesh ${quoted(mesh)}. Nothing was changed. ` +
      `Names hold lower-case letters, digits, dots, dashes and underscores.`,
  );
}

function parse(file: string): unknown[] {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new KumaError("invalid", `${file} cannot be read: ${reasonOf(error)}. Nothing was changed.`);
  }
  try {
    return readYaml(bytes);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { document, line, reason } = error;
    const where = [file, document && `document ${document}`, line && `line ${line}`].filter(Boolean);
    throw new KumaError(
      "invalid",
      `${where.join(", ")}: this is not YAML or JSON that Kuma could be given, because ${reason}. Nothing was changed.`,
    );
  }
}
