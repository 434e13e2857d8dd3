import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { unpack } from "../../../toolchain/download/archive";
import { goEnvironment, plainEnvironment } from "../../../toolchain/process/environment";
import { findKumaCp } from "../../../toolchain/kumaCp/kumaControlPlane";
import { buildPulumiEngine } from "../../../toolchain/pulumi/pulumiGoBuild";
import { ensurePulumiEngine } from "../../../toolchain/pulumi/pulumiEngine";
import { cleanUp, tempDir, writeProgram } from "../support";

/** What a user of this program may have in the environment. */
const SECRETS = {
  PULUMI_CONFIG_PASSPHRASE: "canary-passphrase",
  PULUMI_ACCESS_TOKEN: "canary-pulumi",
  KONNECT_TOKEN: "canary-konnect",
  KUMA_GLOBAL_TOKEN: "canary-global",
  AWS_SECRET_ACCESS_KEY: "canary-aws",
  GITHUB_TOKEN: "canary-github",
  GIT_ASKPASS: "canary-askpass",
  MY_DATABASE_PASSWORD: "canary-database",
};
const NEEDED = { HOME: "/home/someone", LANG: "C.UTF-8", LC_ALL: "C", TZ: "UTC" };
const FOR_GO = {
  GOPROXY: "https://proxy.example",
  GOFLAGS: "-x",
  https_proxy: "http://proxy.example:3128",
  NO_PROXY: "localhost",
  SSL_CERT_FILE: "/etc/ca.pem",
};

describe("toolchain: environment of programs", () => {
  afterEach(cleanUp);

  it("holds what is plain, and no secret", () => {
    const env = { ...SECRETS, ...NEEDED, ...FOR_GO, PATH: "/bin" };
    assert.deepEqual(plainEnvironment(env), { ...NEEDED, PATH: "/bin" });
    assert.deepEqual(goEnvironment(env), { ...NEEDED, ...FOR_GO, PATH: "/bin" });
  });

  it("holds no secret for any program that needs none", async () => {
    const bin = tempDir();
    const seen = path.join(bin, "seen");
    const tell = `/usr/bin/env >> '${seen}'`;
    writeProgram(path.join(bin, "pulumi"), tell, "echo v3.246.0");
    writeProgram(path.join(bin, "kuma-cp"), tell, 'echo "Kuma: 2.14.3"');
    writeProgram(path.join(bin, "tar"), tell);
    writeProgram(
      path.join(bin, "go"),
      tell,
      'case "$1" in version) echo "go version go1.26.0 linux/amd64" ;; mod) echo "{}" ;; list) echo main ;; esac',
    );
    const env = { ...SECRETS, ...NEEDED, PATH: `${bin}:${process.env.PATH}`, XDG_CACHE_HOME: tempDir() };
    const context = { env, log: () => {} };

    await ensurePulumiEngine(context);
    await findKumaCp({ ...context, choice: "path" });
    await unpack("archive.tar.gz", bin, env);
    await buildPulumiEngine(tempDir(), context);

    const environments = fs.readFileSync(seen, "utf8");
    const count = environments.match(/^HOME=/gm)?.length ?? 0;
    assert.ok(count >= 5, `${count} programs were run`);
    for (const [name, value] of Object.entries(SECRETS)) {
      assert.ok(!environments.includes(name) && !environments.includes(value), name);
    }
  });
});
