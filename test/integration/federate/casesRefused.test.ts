import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, ask, dialled, getJson, oneZone, put, realKumaCp, startGlobal } from "../support";
import { DISABLED, encoded, legacy, timeout, raw } from "./casesSupport";

for (const isReal of [false, true]) {
  describe(`what cannot be federated, on ${isReal ? "real control planes" : "the stand-in"}`, function () {
    needsEngine();
    let program: string | undefined;
    let sandbox: Sandbox;

    before(async function () {
      program = isReal ? await realKumaCp() : undefined;
      if (isReal && program === undefined) this.skip();
    });
    beforeEach(() => (sandbox = new Sandbox(program ? { KUMA_CP: program } : {})));
    afterEach(() => sandbox.remove());

    let stack: Awaited<ReturnType<typeof oneZone>> | undefined;
    beforeEach(() => (stack = undefined));

    /** The same zone each time, with another global. */
    async function stackWith(resources: object[], global?: object): Promise<{ zoneUrl: string }> {
      const kumaCp = isReal ? "path" : "embedded";
      const content = sandbox.writeContent("zone", resources);
      stack ??= await oneZone({ kumaCp, store: "memory", content });
      sandbox.writeStack("test", {
        ...stack.config,
        global: global ?? { ...(stack.config.global as object), kumaCp },
      });
      return stack;
    }

    const MESH = { type: "Mesh", name: "default" };

    it("is what the global would keep to itself", async () => {
      const { zoneUrl } = await stackWith([
        MESH,
        { type: "Mesh", name: "lab", labels: DISABLED },
        timeout("lab-timeout", undefined, "lab"),
        { ...{ type: "Secret", mesh: "default", name: "only-here" }, labels: DISABLED, data: encoded("x") },
        legacy("only-here", DISABLED),
        timeout("stays-here", DISABLED),
      ]);
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.notEqual(status, 0, output);
      assert.match(output, /3 resource\(s\) would be the global's and would not come back to the zone/);
      for (const key of ["Mesh lab", "Secret default/only-here", "Timeout default/only-here"])
        assert.ok(output.includes(`    ${key}\n`), output);
      assert.match(output, /nothing was written/);
      assert.ok((await raw(zoneUrl, ["Timeout"])).has("Timeout default/only-here"));
    });

    it("is more than a message of KDS holds, in either direction", async () => {
      const large = (kilobytes: number) => "x".repeat(kilobytes * 1000);
      const patch = (index: number) => ({
        ...{ type: "MeshProxyPatch", mesh: "default", name: `patch-${index}` },
        spec: {
          targetRef: { kind: "Mesh" },
          default: {
            appendModifications: [
              { cluster: { operation: "Add", value: `name: c-${index}\naltStatName: ${large(900)}\n` } },
            ],
          },
        },
      });
      const secret = (index: number) => ({
        ...{ type: "Secret", mesh: "default", name: `s-${index}`, data: encoded(large(400)) },
      });
      const many = <T>(count: number, make: (index: number) => T) =>
        Array.from({ length: count }, (_, index) => make(index));
      await stackWith([MESH, ...many(30, secret), ...many(12, patch)]);
      const { status, output } = await sandbox.run("preview", "--stack", "test");
      assert.notEqual(status, 0, output);
      assert.match(output, /Secret from the global to zone zone-1: 3\d resource\(s\), 12\d+ to 12\d+ bytes/);
      assert.match(
        output,
        /MeshProxyPatch from zone zone-1 to the global: 12 resource\(s\), 1\d+ to 1\d+ bytes/,
      );
      assert.match(
        output,
        /KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE of the global.*KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE of the zone/,
      );

      Object.assign(sandbox.environment, {
        KUMA_MULTIZONE_GLOBAL_KDS_MAX_MSG_SIZE: "30000000",
        KUMA_MULTIZONE_ZONE_KDS_MAX_MSG_SIZE: "30000000",
      });
      const up = await sandbox.run("up", "--stack", "test");
      assert.equal(up.status, 0, up.output);
    });

    it("is what a zone has as the global's, which content says as it stands", async () => {
      const { zoneUrl } = await stackWith([MESH, timeout("left-over", { "kuma.io/origin": "global" })]);
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 2, output);
      assert.match(output, /nothing was written.*would delete them at its first connection/s);
      assert.ok(output.includes("    MeshTimeout default/left-over\n"), output);
      const there = (await raw(zoneUrl, ["MeshTimeout"])).get("MeshTimeout default/left-over");
      assert.equal(there?.labels?.["kuma.io/origin"], "global");
    });

    it("is a name that a zone takes as long as it runs alone", async () => {
      const long = "n".repeat(246);
      const { zoneUrl } = await stackWith([
        MESH,
        timeout(long),
        timeout("n".repeat(245)),
        legacy(`${long}-more`),
      ]);
      const { status, output } = await sandbox.run("up", "--stack", "test");
      assert.equal(status, 2, output);
      assert.match(output, /nothing was written.*1 resource\(s\) that zone zone-1 goes on owning/s);
      assert.ok(output.includes(`    MeshTimeout default/${long}: 246 characters, at most 245\n`), output);
      assert.equal(await dialled(zoneUrl), undefined);

      const gone = await ask(`${zoneUrl}/meshes/default/meshtimeouts/${long}`, { method: "DELETE" });
      assert.equal(gone.status, 200);
      const up = await sandbox.run("up", "--stack", "test");
      assert.equal(up.status, 0, up.output);
      // the limit is the zone's own
      const refused = async (name: string) => {
        const own = timeout(name, { "kuma.io/origin": "zone" });
        return put(`${zoneUrl}/meshes/default/meshtimeouts/${name}`, own);
      };
      assert.deepEqual([await refused(long), await refused("m".repeat(245))], [400, 201]);
    });

    it("is a zone whose keys and revocations leave no token that serves", async () => {
      const global = await startGlobal(sandbox.directory, { KUMA_STORE_TYPE: "memory" }, program);
      const others = await tokenOf(global.url);
      const { zoneUrl } = await stackWith([MESH], global.config);
      await sandbox.startZones();
      await revoke(zoneUrl, await tokenOf(zoneUrl));

      // whoever is on the machine of the global is its admin: it goes on, and says who is locked out
      const open = await sandbox.run("preview", "--stack", "test");
      assert.equal(open.status, 0, open.output);
      assert.match(open.output, /warning: .*accepts none of the tokens at hand.*its users are locked out/);
      assert.match(
        open.output,
        /the global's admin token: refused, as user-token-signing-key-1 has not signed it/,
      );
      assert.match(
        open.output,
        /left out: GlobalSecret admin-user-token \(the zone does not accept it: user-token-revocations names it\)/,
      );

      const front = await notOnThisMachine(global.url);
      sandbox.environment.KUMA_GLOBAL_TOKEN = others;
      await stackWith([MESH], { ...global.config, apiUrl: front.url });
      const locked = await sandbox.run("up", "--stack", "test");
      assert.notEqual(locked.status, 0);
      assert.match(
        locked.output,
        /nothing was written.*accepts none of the tokens at hand, and its users would be locked out/s,
      );
      assert.equal(await tokenOf(global.url), others, "it still has its own");
      assert.equal(await statusOf(front.url, others), 200, "and accepts it");

      // what the remedy says
      const request = { name: "mesh-system:admin", groups: ["mesh-system:admin"], validFor: "24h" };
      const answer = await ask(`${zoneUrl}/tokens/user`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request),
      });
      const fresh = (await answer.text()).replace(/^"|"$/g, "");
      const secret = { type: "GlobalSecret", name: "admin-user-token", data: encoded(fresh) };
      assert.equal(await put(`${zoneUrl}/globalsecrets/admin-user-token`, secret), 200);
      const up = await sandbox.run("up", "--stack", "test");
      assert.equal(up.status, 0, up.output);
      assert.equal(await statusOf(front.url, fresh), 200);
      front.close();
    });

    it("is not a second zone that gives way in everything, which is told though nothing is written", async () => {
      const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
      const content = [{ ...MESH, mtls }, legacy("slow")];
      await stackWith(content);
      const first = await sandbox.run("up", "--stack", "test");
      assert.equal(first.status, 0, first.output);
      const other = await oneZone({ kumaCp: isReal ? "path" : "embedded", store: "memory" });
      const [second] = other.config.zones as object[];
      const directory = sandbox.writeContent("zone-2", [
        content[0],
        { ...content[1], conf: { connectTimeout: "9s" } },
      ]);
      const { config } = stack ?? assert.fail();
      const zones = [...(config.zones as object[]), { ...second, name: "zone-2", content: directory }];
      const keep = (resources: string) => ({ resources, choice: "keepGlobal" });
      const kumaCp = isReal ? "path" : "embedded";
      sandbox.writeStack("test", {
        ...{ ...config, zones, global: { ...(config.global as object), kumaCp } },
        onConflict: [keep("Mesh default"), keep("*")],
      });
      const { status, output } = await sandbox.run("preview", "--stack", "test");
      assert.equal(status, 0, output);
      assert.match(output, /keep the global's: Secret default\/default\.ca-builtin-cert-ca-1/);
      assert.match(output, /keep the global's: Timeout default\/slow \(differs in conf\.connectTimeout/);
      assert.match(output, /warning: Mesh default has another certificate authority/);
    });

    it("is not a zone whose first signing key is gone: the global keeps its own admin token", async () => {
      const global = await startGlobal(sandbox.directory, { KUMA_STORE_TYPE: "memory" }, program);
      const others = await tokenOf(global.url);
      const { zoneUrl } = await stackWith([MESH], global.config);
      await sandbox.startZones();
      const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
      const pem = key.export({ format: "pem", type: "pkcs1" }).toString();
      const secrets = `${zoneUrl}/globalsecrets/user-token-signing-key`;
      const second = { type: "GlobalSecret", name: "user-token-signing-key-2", data: encoded(pem) };
      assert.equal(await put(`${secrets}-2`, second), 201);
      assert.equal((await ask(`${secrets}-1`, { method: "DELETE" })).status, 200);

      const front = await notOnThisMachine(global.url);
      sandbox.environment.KUMA_GLOBAL_TOKEN = others;
      await stackWith([MESH], { ...global.config, apiUrl: front.url });
      const up = await sandbox.run("up", "--stack", "test");
      assert.equal(up.status, 0, up.output);
      assert.equal(await tokenOf(global.url), others);
      assert.equal(await statusOf(front.url, others), 200);
      front.close();
    });
  });
}
/** An address at which nobody is an admin because of where he comes from. */
async function notOnThisMachine(url: string): Promise<{ url: string; close(): void }> {
  const { port } = new URL(url);
  const server = http.createServer((request, response) => {
    const headers = { ...request.headers, "x-forwarded-for": "192.0.2.1" };
    const { method, url: path } = request;
    const further = http.request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    further.on("error", () => response.destroy());
    request.pipe(further);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
async function statusOf(url: string, token: string): Promise<number> {
  const answer = await fetch(`${url}/globalsecrets`, { headers: { authorization: `Bearer ${token}` } });
  return answer.status;
}
async function tokenOf(url: string): Promise<string> {
  const { data } = await getJson<{ data: string }>(`${url}/globalsecrets/admin-user-token`);
  return Buffer.from(data, "base64").toString("utf8");
}
async function revoke(url: string, token: string): Promise<void> {
  const { jti } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString("utf8")) as {
    jti: string;
  };
  const name = "user-token-revocations";
  assert.equal(
    await put(`${url}/globalsecrets/${name}`, { type: "GlobalSecret", name, data: encoded(jti) }),
    201,
  );
}
