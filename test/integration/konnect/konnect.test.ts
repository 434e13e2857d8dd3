import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, contentOf, dialled, filesBelow, getJson } from "../support";
import { konnectStack } from "./stack";

const CANARY = "canary-0b9f3c71-of-the-zone";
describe("a zone is federated with Konnect by the real engine", function () {
  needsEngine();
  let sandbox: Sandbox;
  let stack: Awaited<ReturnType<typeof konnectStack>>;
  let contentBefore: object;
  const canaries = new Set<string>();

  before(async () => {
    sandbox = new Sandbox();
    const temporary = path.join(sandbox.directory, "tmp");
    fs.mkdirSync(temporary);
    sandbox.environment.TMPDIR = temporary;
    stack = await konnectStack(sandbox);
    const data = Buffer.from(CANARY).toString("base64");
    const content = sandbox.writeContent("content", [
      {
        type: "Mesh",
        name: "default",
        mtls: { enabledBackend: "ca", backends: [{ name: "ca", type: "builtin" }] },
      },
      { type: "Secret", mesh: "default", name: "mine", data },
      { type: "GlobalSecret", name: "mine", data },
      { type: "MeshTimeout", mesh: "default", name: "t", spec: { targetRef: { kind: "Mesh" }, to: [] } },
      { type: "Dataplane", mesh: "default", name: "d", networking: { address: "127.0.0.1", inbound: [] } },
    ]);
    canaries.add(CANARY).add(data);
    const global = { ...stack.global, tokenDays: 20 };
    sandbox.writeStack("test", { global, zones: [{ ...stack.zone, content }] });
  });

  after(() => sandbox?.remove());

  it("shows in a preview what would be created, and changes nothing in Konnect", async () => {
    await sandbox.startZones();
    const { status, output } = await sandbox.run("preview", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /create: Secret default\/mine \(hmac:[0-9a-f]{16}\)\n/);
    assert.match(output, /left out: GlobalSecret admin-user-token \(Konnect has its own users/);
    for (const name of ["global", "zone-1-konnect-access", "zone-1-federation"]) {
      assert.match(output, new RegExp(`create +${name}\\n`));
    }
    const asked = (await getJson<{ byMethod: Record<string, number> }>(`${stack.url}/stand-in/requests`))
      .byMethod;
    assert.deepEqual(Object.keys(asked), ["GET"]);
    assert.equal(await dialled(stack.zoneUrl), undefined);
    contentBefore = await contentOf(stack.zoneUrl);
    await rememberKeys();
  });

  it("goes from a zone that runs alone to online", async () => {
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /zone-1 +online +2\.14\.3 +equal +equal\n/);
    assert.match(output, /Dataplane +default +1 +1 +0\n/);
    assert.match(
      output,
      /zone zone-1 has joined its global: compared with the record of \d+ resources: .*; each explained \(docs\/ledger\.md\)\n/,
    );
    assert.match(output, /MeshTimeout +default +\d+ +\d+ +0\n/);
    canaries.add(stack.zoneToken());
    const found = await stack.konnect((konnect) => konnect.controlPlanesNamed("my-global"));
    assert.equal(found.length, 1);
    const { controlPlaneId } = await zoneSettings();
    assert.equal(controlPlaneId, found[0].id);
  });

  it("gives the zone token file, variables and no authority of its own", async () => {
    const file = path.join(stack.directory, "zones/zone-1/cp-token");
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const { environment } = await zoneSettings();
    assert.deepEqual(
      Object.keys(environment).filter((name) => /KDS|CP_ID|SSL/.test(name)),
      ["KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH", "KMESH_MULTIZONE_ZONE_KONNECT_CP_ID", "SSL_CERT_FILE"],
    );
    assert.equal(environment.KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH, file);
  });

  it("has a healthy status, and nothing to do the second time", async () => {
    const { status, stdout, output } = await sandbox.run("status", "--stack", "test", "--output", "json");
    assert.equal(status, 0, output);
    assert.equal((JSON.parse(stdout) as { ok: boolean }).ok, true);
    const writes = async () => {
      const { byMethod } = await getJson<{ byMethod: Record<string, number> }>(
        `${stack.url}/stand-in/requests`,
      );
      return { ...byMethod, GET: 0 };
    };
    const earlier = await writes();
    const again = await sandbox.run("up", "--stack", "test");
    assert.equal(again.status, 0, again.output);
    assert.match(again.output, /nothing to do: everything is as it should be/);
    assert.deepEqual(await writes(), earlier);
  });

  it("renews a token that is due, and restarts the zone with it", async () => {
    const former = stack.zoneToken();
    // 20 days are left of the token, too few for one that is to live for a year
    const { zones, global } = standInConfig();
    sandbox.writeStack("test", { zones, global: { ...global, tokenDays: 365 } });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(output, /zone zone-1: to get a new token for Konnect, as its token expires on /);
    assert.match(output, /zone-1 +online/);
    assert.notEqual(stack.zoneToken(), former);
    canaries.add(stack.zoneToken());
    const tokens = await stack.konnect(async (konnect) => {
      const account = await konnect.systemAccountNamed(
        `mesh_${(await zoneSettings()).controlPlaneId}_zone-1`,
      );
      return konnect.accessTokens(account?.id ?? "");
    });
    const days = (tokens ?? []).map(({ expires_at }) =>
      Math.round((Date.parse(expires_at) - Date.now()) / 86_400_000),
    );
    // the former one ends by itself
    assert.deepEqual(days.sort(), [20, 365]);
  });

  it("has kept every secret out of output, state, logs and other files until here", assertNoLeak);

  it("is taken off Konnect again with what it had, and leaves no account there", async () => {
    const { zones, global } = standInConfig();
    sandbox.writeStack("test", { global, zones: [{ ...zones[0], federated: false }] });
    const { status, output } = await sandbox.run("up", "--stack", "test");
    assert.equal(status, 0, output);
    assert.match(
      output,
      /zone zone-1 runs alone again: compared with the record of \d+ resources: .*; each explained/,
    );
    assert.deepEqual(await contentOf(stack.zoneUrl), contentBefore);
    assert.ok(!fs.existsSync(path.join(stack.directory, "zones/zone-1/cp-token")));
    const asked = await getJson<{ byPath: Record<string, number> }>(`${stack.url}/stand-in/requests`);
    const deletions = Object.keys(asked.byPath)
      .filter((line) => line.startsWith("DELETE ") && !line.includes("/meshes/"))
      .map((line) => line.replace(/[0-9a-f]{8}-[-0-9a-f]{27}/g, "ID"));
    assert.deepEqual(deletions.slice(-3), [
      "DELETE /v1/mesh/control-planes/ID/api/zones/zone-1",
      "DELETE /v3/system-accounts/ID/access-tokens/ID",
      "DELETE /v3/system-accounts/ID",
    ]);
  });

  it("has kept them out afterwards", assertNoLeak);

  async function assertNoLeak(): Promise<void> {
    canaries.add(stack.token());
    for (const canary of canaries) {
      assert.ok(canary.length >= 16);
      assert.ok(!sandbox.printed.includes(canary), "in the output");
    }
    // what a control plane keeps for itself, and what a test wrote
    const own = [/\/(konnect|zones\/zone-1)\/work\//, /\/zones\/zone-1\/cp-token$/, /\/content\//];
    const leaks = filesBelow(sandbox.directory)
      .filter((file) => !own.some((pattern) => pattern.test(file)))
      .filter((file) => [...canaries].some((canary) => fs.readFileSync(file, "latin1").includes(canary)));
    assert.deepEqual(leaks, []);
  }

  it("is all gone after destroy", async () => {
    const { status, output } = await sandbox.run("destroy", "--stack", "test");
    assert.equal(status, 0, output);
    assert.deepEqual(sandbox.processes(), []);
    for (const url of [stack.url, stack.zoneUrl]) await assert.rejects(fetch(url));
    const left = filesBelow(sandbox.directory);
    const leaks = left.filter(
      (file) =>
        !file.includes("/content/") &&
        [...canaries].some((canary) => fs.readFileSync(file, "latin1").includes(canary)),
    );
    assert.deepEqual(leaks, []);
    assert.equal(fs.existsSync(sandbox.state), false);
  });

  /** Every secret that the zone made for itself is a canary as well, as it is stored and in clear. */
  async function rememberKeys(): Promise<void> {
    for (const list of ["secrets", "globalsecrets"]) {
      const { items } = await getJson<{ items: { data: string }[] }>(`${stack.zoneUrl}/${list}`);
      for (const { data } of items) {
        canaries.add(data);
        canaries.add(Buffer.from(data, "base64").toString("utf8").trim());
      }
    }
  }

  async function zoneSettings() {
    const { environment } = new ControlPlaneProcess(
      path.join(stack.directory, "zones/zone-1"),
    ).settings() ?? {
      environment: {} as Record<string, string>,
    };
    return { environment, controlPlaneId: environment.KMESH_MULTIZONE_ZONE_KONNECT_CP_ID };
  }

  function standInConfig() {
    const content = path.join(sandbox.directory, "content");
    return { global: stack.global, zones: [{ ...stack.zone, content }] };
  }
});
