import { createHash } from "node:crypto";
import { KumaError } from "../../../kuma";

/** A host's key as it is sent: the name of its algorithm comes first, with its length (RFC 4253, 6.6). */
export function algorithmOf(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return key.subarray(4, 4 + Math.min(length, 64)).toString("latin1");
}

/** As `ssh-keygen -l` shows it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** Lines of a public key, of known_hosts, or fingerprints: each of those that the host may show. */
function expectedKeys(setting: string): string[] {
  return setting
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/).find((word) => /^(SHA256:|AAAA)/.test(word)) ?? line);
}

export function isExpected(key: Buffer, setting: string): boolean {
  const shown = [key.toString("base64"), fingerprintOf(key)].map(unpadded);
  return expectedKeys(setting).some((expected) => shown.includes(unpadded(expected)));
}

const unpadded = (word: string) => word.replace(/=+$/, "");

/** The algorithms of the keys in a setting: a host has several keys, and shows one of those that are asked for. */
export function algorithmsIn(setting: string): string[] {
  const names = expectedKeys(setting)
    .filter((word) => word.startsWith("AAAA"))
    .map((word) => algorithmOf(Buffer.from(word, "base64")));
  // a key of this kind signs with either of these (RFC 8332)
  return names.flatMap((name) => (name === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [name]));
}

/** What to say of a host whose key is not the one of the setting `name`. */
export function wrongKey(title: string, key: Buffer, setting: string | undefined, name: string): KumaError {
  const shown = `${algorithmOf(key)} ${fingerprintOf(key)}`;
  return new KumaError(
    "invalid",
    setting === undefined
      ? `The setting ${name} of ${title} is not set, so nobody can tell whether it is the right host. It shows the key ${shown}. ` +
          `Nothing was changed. Compare that with ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub on the host itself, and set ${name} to ` +
          `"${algorithmOf(key)} ${key.toString("base64")}".`
      : `The key of ${title} is not the one in the setting ${name}: it shows ${shown}. Nothing was changed, and nothing was sent to it. ` +
          `Either somebody stands between, or the host was made anew: compare it on the host itself, and correct ${name} only then.`,
  );
}
