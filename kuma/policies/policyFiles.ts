import * as fs from "node:fs";
import * as path from "node:path";
import { KumaError } from "../errors";
import {
  FoundResource,
  asResource,
  assertEachOnce,
  describeNotRead,
  isDirectory,
  readDirectory,
} from "./files";
import { Resource, isSecret, keyOf } from "../resource/resource";

/** A policy for some versions of a control plane, and where it stands. */
export interface VersionedPolicy {
  readonly policy: Resource;
  readonly isFor: VersionRange;
  /** For messages: file and document. */
  readonly place: string;
}

/** The policies of a directory, for every version of a control plane. */
export type VersionedPolicies = readonly VersionedPolicy[];

/** From `since` on, and below `before`. */
interface VersionRange {
  readonly since?: MinorVersion;
  readonly before?: MinorVersion;
}

interface Ranged {
  readonly isFor: VersionRange;
}

type MinorVersion = readonly [major: number, minor: number];

/**
 * Reads a directory of policies: the files in it are for every version, those in a directory within it that is called
 * `since-2.10` or `before-2.10` for control planes from that version on or below it. Reads all versions' files, so that a
 * mistake shows before the version is known.
 *
 * @throws KumaError "invalid" where something cannot be read. `setting` names the directory's setting in the message.
 */
export function readPolicies(directory: string, setting: string): VersionedPolicies {
  return readPolicyFiles(directory, setting).policies;
}

/** As `readPolicies`, with a sentence for each directory in which something was not read. */
export function readPolicyFiles(
  directory: string,
  setting: string,
): { policies: VersionedPolicies; notes: string[] } {
  const always = readDirectory(directory, setting);
  const versions = subdirectories(directory).flatMap((name) => {
    const isFor = rangeNamed(name, directory);
    if (!isFor) return [];
    const inner = path.join(directory, name);
    return [{ name, inner, isFor, ...readDirectory(inner, setting) }];
  });
  const found = [
    ...always.found.map((each) => ({ ...each, isFor: {} })),
    ...versions.flatMap(({ isFor, found }) => found.map((each) => ({ ...each, isFor }))),
  ];
  assertEachOnce(found, overlap);
  assertNoSecret(found, ` in a directory of the setting ${setting}`);
  const isVersion = (told: string) => versions.some(({ name }) => told.startsWith(`${name} (`));
  return {
    policies: found.map(({ resource, isFor, place }) => ({ policy: resource, isFor, place })),
    notes: [
      ...describeNotRead(
        directory,
        setting,
        always.notRead.filter((told) => !isVersion(told)),
      ),
      ...versions.flatMap(({ inner, notRead }) => describeNotRead(inner, setting, notRead)),
    ],
  };
}

/**
 * Policies that a program gives as they are, for every version of a control plane.
 *
 * @throws KumaError "invalid" where one is none, is a secret, or stands there twice
 */
export function givenPolicies(documents: readonly unknown[]): VersionedPolicies {
  const found = documents.map((document, at): FoundResource => {
    const place = `policies[${at}]`;
    return { resource: asResource(document, place), place };
  });
  assertEachOnce(found);
  assertNoSecret(found);
  return found.map(({ resource, place }) => ({ policy: resource, isFor: {}, place }));
}

function assertNoSecret(found: readonly FoundResource[], where = ""): void {
  for (const { resource, place } of found) {
    if (!isSecret(resource)) continue;
    throw new KumaError(
      "invalid",
      `${place}: ${keyOf(resource)}${where}. What stands there is kept in the stack's state in clear, so secrets are refused. Write it to the global with kumactl.`,
    );
  }
}

/** Whether a control plane has both. */
function overlap(one: FoundResource & Ranged, other: FoundResource & Ranged): boolean {
  const bounded = (since?: MinorVersion, before?: MinorVersion) => {
    if (!since || !before) return true;
    return since[0] < before[0] || (since[0] === before[0] && since[1] < before[1]);
  };
  return bounded(one.isFor.since, other.isFor.before) && bounded(other.isFor.since, one.isFor.before);
}

/**
 * The policies that are for a control plane of this version, such as "2.14.3". A build that tells none (as previews do,
 * which call themselves 0.0.0) counts as the newest.
 */
export function policiesFor(policies: VersionedPolicies, version: string): Resource[] {
  return versionedFor(policies, version).map(({ policy }) => policy);
}

/** As `policiesFor`, with the place of each. */
export function foundFor(policies: VersionedPolicies, version: string): FoundResource[] {
  return versionedFor(policies, version).map(({ policy: resource, place }) => ({ resource, place }));
}

function versionedFor(policies: VersionedPolicies, version: string): VersionedPolicy[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version)?.map(Number) ?? [];
  const isKnown = major > 0;
  return policies.filter(({ isFor: { since, before } }) => {
    if (!isKnown) return before === undefined;
    const atLeast = (bound: MinorVersion) => major > bound[0] || (major === bound[0] && minor >= bound[1]);
    return (since === undefined || atLeast(since)) && (before === undefined || !atLeast(before));
  });
}

function subdirectories(directory: string): string[] {
  return fs
    .readdirSync(directory)
    .filter((name) => isDirectory(path.join(directory, name)))
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
