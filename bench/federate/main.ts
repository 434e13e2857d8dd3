import { spawn } from "node:child_process";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { formatTable } from "../../cli/terminal/table";
import {
  ControlPlane,
  Resource,
  ResourceType,
  deleteResources,
  readDigests,
  exportZone,
  keyOf,
  readBack,
} from "../../kuma";
import { inParallel } from "../../kuma/parallel";
import {
  Kind,
  findKumactl,
  findRealControlPlane,
  standIn,
  start,
  stopAll,
  temporaryDir,
} from "../../test/contract/support/process";
import { compare } from "../rounds";
import type { Measured } from "./carry";
import { Distance } from "./distance";
import { Kumactl } from "./kumactl";

const ROUND_TRIPS_MS = [0, 50];
/** Of the comparison with bare PUTs; one alone where there are so many resources that each takes minutes. */
const ROUNDS = 5;
const MANY = 5_000;
/**
 * kumactl writes one resource after the other. Of more than so many the first and the last ones are timed, half of this
 * number each, and the rest is reckoned by their mean: a control plane writes the more slowly the more it holds.
 */
const TIMED_BY_KUMACTL = 500;

/**
 * A zone's resources carried to an empty global by this program and by `kumactl export` and `kumactl apply`, in one run,
 * on real control planes where `kuma-cp` is found and on stand-ins otherwise.
 */
export async function benchFederate(sizes: readonly number[]): Promise<void> {
  const kind = findRealControlPlane() ?? standIn;
  const kumactl = findKumactl();
  console.log(
    `Federation on control planes of the kind "${kind.name}"${kumactl ? "" : "; no kumactl 2.14 found"}`,
  );
  const rows: string[][] = [];
  try {
    for (const size of sizes) {
      const zone = await start(kind, { mode: "zone", env: { KUMA_MULTIZONE_ZONE_NAME: "zone-1" } });
      await fill(zone.url, size);
      for (const roundTrip of ROUND_TRIPS_MS)
        rows.push(await measure(kind, kumactl, zone.url, size, roundTrip));
      await zone.stop();
    }
  } finally {
    await stopAll();
  }
  console.log(formatTable(HEADER, rows));
  console.log(
    "TIMES BARE PUTS: time of this program / time of the PUTs alone, as many in flight, to another new global.\n" +
      "TIMES FASTER: time of kumactl export and apply / time of this program, which also plans and reads back.\n" +
      "PER WRITE: requests of this program / resources written; least possible 1. kumactl apply sends 2.\n" +
      "CARRIED: part of the zone's resources that was found on the global afterwards, equal by content; in brackets the\n" +
      "part that kumactl export gives out (it is given the whole list to apply, so that it does the same work).",
  );
}

const HEADER = [
  "RESOURCES",
  "ROUND TRIP",
  "TIMES BARE PUTS",
  "TIMES FASTER",
  "REQUESTS",
  "PER WRITE",
  "PEAK MEMORY",
  "CARRIED",
];

async function measure(
  kind: Kind,
  kumactl: string | undefined,
  zoneUrl: string,
  size: number,
  roundTripMs: number,
): Promise<string[]> {
  const ours = await withGlobal(kind, zoneUrl, roundTripMs, async (zone, global, direct) => {
    const measured = await inOwnProcess<Measured>("carry.ts", zone, global);
    const complete = await completeness(zoneUrl, direct);
    return {
      measured,
      complete,
      last: kumactl ? await lastByKumactl(kumactl, zoneUrl, global, direct) : undefined,
    };
  });
  const alone = (program: string) => () =>
    withGlobal(
      kind,
      zoneUrl,
      roundTripMs,
      async (zone, global) => (await inOwnProcess<{ ms: number }>(program, zone, global)).ms,
    );
  const { ratio } = await compare(size > MANY ? 1 : ROUNDS, alone("barePuts.ts"), alone("carry.ts"));
  const theirs = kumactl
    ? await withGlobal(kind, zoneUrl, roundTripMs, (zone, global) =>
        byKumactl(kumactl, zoneUrl, zone, global, ours.last),
      )
    : undefined;
  const { ms, requests, written, peakMb } = ours.measured;
  return [
    String(size),
    `${roundTripMs} ms`,
    ratio.toFixed(2),
    theirs ? (theirs.ms / ms).toFixed(1) : "–",
    String(requests),
    (requests / written).toFixed(2),
    `${peakMb.toFixed(0)} MB`,
    `${percent(ours.complete)}${theirs ? ` (${percent(theirs.exported)})` : ""}`,
  ];
}

/** A new, empty global, and both sides as far away as is said. */
async function withGlobal<T>(
  kind: Kind,
  zoneUrl: string,
  roundTripMs: number,
  work: (zone: string, global: string, direct: string) => Promise<T>,
): Promise<T> {
  const global = await start(kind, { mode: "global", env: { KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" } });
  const [toZone, toGlobal] = [
    await Distance.start(zoneUrl, roundTripMs),
    await Distance.start(global.url, roundTripMs),
  ];
  try {
    // the relay itself takes time
    if (roundTripMs === 0) return await work(zoneUrl, global.url, global.url);
    return await work(toZone.url, toGlobal.url, global.url);
  } finally {
    toZone.stop();
    toGlobal.stop();
    await global.stop();
  }
}

async function byKumactl(
  program: string,
  zoneUrl: string,
  zone: string,
  global: string,
  last: number | undefined,
): Promise<{ ms: number; exported: number }> {
  const directory = temporaryDir();
  const from = await Kumactl.connect(program, directory, zone);
  const to = await Kumactl.connect(program, directory, global);
  const exported = await from.run("export", "--profile", "federation", "--format", "universal");
  const all = inOrder(await carriedBy(zoneUrl));
  const timed = last === undefined ? all : all.slice(0, TIMED_BY_KUMACTL / 2);
  const first = (await apply(to, directory, timed)) / timed.length;
  return {
    ms: exported.ms + ((first + (last ?? first)) / 2) * all.length,
    exported: partOf(all, yaml.loadAll(exported.output) as (Resource | null)[]),
  };
}

/** Milliseconds for each of the last writes, to a global that holds everything else; undefined where all are timed. */
async function lastByKumactl(
  program: string,
  zoneUrl: string,
  global: string,
  direct: string,
): Promise<number | undefined> {
  const all = inOrder(await carriedBy(zoneUrl)).filter(({ type }) => type !== "GlobalSecret");
  if (all.length <= TIMED_BY_KUMACTL) return undefined;
  const last = all.slice(-TIMED_BY_KUMACTL / 2);
  const api = new ControlPlane({ title: "the global", url: direct });
  await deleteResources(api, await readDigests(api, last));
  api.close();
  const directory = temporaryDir();
  return (await apply(await Kumactl.connect(program, directory, global), directory, last)) / last.length;
}

/** Milliseconds. */
async function apply(to: Kumactl, directory: string, resources: readonly Resource[]): Promise<number> {
  const text = resources.map((each) => yaml.dump(each)).join("---\n");
  return (await to.run("apply", "-f", Kumactl.write(path.join(directory, "all.yaml"), text))).ms;
}

/** How much of what is to be carried is among some resources, by name. */
function partOf(all: readonly Resource[], found: readonly (Resource | null)[]): number {
  const keys = new Set(found.flatMap((resource) => (resource ? [keyOf(resource)] : [])));
  return all.filter((resource) => keys.has(keyOf(resource))).length / all.length;
}

/** Signing keys and the admin token last, as they take the rights away from whoever wrote so far. */
function inOrder(resources: readonly Resource[]): Resource[] {
  const stage = ({ type }: Resource) => ["Mesh", "Secret"].indexOf(type);
  const rest = (each: Resource) => (stage(each) < 0 ? (each.type === "GlobalSecret" ? 9 : 8) : stage(each));
  return [...resources].sort((a, b) => rest(a) - rest(b));
}

async function carriedBy(zoneUrl: string): Promise<Resource[]> {
  const zone = new ControlPlane({ title: "the zone", url: zoneUrl });
  const { carried } = await exportZone(zone);
  zone.close();
  return carried;
}

async function completeness(zoneUrl: string, globalUrl: string): Promise<number> {
  const carried = await carriedBy(zoneUrl);
  const global = new ControlPlane({ title: "the global", url: globalUrl });
  const { missing, different } = await readBack(carried, global);
  global.close();
  return 1 - (missing.length + different.length) / carried.length;
}

/** Not while this process waits for it: the distance is made here. */
async function inOwnProcess<T>(program: string, zone: string, global: string): Promise<T> {
  const args = ["--require", "./toolchain/typescript.js", path.join(__dirname, program), zone, global];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0) throw new Error(`${program} failed`);
  return JSON.parse(output) as T;
}

/** A mesh with an authority of its own, and policies that only a global can own: timeouts and health checks. */
async function fill(url: string, size: number): Promise<void> {
  const zone = new ControlPlane({ title: "the zone", url, concurrency: 16 });
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
  const everything = [{ match: { "kuma.io/service": "*" } }];
  const common = { mesh: "default", sources: everything, destinations: everything };
  const types = new Map((await zone.resourceTypes()).map((type) => [type.name, type]));
  const put = (resource: Resource) => zone.put(types.get(resource.type) as ResourceType, resource);
  await put({ type: "Mesh", name: "default", mtls });
  const policies = Array.from({ length: size }, (_, i) =>
    i % 2 === 0
      ? { ...common, type: "Timeout", name: `timeout-${i}`, conf: { connectTimeout: "5s" } }
      : { ...common, type: "HealthCheck", name: `check-${i}`, conf: CHECK },
  );
  await inParallel(policies, zone.concurrency, put);
  zone.close();
}

const CHECK = { interval: "10s", timeout: "2s", unhealthyThreshold: 3, healthyThreshold: 1, tcp: {} };

function percent(part: number): string {
  return `${(100 * part).toFixed(part === 1 ? 0 : 1)} %`;
}
