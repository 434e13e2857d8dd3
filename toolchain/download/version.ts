/** The numbers of a version, as in `3.246.0`. */
export type Version = readonly [major: number, minor: number, patch: number];

/**
 * Reads the first version in a text. A leading `v` and anything after the numbers (`-alpha.1`, `+dirty`) are
 * let go: a pre-release counts as the release that it leads to. Undefined where the text has no version.
 */
export function parseVersion(text: string): Version | undefined {
  const match = /(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** True when `version` is `least` or newer. */
export function atLeast(version: Version, least: Version): boolean {
  for (let i = 0; i < least.length; i++) {
    if (version[i] !== least[i]) {
      return version[i] > least[i];
    }
  }
  return true;
}

/** The usual notation, without a leading `v`. */
export function formatVersion(version: Version): string {
  return version.join(".");
}
