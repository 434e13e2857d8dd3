import assert from "node:assert/strict";
import { assertError, call, get, remove, secretValue, STRANGER, write } from "./support/client";
import { onEachControlPlane } from "./support/kinds";
import { startPair } from "./support/pair";
import type { ControlPlane } from "./support/process";

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into, not typed */

onEachControlPlane("authentication", (kind) => {
  let zone: ControlPlane;
  let global: ControlPlane;

  before(async () => {
    [zone, global] = await startPair(kind);
  });

  const claims = (token: string): any =>
    JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString("utf8"));

  it("a program on this machine is admin", async () => {
    const me = await get(global, "/who-am-i");
    assert.deepEqual(me, {
      name: "mesh-system:admin",
      groups: ["mesh-system:admin", "mesh-system:authenticated"],
    });
  });

  it("a stranger reads everything but secrets, and may write the rest", async () => {
    assert.equal((await call(global, "GET", "/meshes", undefined, STRANGER)).status, 200);
    for (const path of ["/secrets", "/meshes/m1/secrets", "/global-secrets", "/globalsecrets"]) {
      const answer = await call(global, "GET", path, undefined, STRANGER);
      assertError(answer, 403, "Access Denied");
      assert.match(
        answer.json.detail,
        /^user "mesh-system:anonymous\/mesh-system:unauthenticated" cannot access/,
      );
    }
    const mesh = { type: "Mesh", name: "by-stranger", skipCreatingInitialPolicies: ["*"] };
    assert.equal((await call(global, "PUT", "/meshes/by-stranger", mesh, STRANGER)).status, 201);
    await remove(global, "/meshes/by-stranger");
  });

  it("the admin token opens secrets, another does not", async () => {
    const admin = secretValue(await get(global, "/global-secrets/admin-user-token"));
    const bearer = (token: string) => ({ ...STRANGER, authorization: `Bearer ${token}` });
    assert.equal((await call(global, "GET", "/secrets", undefined, bearer(admin))).status, 200);
    const refused = await call(global, "GET", "/secrets", undefined, bearer("nonsense"));
    assertError(refused, 401, "Invalid authentication data");
    const foreign = secretValue(await get(zone, "/global-secrets/admin-user-token"));
    assert.equal((await call(global, "GET", "/meshes", undefined, bearer(foreign))).status, 401);
    const john = { name: "john", groups: ["users"], validFor: "1h" };
    const token = await call(global, "POST", "/tokens/user", john);
    const denied = await call(global, "GET", "/secrets", undefined, bearer(token.text));
    assertError(denied, 403, "Access Denied");
    assert.match(denied.json.detail, /^user "john\/users,mesh-system:authenticated" cannot access/);
  });

  it("an imported signing key changes whose tokens count, at once", async () => {
    const path = "/global-secrets/user-token-signing-key-1";
    const own = await get(global, path);
    const foreign = await get(zone, path);
    const bearer = (token: string) => ({ ...STRANGER, authorization: `Bearer ${token}` });
    const ofZone = secretValue(await get(zone, "/global-secrets/admin-user-token"));
    const ofGlobal = secretValue(await get(global, "/global-secrets/admin-user-token"));
    const { type, name } = own;
    await write(global, path, { type, name, data: foreign.data });
    assert.equal((await call(global, "GET", "/secrets", undefined, bearer(ofZone))).status, 200);
    assert.equal((await call(global, "GET", "/secrets", undefined, bearer(ofGlobal))).status, 401);
    await write(global, path, { type, name, data: own.data });
    assert.equal((await call(global, "GET", "/secrets", undefined, bearer(ofGlobal))).status, 200);
  });

  it("issues tokens for users, zones and data plane proxies", async () => {
    const user = await call(global, "POST", "/tokens/user", {
      name: "john",
      groups: ["g"],
      validFor: "1h",
    });
    assert.match(user.headers.get("content-type") ?? "", /^text\/plain/);
    assert.deepEqual([claims(user.text).Name, claims(user.text).Groups], ["john", ["g"]]);
    assert.equal(Math.round((claims(user.text).exp - claims(user.text).iat) / 60), 60);
    const zoneToken = await call(global, "POST", "/tokens/zone", {
      zone: "z",
      scope: ["egress"],
      validFor: "1h",
    });
    assert.deepEqual(claims(zoneToken.text).Scope, ["egress"]);
    const proxy = await call(global, "POST", "/tokens/dataplane", {
      mesh: "m1",
      name: "dp",
      validFor: "1h",
    });
    assert.deepEqual([claims(proxy.text).Mesh, claims(proxy.text).Name], ["m1", "dp"]);
  });

  it("refuses token requests that are incomplete, or by others than admins", async () => {
    assertError(await call(global, "POST", "/tokens/user", {}), 400, "Invalid request", {
      name: "cannot be empty",
      validFor: "cannot be empty",
    });
    assertError(await call(global, "POST", "/tokens/zone", {}), 400, "Invalid request", {
      scope: "cannot be empty",
    });
    const unknown = await call(global, "POST", "/tokens/dataplane", { mesh: "none" });
    assertError(unknown, 404, "Signing Key not found");
    const request = { name: "x", validFor: "1h" };
    assertError(await call(global, "POST", "/tokens/user", request, STRANGER), 403, "Access Denied");
  });
});
