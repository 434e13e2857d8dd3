import { KumaError } from "../../../kuma";
import { Host, output, reasonOf } from "./host";

/** Larger than anything that is read: a configuration, what a zone owns. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The texts of files, in their order; undefined for one that is not there. One look for all of them. */
export async function readFiles(host: Host, paths: readonly string[]): Promise<(string | undefined)[]> {
  if (paths.length === 0) return [];
  // a line for each: "-" where there is none, and its content in base64 otherwise
  const script = `for f; do if [ -e "$f" ]; then head -c ${MOST_BYTES} -- "$f" | base64 -w0 || exit 1; echo; else echo -; fi; done`;
  const text = await output(host, ["sh", "-c", script, "sh", ...paths], `read ${paths.join(", ")}`, {
    asRoot: true,
  });
  return text
    .split("\n")
    .slice(0, paths.length)
    .map((line) => (line === "-" ? undefined : Buffer.from(line, "base64").toString("utf8")));
}

export async function readFile(host: Host, path: string): Promise<string | undefined> {
  return (await readFiles(host, [path]))[0];
}

export interface Ownership {
  /** For example 0o600, which is the default. */
  mode?: number;
  /** `user` or `user:group`. Default root. */
  owner?: string;
}

/**
 * Written aside, looked at, and put in place: a connection that breaks in the middle looks like the end of a file to the
 * program that reads it, so the number of bytes is compared.
 */
const WRITE = `
set -e
umask 077
new="$1.new"
trap 'rm -f -- "$new"' EXIT
cat > "$new"
[ "$(wc -c < "$new")" -eq "$4" ] || { echo "the connection broke in the middle" >&2; exit 1; }
chown -- "$3" "$new"
chmod -- "$2" "$new"
sync -- "$new"
mv -fT -- "$new" "$1"
`;

/** Writes a file whole or not at all. Its directory is made where it is missing, for root only to write in. */
export async function writeFile(
  host: Host,
  path: string,
  content: string,
  { mode = 0o600, owner = "root:root" }: Ownership = {},
): Promise<void> {
  const directory = path.slice(0, path.lastIndexOf("/"));
  // the mode of one that is there is its owner's
  const script = `[ -d "$5" ] || install -d -m 755 -- "$5"\n${WRITE}`;
  const args = [path, mode.toString(8), owner, String(Buffer.byteLength(content)), directory];
  const ran = await host.run(["sh", "-c", script, "sh", ...args], {
    stdin: content,
    asRoot: true,
    changes: true,
    timeoutMs: 120_000,
  });
  if (ran.status === 0) return;
  const isFull = /No space left|Disk quota/.test(ran.stderr);
  throw new KumaError(
    "refused",
    `${path} could not be written on ${host.title}: ${isFull ? "its disk is full" : reasonOf(ran)}. The file is as it was.` +
      (isFull ? " Make room there, and run it again." : ""),
  );
}

/**
 * Removes files and directories with all that is in them, and then directories that were made for them where nothing else is in
 * those; what is not there counts as removed. By one command: what a broken connection would leave between two of them nobody
 * would look for again.
 */
export async function remove(
  host: Host,
  paths: readonly string[],
  directories: readonly string[] = [],
): Promise<void> {
  const script = `
n=$1; shift
while [ "$n" -gt 0 ]; do rm -rf -- "$1" || exit 1; shift; n=$((n - 1)); done
for d; do rmdir -- "$d" 2>/dev/null; done
exit 0`;
  const args = ["sh", String(paths.length), ...paths, ...directories];
  await output(host, ["sh", "-c", script, ...args], `remove ${paths.join(", ")}`, {
    asRoot: true,
    changes: true,
  });
}
