import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { adminTokenOf, ensureAdminAccess, shareAdminAccess } from "../../../platforms/universal/adminAccess";
import { ControlPlaneProcess, ProcessSettings } from "../../../platforms/universal/controlPlaneProcess";
import { onEachControlPlane } from "../../contract/support/kinds";
import { cleanUp, later, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { freePortBase } from "../../support/ports";

/** What a control plane holds that opens a mesh. */
const SECRETS = ["/globalsecrets", "/globalsecrets/user-token-signing-key-1", "/meshes/default/secrets"];
const NOBODY = 65534;

onEachControlPlane("platforms/universal/adminAccess", (kind) => {
  let controlPlane: ControlPlaneProcess;
  let settings: ProcessSettings;
  before(async function () {
    controlPlane = new ControlPlaneProcess(path.join(tempDir(), "zone-1"));
    later(() => controlPlane.remove());
    settings = {
      title: "zone-1",
      command: [...kind.command],
      portBase: await freePortBase(),
      portSetting: "portBase of zone zone-1",
      environment: { KUMA_ENVIRONMENT: "universal", KUMA_STORE_TYPE: "memory" },
    };
    await ensureAdminAccess(controlPlane);
    await controlPlane.start(settings);
  });
  after(cleanUp);

  const statusOf = async (where: string, token?: string) => {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    return (await fetch(controlPlane.apiUrl + where, { headers })).status;
  };
  const token = () => adminTokenOf(controlPlane) ?? assert.fail("there is no token");

  it("shows no secret to a program of this machine that has no token", async () => {
    for (const where of SECRETS) assert.equal(await statusOf(where), 403, where);
    const config = (await (await fetch(`${controlPlane.apiUrl}/config`)).json()) as {
      apiServer: { authn: { localhostIsAdmin: boolean } };
    };
    assert.equal(config.apiServer.authn.localhostIsAdmin, false);
    const asked = await fetch(`${controlPlane.apiUrl}/tokens/user`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "me", groups: ["mesh-system:admin"], validFor: "24h" }),
    });
    assert.equal(asked.status, 403);
  });

  it("shows none to another user of this machine, who cannot read the token either", function () {
    if (process.getuid?.() !== 0) return this.skip();
    const attack = `
      const urls = ${JSON.stringify(SECRETS.map((where) => controlPlane.apiUrl + where))};
      const read = (file) => { try { return require("fs").readFileSync(file, "utf8"); } catch (e) { return e.code; } };
      Promise.all(urls.map((url) => fetch(url).then(({ status }) => status))).then((statuses) =>
        console.log(JSON.stringify([statuses, read(${JSON.stringify(controlPlane.file("admin-token"))})])));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", attack], {
      uid: NOBODY,
      gid: NOBODY,
      cwd: "/",
      encoding: "utf8",
    });
    assert.equal(stdout.trim(), JSON.stringify([[403, 403, 403], "EACCES"]), stderr);
  });

  it("shows them to this program, and keeps the token for the owner of its files", async () => {
    for (const where of SECRETS) assert.equal(await statusOf(where, token()), 200, where);
    for (const name of ["admin-token", "kuma-cp.conf.yml"]) {
      assert.equal((fs.statSync(controlPlane.file(name)).mode & 0o777).toString(8), "600", name);
    }
    assert.doesNotMatch(fs.readFileSync(controlPlane.file("settings.json"), "utf8"), /token/);
    const log = fs.readFileSync(controlPlane.file("kuma-cp.log"), "utf8");
    assert.ok(!log.includes(token().split(".")[2]), "the log has no token");
    const config = fs.readFileSync(controlPlane.file("kuma-cp.conf.yml"), "utf8");
    assert.doesNotMatch(config, /PRIVATE/);
  });

  it("takes no token that another key has signed under the same name", async () => {
    const other = new ControlPlaneProcess(path.join(tempDir(), "other"));
    await ensureAdminAccess(other);
    const [header] = token().split(".");
    const [, claims, signature] = (adminTokenOf(other) ?? "").split(".");
    assert.equal(await statusOf(SECRETS[0], [header, claims, signature].join(".")), 401);
    assert.equal(await statusOf(SECRETS[0], adminTokenOf(other)), 401);
  });

  it("goes on with the same token when a zone's signing key takes the place of its own", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const data = Buffer.from(privateKey.export({ format: "pem", type: "pkcs1" })).toString("base64");
    const url = `${controlPlane.apiUrl}/globalsecrets/user-token-signing-key-1`;
    const body = JSON.stringify({ type: "GlobalSecret", name: "user-token-signing-key-1", data });
    const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
    assert.equal((await fetch(url, { method: "PUT", headers, body })).status, 200);
    assert.equal(await statusOf(SECRETS[0], token()), 200);
  });

  it("goes on with it after a restart on an empty store", async function () {
    const before = token();
    await controlPlane.stop();
    await ensureAdminAccess(controlPlane);
    await controlPlane.start(settings);
    assert.equal(token(), before);
    assert.equal(await statusOf(SECRETS[0], before), 200);
    assert.equal(await statusOf(SECRETS[0]), 403);
  });

  it("says so where a control plane does not know the key, and stops it", async function () {
    const deaf = new ControlPlaneProcess(path.join(tempDir(), "deaf"));
    shareAdminAccess(controlPlane, deaf);
    deaf.writeFile("kuma-cp.conf.yml", "apiServer: {}\n");
    later(() => deaf.remove());
    const error = await kumaErrorOf(deaf.start({ ...settings, portBase: await freePortBase() }));
    assert.deepEqual(error, {
      code: "unauthenticated",
      message:
        "zone-1 does not accept the token that this program made for it, so it was stopped. " +
        "Use a kuma-cp from 2.2 on: earlier ones know no public keys for tokens.",
    });
    assert.equal(deaf.isRunning(), false);
  });
});
