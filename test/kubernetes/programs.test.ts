import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ToolchainError } from "../../toolchain/errors";
import {
  ETCD_VERSION,
  findKubePrograms,
  KUBERNETES_VERSION,
  NoKubePrograms,
} from "../support/kubernetes/kubePrograms";
import { cleanUp, filesBelow, pathWith, tempDir, writeGo, writeProgram } from "../toolchain/support";

const CACHED = {
  apiServer: `kuma-federation/kube-apiserver-v${KUBERNETES_VERSION}/kube-apiserver`,
  etcd: `kuma-federation/etcd-v${ETCD_VERSION}/etcd`,
};

describe("kubernetes: finding kube-apiserver and etcd", () => {
  let bin: string;
  let cache: string;
  let env: NodeJS.ProcessEnv;
  let notes: string[];

  beforeEach(() => {
    bin = pathWith("chmod");
    cache = tempDir();
    env = { PATH: bin, XDG_CACHE_HOME: cache };
    notes = [];
  });
  afterEach(cleanUp);

  const find = () => findKubePrograms({ env, log: (line) => notes.push(line) });
  const putApiServer = (file: string) => writeProgram(file, "echo Kubernetes v1.30.1");
  const putEtcd = (file: string) => writeProgram(file, "echo etcd Version: 3.5.9", "echo Git SHA: 1.2.3");
  const putBoth = (directory: string) => ({
    apiServer: putApiServer(path.join(directory, "kube-apiserver")),
    etcd: putEtcd(path.join(directory, "etcd")),
  });

  /** A `go` that records how it was called and "builds" a script that tells these versions. */
  const putGo = (kubernetes = KUBERNETES_VERSION, etcd = ETCD_VERSION) => {
    return writeGo(
      bin,
      `case "$out" in */etcd) says="etcd Version: ${etcd}";; *) says="Kubernetes v${kubernetes}";; esac`,
      `printf '#!/bin/sh\\necho "%s"\\n' "$says" > "$out"`,
      'chmod +x "$out"',
    );
  };

  it("takes the programs that this project's variables name before those of envtest", async () => {
    const own = putBoth(tempDir());
    const envtest = putBoth(tempDir());
    putBoth(bin);
    Object.assign(env, { KUBE_APISERVER: own.apiServer, TEST_ASSET_ETCD: envtest.etcd });
    Object.assign(env, { TEST_ASSET_KUBE_APISERVER: envtest.apiServer });
    assert.deepEqual(await find(), { apiServer: own.apiServer, etcd: envtest.etcd });
  });

  it("takes those of envtest's directory before PATH", async () => {
    env.KUBEBUILDER_ASSETS = tempDir();
    const assets = putBoth(env.KUBEBUILDER_ASSETS);
    putBoth(bin);
    assert.deepEqual(await find(), assets);
  });

  it("refuses a named program that cannot be used, and goes no further", async () => {
    putBoth(bin);
    env.ETCD = "/no/such/etcd";
    await assert.rejects(find(), {
      name: "ToolchainError",
      message: "ETCD stands for the etcd /no/such/etcd, which is not a program that runs here.",
    });
    env.ETCD = undefined;
    env.TEST_ASSET_KUBE_APISERVER = writeProgram(path.join(tempDir(), "kube-apiserver"), "exit 1");
    await assert.rejects(find(), /TEST_ASSET_KUBE_APISERVER stands for the kube-apiserver .* runs here\.$/);
    assert.deepEqual(notes, []);
  });

  it("takes those on PATH before the cache, and passes over one that does not run", async () => {
    const { etcd } = putBoth(bin);
    writeProgram(path.join(bin, "kube-apiserver"), "exit 1");
    const apiServer = putApiServer(path.join(cache, CACHED.apiServer));
    putEtcd(path.join(cache, CACHED.etcd));
    assert.deepEqual(await find(), { apiServer, etcd });
  });

  it("builds the pinned modules with Go, once", async () => {
    const record = putGo();
    const programs = { apiServer: path.join(cache, CACHED.apiServer), etcd: path.join(cache, CACHED.etcd) };
    assert.deepEqual(await find(), programs);
    assert.deepEqual(filesBelow(cache), [CACHED.etcd, CACHED.apiServer].sort());
    const builds = fs.readFileSync(record, "utf8").trim().split("\n");
    for (const line of builds) {
      const [cwd, cgo, flags, work] = line.split("|");
      assert.ok(fs.existsSync(path.join(cwd, "go.sum")));
      assert.deepEqual([cgo, flags, work], ["0", "-mod=readonly", "off"]);
    }
    assert.match(builds[0], /\|build .* go\.etcd\.io\/etcd\/server\/v3$/);
    assert.match(builds[1], /\|build .*gitVersion=v1\.36\.2 .* k8s\.io\/kubernetes\/cmd\/kube-apiserver$/);

    assert.deepEqual(await find(), programs);
    assert.equal(builds.length, fs.readFileSync(record, "utf8").trim().split("\n").length);
  });

  it("pins the same versions in the Go modules", () => {
    const goMod = (module: string) =>
      fs.readFileSync(path.join(__dirname, "apiserver", module, "go.mod"), "utf8");
    assert.ok(goMod("etcd").includes(`\tgo.etcd.io/etcd/server/v3 v${ETCD_VERSION} `));
    const kubernetes = goMod("kubernetes");
    assert.ok(kubernetes.includes(`\tk8s.io/kubernetes v${KUBERNETES_VERSION} `));
    const staging = [...kubernetes.matchAll(/^\tk8s\.io\/\S+ => k8s\.io\/\S+ (\S+)$/gm)];
    assert.ok(staging.length > 20);
    for (const [line, version] of staging) assert.equal(version, `v0${KUBERNETES_VERSION.slice(1)}`, line);
  });

  it("does not keep what is of another version", async () => {
    putGo("0.0.0");
    await assert.rejects(find(), {
      message: "kube-apiserver 1.36.2 cannot be had: what was built does not say that it is version 1.36.2.",
    });
    assert.deepEqual(filesBelow(cache), [CACHED.etcd]);
  });

  it("says what to do where there is neither a program nor Go", async () => {
    await assert.rejects(find(), (error: Error) => {
      assert.ok(error instanceof NoKubePrograms);
      assert.equal(
        error.message,
        "There is no etcd on PATH, and it cannot be built because there is no go on PATH; install Go, or set ETCD to " +
          "the path of one.",
      );
      return true;
    });
  });

  it("tells Go's own complaint when a build fails, which is no reason to skip a test", async () => {
    writeGo(bin, "echo 'go: module lookup disabled' >&2", "exit 1");
    await assert.rejects(find(), (error: Error) => {
      assert.ok(error instanceof ToolchainError && !(error instanceof NoKubePrograms));
      assert.match(
        error.message,
        /^etcd 3\.6\.5 cannot be had: the build .* \(go: module lookup disabled\)\.$/,
      );
      return true;
    });
  });
});
