import { createCipheriv, createDecipheriv, scryptSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { freePortBase } from "../../support/ports";
import { ROOT, Sandbox, filesBelow } from "../support";

/**
 * A stack as a released version has left it: the engine's state (`state.json`, its secrets encrypted by the engine), and the
 * files of its control planes and its settings (`files`, encrypted as a whole, since they hold keys). What is of the machine
 * it was made on has a name in it.
 */
export const FIXTURES = path.join(__dirname, "versions");
export const STACK = "kept";
/** Opens nothing but the fixtures. */
export const PASSPHRASE = "of the fixtures";

/** Stand for the port bases of the global and of the zone: no ports, so that no other number is one of theirs. */
const BASES = [90_000, 91_000];
const PORTS_OF_A_BASE = 100;

type Files = Record<string, string>;

/** Names for what a fixture has of the machine. */
function namesOf(sandbox: Sandbox): [string, string][] {
  return [
    [sandbox.directory, "/of-the-test"],
    [ROOT, "/of-the-program"],
    [process.execPath, "/of-node"],
  ];
}

/** Keeps a stack of a sandbox whose control planes have ended. `bases` are its port bases. */
export function keep(sandbox: Sandbox, version: string, bases: readonly number[]): void {
  const named = (text: string) =>
    namesOf(sandbox).reduce(
      (all, [given, name]) => all.replaceAll(given, name),
      otherPorts(text, bases, BASES),
    );
  const directory = path.join(FIXTURES, version);
  fs.mkdirSync(directory, { recursive: true });
  const checkpoint = checkpointOf(sandbox);
  const state = JSON.parse(fs.readFileSync(checkpoint, "utf8")) as object;
  fs.writeFileSync(
    path.join(directory, "state.json"),
    `${named(JSON.stringify(state, withoutSources, 1))}\n`,
  );
  const isKept = (file: string) => !/^state\/backend\/|\.log$|\/pid$/.test(file);
  const files = filesBelow(sandbox.directory)
    .map((file) => path.relative(sandbox.directory, file))
    .filter(isKept)
    .map((file) => [file, named(fs.readFileSync(path.join(sandbox.directory, file), "utf8"))]);
  fs.writeFileSync(path.join(directory, "files"), sealed(Object.fromEntries(files) as Files));
}

/** Puts a stack that was kept into a sandbox, on free ports. */
export async function restore(sandbox: Sandbox, version: string): Promise<void> {
  const bases = [await freePortBase(), await freePortBase()];
  const given = (text: string) =>
    namesOf(sandbox).reduce(
      (all, [value, name]) => all.replaceAll(name, value),
      otherPorts(text, BASES, bases),
    );
  const directory = path.join(FIXTURES, version);
  const write = (file: string, text: string) => {
    const to = path.join(sandbox.directory, file);
    fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
    fs.writeFileSync(to, given(text), { mode: 0o600 });
  };
  const files = opened(fs.readFileSync(path.join(directory, "files")));
  for (const [file, text] of Object.entries(files)) write(file, text);
  write(
    `state/backend/.pulumi/stacks/kuma-federation/${STACK}.json`,
    fs.readFileSync(path.join(directory, "state.json"), "utf8"),
  );
  write("state/backend/.pulumi/meta.yaml", "version: 1\n");
}

/** URNs and types of the resources of a stack, in its order. */
export function resourcesOf(sandbox: Sandbox): Record<string, unknown>[] {
  const { checkpoint } = JSON.parse(fs.readFileSync(checkpointOf(sandbox), "utf8")) as {
    checkpoint: { latest: { resources?: Record<string, unknown>[] } };
  };
  return checkpoint.latest.resources ?? [];
}

function checkpointOf(sandbox: Sandbox): string {
  return path.join(sandbox.state, `backend/.pulumi/stacks/kuma-federation/${STACK}.json`);
}

/** Where a resource stands in the program, which is told for messages alone (engine 3.246). */
function withoutSources(key: string, value: unknown): unknown {
  return key === "sourcePosition" || key === "stackTrace" ? undefined : value;
}

function otherPorts(text: string, from: readonly number[], to: readonly number[]): string {
  return text.replace(/\b\d{5}\b/g, (digits) => {
    const port = Number(digits);
    const at = from.findIndex((base) => port >= base && port < base + PORTS_OF_A_BASE);
    return at < 0 ? digits : String(to[at] + port - from[at]);
  });
}

const CIPHER = "aes-256-gcm";
const SALT = "kuma-federation fixtures";
const IV_BYTES = 12;
const TAG_BYTES = 16;

function sealed(files: Files): Buffer {
  // the key serves for this text alone, and hides nothing from who has the passphrase above: it keeps keys from being taken for ones in use
  const iv = Buffer.alloc(IV_BYTES);
  const cipher = createCipheriv(CIPHER, scryptSync(PASSPHRASE, SALT, 32), iv);
  const body = Buffer.concat([cipher.update(gzipSync(JSON.stringify(files))), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

function opened(content: Buffer): Files {
  const [iv, tag] = [content.subarray(0, IV_BYTES), content.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)];
  const decipher = createDecipheriv(CIPHER, scryptSync(PASSPHRASE, SALT, 32), iv).setAuthTag(tag);
  const packed = Buffer.concat([decipher.update(content.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  return JSON.parse(gunzipSync(packed).toString("utf8")) as Files;
}
