import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { get, names, write } from "./support/client";
import { type ControlPlane, findKumactl, standIn, start, stopAll, temporaryDir } from "./support/process";

describe("The real kumactl on the stand-in", () => {
  const kumactl = findKumactl();
  if (!kumactl) {
    it("is skipped: no kumactl 2.14 in KUMACTL or on PATH", function () {
      this.skip();
    });
    return;
  }

  let zone: ControlPlane;
  let dir: string;
  const run = (cp: ControlPlane, ...args: string[]): string =>
    execFileSync(kumactl, ["--config-file", join(dir, `config-${new URL(cp.url).port}`), ...args], {
      encoding: "utf8",
      timeout: 30_000,
      env: { PATH: process.env.PATH, HOME: dir },
    });
  const connect = (cp: ControlPlane): string =>
    run(cp, "config", "control-planes", "add", "--name", "cp", "--address", cp.url);

  before(async () => {
    dir = temporaryDir();
    zone = await start(standIn, { mode: "zone" });
    connect(zone);
  });
  after(stopAll);

  it("gets meshes and zones", () => {
    assert.match(run(zone, "get", "meshes"), /^default\s/m);
    assert.match(run(zone, "get", "zones"), /^default\s/m);
    assert.match(run(zone, "get", "meshtimeouts"), /mesh-timeout-all-default/);
    const mesh = JSON.parse(run(zone, "get", "mesh", "default", "-o", "json")) as { name: string };
    assert.equal(mesh.name, "default");
  });

  it("inspects zones and meshes", () => {
    assert.match(run(zone, "inspect", "zones"), /default/);
    assert.match(run(zone, "inspect", "meshes"), /default/);
  });

  it("applies and deletes", async () => {
    const file = join(dir, "resources.yaml");
    writeFileSync(
      file,
      `type: Mesh
name: applied
mtls:
  enabledBackend: ca-1
  backends:
    - name: ca-1
      type: builtin
---
type: MeshTimeout
mesh: applied
name: mine
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: Mesh
      default:
        idleTimeout: 20s
`,
    );
    run(zone, "apply", "-f", file);
    assert.equal((await get(zone, "/meshes/applied")).mtls.enabledBackend, "ca-1");
    assert.ok((await names(zone, "/meshes/applied/meshtimeouts")).includes("mine"));
    run(zone, "delete", "meshtimeout", "mine", "--mesh", "applied");
    assert.ok(!(await names(zone, "/meshes/applied/meshtimeouts")).includes("mine"));
  });

  it("generates tokens", () => {
    assert.match(run(zone, "generate", "user-token", "--name", "john", "--valid-for", "1h"), /^eyJ/);
    assert.match(run(zone, "generate", "dataplane-token", "--name", "dp", "--valid-for", "1h"), /^eyJ/);
    assert.match(run(zone, "generate", "zone-token", "--zone", "default", "--valid-for", "1h"), /^eyJ/);
  });

  it("exports for federation what another control plane takes", async () => {
    for (const format of ["universal", "kubernetes"]) {
      const exported = run(zone, "export", "--profile", "federation", "--format", format);
      assert.match(exported, format === "universal" ? /^type: Mesh$/m : /^kind: Mesh$/m);
      assert.match(exported, /applied\.ca-builtin-cert-ca-1/);
      assert.match(exported, /zone-token-signing-key-1/);
      assert.doesNotMatch(exported, /inter-cp-ca/);
    }
    const file = join(dir, "export.yaml");
    writeFileSync(file, run(zone, "export", "--profile", "federation-with-policies"), { mode: 0o600 });
    const global = await start(standIn, {
      mode: "global",
      env: { KUMA_DEFAULTS_SKIP_MESH_CREATION: "true" },
    });
    connect(global);
    run(global, "apply", "-f", file);
    const [zoneMeshes, globalMeshes] = await Promise.all([names(zone, "/meshes"), names(global, "/meshes")]);
    assert.deepEqual(globalMeshes, zoneMeshes);
    assert.equal((await get(global, "/meshes/applied")).mtls.backends[0].type, "provided");
    // Exported in full: also the label that makes the zone take its copies back (see sync.test.ts).
    const timeout = await get(global, "/meshes/default/meshtimeouts/mesh-timeout-all-default");
    assert.equal(timeout.labels["kuma.io/zone"], "default");
  });

  it("shows a secret only to those who may see it", async () => {
    await write(zone, "/meshes/default/secrets/s", {
      type: "Secret",
      mesh: "default",
      name: "s",
      data: "eA==",
    });
    assert.match(run(zone, "get", "secret", "s"), /^s\s|\ss\s/m);
  });
});
