import * as fs from "node:fs";
import * as path from "node:path";
import { KumaError } from "./errors";
import { readResources } from "./files";
import { Resource, isSecret, keyOf } from "./resource";

/** The policies of a directory, for every version of a control plane. */
export type VersionedPolicies = readonly { readonly policy: Resource; readonly isFor: VersionRange }[];

/** From `since` on, and below `before`. */
interface VersionRange {
  readonly since?: MinorVersion;
  readonly before?: MinorVersion;
}

type MinorVersion = readonly [major: number, minor: number];

/**
 * Reads a directory of policies: the YAML files in it are for every version, those in a directory within it that is
 * called `since-2.10` or `before-2.10` for control planes from that version on or below it. Other directories are passed
 * over. Reads all versions' files, so that a mistake shows before the version is known.
 *
 * @throws KumaError "invalid" where something cannot be read. `setting` names the directory's setting in the message.
 */
export function readPolicies(directory: string, setting: string): VersionedPolicies {
  const always = readResources(directory, setting).map((policy) => ({ policy, isFor: {} }));
  const more = subdirectories(directory).flatMap((name) => {
    const isFor = rangeNamed(name, directory);
    return isFor
      ? readResources(path.join(directory, name), setting).map((policy) => ({ policy, isFor }))
      : [];
  });
  const policies = [...always, ...more];
  for (const { policy } of policies) {
    if (!isSecret(policy)) continue;
    throw new KumaError(
      "invalid",
      `The directory ${directory} of the setting ${setting} holds ${keyOf(policy)}. What stands there is kept in the stack's state in clear, so secrets are refused. Write it to the global with kumactl.`,
    );
  }
  return policies;
}

/**
 * The policies that are for a control plane of this version, such as "2.14.3". A build that tells none (as previews do,
 * which call themselves 0.0.0) counts as the newest.
 */
export function policiesFor(policies: VersionedPolicies, version: string): Resource[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version)?.map(Number) ?? [];
  const isKnown = major > 0;
  return policies
    .filter(({ isFor: { since, before } }) => {
      if (!isKnown) return before === undefined;
      const atLeast = (bound: MinorVersion) => major > bound[0] || (major === bound[0] && minor >= bound[1]);
      return (since === undefined || atLeast(since)) && (before === undefined || !atLeast(before));
    })
    .map(({ policy }) => policy);
}

function subdirectories(directory: string): string[] {
  const entries = fs.readdirSync(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function rangeNamed(name: string, directory: string): VersionRange | undefined {
  if (!/^(since|before)(?![a-z])/.test(name)) return undefined;
  const [, bound, major, minor] = /^(since|before)-(\d+)\.(\d+)$/.exec(name) ?? [];
  if (bound) return { [bound]: [Number(major), Number(minor)] };
  throw new KumaError(
    "invalid",
    `${path.join(directory, name)} does not tell which versions its policies are for; call it like since-2.10 or before-2.10.`,
  );
}
