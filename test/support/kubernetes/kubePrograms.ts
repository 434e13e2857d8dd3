import * as path from "node:path";
import { cacheRoot, fillCacheDirectory } from "../../../toolchain/download/cache";
import type { ToolchainContext } from "../../../toolchain/context";
import { ToolchainError } from "../../../toolchain/errors";
import {
  executableName,
  findOnPath,
  isExecutable,
  outputOf,
  resolveNamed,
} from "../../../toolchain/process/executables";
import { buildGoProgram, NoUsableGo, type GoProgram } from "../../../toolchain/pulumi/goBuild";
import { formatVersion, parseVersion } from "../../../toolchain/download/version";

/** The programs of a Kubernetes API without nodes. */
export interface KubePrograms {
  readonly apiServer: string;
  readonly etcd: string;
}

/** The programs are not there, and there is no Go to build them. */
export class NoKubePrograms extends ToolchainError {}

/** The versions that are built; the go.mod files in test/kubernetes/apiserver/ pin the same. */
export const KUBERNETES_VERSION = "1.36.2";
export const ETCD_VERSION = "3.6.5";

interface KubeProgram {
  readonly name: string;
  readonly version: string;
  /** Variables that may name the program: this project's own, and that of envtest. */
  readonly variables: readonly string[];
  readonly source: Omit<GoProgram, "title" | "file">;
}

const MODULES = path.join(__dirname, "../..", "kubernetes", "apiserver");
const [MAJOR, MINOR] = KUBERNETES_VERSION.split(".");

const API_SERVER: KubeProgram = {
  name: "kube-apiserver",
  version: KUBERNETES_VERSION,
  variables: ["KUBE_APISERVER", "TEST_ASSET_KUBE_APISERVER"],
  source: {
    module: path.join(MODULES, "kubernetes"),
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    variables: {
      "k8s.io/component-base/version.gitVersion": `v${KUBERNETES_VERSION}`,
      "k8s.io/component-base/version.gitMajor": MAJOR,
      "k8s.io/component-base/version.gitMinor": MINOR,
    },
    coreMinutes: 8,
  },
};
const ETCD: KubeProgram = {
  name: "etcd",
  version: ETCD_VERSION,
  variables: ["ETCD", "TEST_ASSET_ETCD"],
  source: {
    module: path.join(MODULES, "etcd"),
    package: "go.etcd.io/etcd/server/v3",
    variables: {},
    coreMinutes: 2,
  },
};

/**
 * Finds kube-apiserver and etcd, each in this order: the program that `KUBE_APISERVER` or `ETCD` names, or
 * `TEST_ASSET_KUBE_APISERVER` or `TEST_ASSET_ETCD`; the directory `KUBEBUILDER_ASSETS`; PATH; the cache; a build of the
 * pinned Go module, some minutes on two cores. What a variable names is used or refused, never replaced.
 *
 * @throws NoKubePrograms where a program is nowhere and there is no Go to build it; ToolchainError where one that a
 * variable names cannot be used, or the build fails.
 */
export async function findKubePrograms(context: ToolchainContext): Promise<KubePrograms> {
  // one after the other: each build keeps all cores busy
  const etcd = await find(ETCD, context);
  return { etcd, apiServer: await find(API_SERVER, context) };
}

async function find(program: KubeProgram, context: ToolchainContext): Promise<string> {
  const { env } = context;
  const named = await namedByVariable(program, env);
  if (named) return named;
  const cached = path.join(cacheDirectory(program, env), executableName(program.name));
  for (const file of [...findOnPath(program.name, env), cached]) {
    if (isExecutable(file) && (await runs(file, env))) return file;
  }
  try {
    await build(program, context);
    return cached;
  } catch (error) {
    if (error instanceof NoUsableGo) {
      throw new NoKubePrograms(
        `There is no ${program.name} on PATH, and it cannot be built because ${error.message}; install Go, or set ` +
          `${program.variables[0]} to the path of one.`,
      );
    }
    throw error instanceof ToolchainError
      ? new ToolchainError(`${program.name} ${program.version} cannot be had: ${error.message}.`)
      : error;
  }
}

async function namedByVariable(program: KubeProgram, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const places = program.variables.map((variable) => ({ variable, file: env[variable] }));
  const assets = env.KUBEBUILDER_ASSETS;
  places.push({ variable: "KUBEBUILDER_ASSETS", file: assets && path.resolve(assets, program.name) });
  const found = places.find(({ file }) => file);
  if (!found?.file) return undefined;
  const file = resolveNamed(found.file, env);
  if (file && (await runs(file, env))) return file;
  throw new ToolchainError(
    `${found.variable} stands for the ${program.name} ${found.file}, which is not a program that runs here.`,
  );
}

async function build(program: KubeProgram, context: ToolchainContext): Promise<void> {
  const { name, version, source } = program;
  const file = executableName(name);
  const title = `${name} ${version}`;
  const isUsable = (place: string) => runs(path.join(place, file), context.env);
  const fill = async (staging: string) => {
    await buildGoProgram({ ...source, title, file }, staging, context);
    if ((await versionOf(path.join(staging, file), context.env)) !== version) {
      throw new ToolchainError(`what was built does not say that it is version ${version}`);
    }
  };
  await fillCacheDirectory(cacheDirectory(program, context.env), isUsable, fill, { ...context, title });
}

async function runs(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return versionOf(file, env).then(
    (version) => version !== undefined,
    () => false,
  );
}

/** Version without a leading `v`; both programs write it in their first line. */
async function versionOf(file: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const [line] = (await outputOf(file, ["--version"], env)).split("\n");
  const version = parseVersion(line);
  return version && formatVersion(version);
}

function cacheDirectory({ name, version }: KubeProgram, env: NodeJS.ProcessEnv): string {
  return path.join(cacheRoot(env), `${name}-v${version}`);
}
