import * as path from "node:path";
import { cacheRoot, fillCacheDirectory } from "../download/cache";
import type { ToolchainContext } from "../context";
import { findOnPath, isExecutable, resolveNamed } from "../process/executables";
import { reasonOf, ToolchainError } from "../errors";
import { buildPulumiEngine } from "./pulumiGoBuild";
import { fetchPulumiRelease } from "./pulumiRelease";
import { assertTrusted } from "../trustedPath";
import { ENGINE_FILE, ENGINE_TITLE, ENGINE_VERSION, usableEngineVersion } from "./pulumiVersion";

/** A Pulumi engine that was found to run. */
export interface PulumiEngine {
  /** The program, as an absolute path. */
  readonly path: string;
  /** Its version, without a leading `v`. */
  readonly version: string;
  /** Where it comes from; one named by `PULUMI` counts as `path`. */
  readonly source: "path" | "cache" | "release" | "go";
}

/** One place to have an engine from. `get` throws a ToolchainError that says why it has none. */
interface Source {
  readonly title: string;
  readonly get: (context: ToolchainContext) => Promise<PulumiEngine>;
}

/** From here on it takes time. */
const RELEASE: Source = {
  title: "official release",
  get: (context) => installedEngine("release", fetchPulumiRelease, context),
};

const SOURCES: readonly Source[] = [
  { title: "PATH", get: engineOnPath },
  { title: "cache", get: cachedEngine },
  RELEASE,
  { title: "Go build", get: (context) => installedEngine("go", buildPulumiEngine, context) },
];

const FIRST_RUN =
  "This machine has no Pulumi engine yet. The first run gets one, which takes a minute or two where the official release " +
  "can be downloaded, and some minutes where it has to be built with Go. Later runs begin at once.";

/**
 * Gives a Pulumi engine, and gets one where there is none. In this order: the program that the variable
 * `PULUMI` names (an unusable one is an error, since it was asked for), PATH, the cache of earlier runs, the
 * official release verified by its published checksums, and a build of the pinned Go module.
 *
 * @throws ToolchainError that names each place tried, why it failed, and what the user can do.
 */
export async function ensurePulumiEngine(context: ToolchainContext): Promise<PulumiEngine> {
  if (context.env.PULUMI) {
    return namedEngine(context.env.PULUMI, context.env);
  }
  const failures: string[] = [];
  for (const source of SOURCES) {
    if (source === RELEASE) context.log(FIRST_RUN);
    try {
      return await source.get(context);
    } catch (error) {
      if (!(error instanceof ToolchainError)) {
        throw error;
      }
      failures.push(`${source.title}: ${error.message}`);
      if (!(error instanceof NothingThere)) {
        context.log(`Note: no Pulumi engine from the ${source.title}: ${error.message}.`);
      }
    }
  }
  throw new ToolchainError(
    `No Pulumi engine can be had (${failures.join("; ")}). Install Pulumi ` +
      "(https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install), or set PULUMI to the path " +
      "of a pulumi program.",
  );
}

/** An empty place is what one expects on a fresh machine: worth a word in the final error, not a note. */
class NothingThere extends ToolchainError {}

async function namedEngine(value: string, env: NodeJS.ProcessEnv): Promise<PulumiEngine> {
  const file = resolveNamed(value, env);
  if (!file) {
    throw new ToolchainError(`PULUMI is "${value}", and no such program can be executed.`);
  }
  try {
    return { path: file, version: await usableEngineVersion(file, env), source: "path" };
  } catch (error) {
    throw new ToolchainError(`PULUMI names an engine that cannot be used: ${reasonOf(error)}.`);
  }
}

async function engineOnPath({ env }: ToolchainContext): Promise<PulumiEngine> {
  const refused: string[] = [];
  for (const file of findOnPath("pulumi", env)) {
    try {
      return { path: file, version: await usableEngineVersion(file, env), source: "path" };
    } catch (error) {
      refused.push(reasonOf(error));
    }
  }
  throw refused.length > 0 ? new ToolchainError(refused.join(", ")) : new NothingThere("no pulumi there");
}

async function cachedEngine({ env }: ToolchainContext): Promise<PulumiEngine> {
  const file = path.join(cacheDirectory(env), ENGINE_FILE);
  if (!isExecutable(file)) {
    throw new NothingThere(`no ${file}`);
  }
  return { path: file, version: await versionIn(cacheDirectory(env), env), source: "cache" };
}

/** What the engine in a directory of the cache says of itself, where nobody else can have put it there. */
async function versionIn(directory: string, env: NodeJS.ProcessEnv): Promise<string> {
  const file = path.join(directory, ENGINE_FILE);
  if (isExecutable(file)) assertTrusted(file, "The Pulumi engine");
  return usableEngineVersion(file, env);
}

/** Has `install` put an engine into the cache, where it gets only after it was seen to run. */
async function installedEngine(
  source: "release" | "go",
  install: (directory: string, context: ToolchainContext) => Promise<void>,
  context: ToolchainContext,
): Promise<PulumiEngine> {
  const { env } = context;
  const directory = cacheDirectory(env);
  const isUsable = (place: string) =>
    versionIn(place, env).then(
      () => true,
      () => false,
    );
  const fill = async (staging: string) => {
    await install(staging, context);
    await usableEngineVersion(path.join(staging, ENGINE_FILE), env);
  };
  const filled = await fillCacheDirectory(directory, isUsable, fill, { ...context, title: ENGINE_TITLE });
  const file = path.join(directory, ENGINE_FILE);
  return { path: file, version: await versionIn(directory, env), source: filled ? source : "cache" };
}

function cacheDirectory(env: NodeJS.ProcessEnv): string {
  return path.join(cacheRoot(env), `pulumi-v${ENGINE_VERSION}`);
}
