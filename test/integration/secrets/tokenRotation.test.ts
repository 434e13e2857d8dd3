import assert from "node:assert/strict";
import { NOBODY_ELSE } from "../../../platforms/universal/adminAccess";
import { needsEngine } from "../../support/pulumi/engine";
import { newKey, secret as keyOf, tokenOf } from "../../support/userTokens";
import { Sandbox, ask, getJson, oneZone, put, startGlobal } from "../support";

/** A global of others that takes nobody for its admin who has no token; both tokens are signed with keys of their own. */
describe("another token for the global", function () {
  needsEngine();
  this.timeout(600_000);
  const [first, second] = [newKey(), newKey()];
  const [former, next] = [tokenOf(first, "3", { exp: 4e9 }), tokenOf(second, "4", { exp: 4e9, jti: "id-2" })];
  let sandbox: Sandbox;
  let globalUrl: string;
  let zoneUrl: string;

  before(async () => {
    sandbox = new Sandbox({ PULUMI_CONFIG_PASSPHRASE: "of this test" });
    // with the keys in it first, as nobody else could write them
    const open = await startGlobal(sandbox.directory);
    for (const [number, pem] of [
      [3, first],
      [4, second],
    ] as const) {
      const key = keyOf(`user-token-signing-key-${number}`, pem);
      assert.equal(await put(`${open.url}/global-secrets/${key.name}`, key), 201);
    }
    await open.process.stop();
    const global = await startGlobal(sandbox.directory, NOBODY_ELSE);
    globalUrl = global.url;
    const stack = await oneZone();
    ({ zoneUrl } = stack);
    sandbox.writeStack("test", { ...stack.config, global: global.config });
  });
  after(() => sandbox?.remove());

  function setToken(token: string): void {
    const { status, stderr } = sandbox.secret(token, "set", "globalToken");
    assert.equal(status, 0, stderr);
  }

  /** Another one after each start. */
  const instanceOf = async () => (await getJson<{ instanceId: string }>(`${zoneUrl}/`)).instanceId;

  async function run(wanted: number, command: string, ...more: string[]): Promise<string> {
    const { status, output } = await sandbox.run(command, "--stack", "test", ...more);
    assert.equal(status, wanted, output);
    for (const token of [former, next]) assert.ok(!output.includes(token.split(".")[2]));
    return output;
  }

  it("is told in the preview, restarts nothing, and leaves the former one to nobody", async () => {
    setToken(former);
    await run(0, "up");
    setToken(next);
    const before = await instanceOf();
    assert.match(await run(0, "preview"), /^ {2}update {3}global$/m);
    await run(0, "up");
    assert.equal(await instanceOf(), before, "the zone's control plane goes on");
    assert.match(await run(0, "preview"), /nothing to do/);

    const key = `${globalUrl}/global-secrets/user-token-signing-key-3`;
    assert.ok((await ask(key, { method: "DELETE", headers: { authorization: `Bearer ${next}` } })).ok);
    const asFormer = await fetch(`${globalUrl}/global-secrets`, {
      headers: { authorization: `Bearer ${former}` },
    });
    assert.equal(asFormer.status, 401);
    await run(0, "status");
    assert.match(await run(0, "preview"), /nothing to do/);
  });

  it("is not missed where the zone's admin, whose key the global has, opens it as well", async () => {
    setToken(former);
    assert.match(await run(0, "preview"), /^ {2}update {3}global$/m);
    await run(0, "destroy");
  });
});
