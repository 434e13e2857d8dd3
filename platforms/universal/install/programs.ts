import * as fs from "node:fs";
import { KumaError } from "../../../kuma";
import { ToolchainError } from "../../../toolchain/errors";
import { KUMA_RELEASE } from "../../../toolchain/kumaCp/kumaRelease";
import { type NamedArchive, kumaArchive } from "../../../toolchain/kumaCp/kumaArchive";
import { Host, output, reasonOf } from "../hosts/host";
import { PROGRAMS, UPLOAD } from "./places";

const UNPACK_MS = 10 * 60_000;

/** Where the programs of an archive lie on a host. */
export function programsOf(archive: NamedArchive | undefined): string {
  return `${PROGRAMS}/${archive ? `sha256-${archive.sha256.toLowerCase().slice(0, 16)}` : `kuma-${KUMA_RELEASE}`}`;
}

/**
 * Where an archive comes to: for the user who logs in, in a directory that only root can replace. What a run that was killed
 * has left there goes with the next one.
 */
const MAKE_ROOM = `
set -e
umask 022
rm -rf -- "$1"
mkdir -p -- "\${1%/*}"
install -d -m 700 -o "\${SUDO_UID:-0}" -- "$1"
`;

/**
 * The digest is looked at once more where the archive has come to. What is there is whole, or not there, and may be run by the
 * unit's user, also where the archive was packed by somebody who keeps files to himself.
 */
const UNPACK = `
set -e
umask 022
trap 'rm -rf -- "$1" "$2.new"' EXIT
archive=$1/archive
[ "$("$4" < "$archive" | cut -d ' ' -f 1)" = "$3" ] || { echo "the archive has come there with another digest" >&2; exit 1; }
rm -rf -- "$2.new"
mkdir -p -- "$2.new"
tar -xf "$archive" -C "$2.new" --no-same-owner --strip-components=1
chmod -R a+rX -- "$2.new"
[ -f "$2.new/bin/kuma-cp" ] || { echo "the archive holds no <directory>/bin/kuma-cp" >&2; exit 1; }
"$2.new/bin/kuma-cp" version > /dev/null || { echo "its kuma-cp does not run there" >&2; exit 1; }
sync -f -- "$2.new"
rm -rf -- "$2"
mv -T -- "$2.new" "$2"
`;

/** Brings the programs of an archive to a host that has not got them, over SFTP. `arch` is the host's, as Node calls it. */
export async function bringPrograms(
  host: Host,
  archive: NamedArchive | undefined,
  arch: string,
): Promise<void> {
  const { file, checksum } = await ofThisMachine(archive, arch, host);
  const size = Math.round(fs.statSync(file).size / 1e6);
  console.log(`${host.title}: Kuma's programs are brought there, ${size} MB`);
  await output(host, ["sh", "-c", MAKE_ROOM, "sh", UPLOAD], "make room for Kuma's programs", {
    asRoot: true,
    changes: true,
  });
  await host.upload(file, `${UPLOAD}/archive`);
  const args = [UPLOAD, programsOf(archive), checksum.hex, `${checksum.algorithm}sum`];
  const ran = await host.run(["sh", "-c", UNPACK, "sh", ...args], {
    asRoot: true,
    changes: true,
    timeoutMs: UNPACK_MS,
  });
  if (ran.status === 0) return;
  const isFull = /No space left|Disk quota/.test(ran.stderr);
  throw new KumaError(
    "refused",
    `Kuma's programs could not be put into ${programsOf(archive)} on ${host.title}: ${isFull ? "its disk is full" : reasonOf(ran)}. ` +
      `Nothing of them was left there. ${isFull ? "Make room there" : "Look at the setting install.archive"}, and run it again.`,
  );
}

async function ofThisMachine(archive: NamedArchive | undefined, arch: string, host: Host) {
  const context = { env: process.env, log: (line: string) => console.log(line), terminal: process.stderr };
  try {
    return await kumaArchive(archive, arch, context);
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    throw new KumaError(
      "unreachable",
      `The archive of Kuma's programs for ${host.title} cannot be used: ${error.message}. Nothing was changed there. ` +
        `${archive ? "Correct the settings install.archive and install.sha256" : "Name one on this machine with the settings install.archive and install.sha256"}, and run it again.`,
    );
  }
}
