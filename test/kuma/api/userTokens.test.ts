import * as assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { Resource, exportZone, keyOf, reasonToRefuse, tokenRules } from "../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { newKey, now, secret, tokenOf } from "../../support/userTokens";

describe("kuma/api/userTokens", () => {
  const [first, second] = [newKey(), newKey()];
  const key = (id: string, pem: string) => secret(`user-token-signing-key-${id}`, pem);
  const refusal = (token: string, ...resources: Resource[]) => reasonToRefuse(token, tokenRules(resources));

  it("accepts a token that a key of its id has signed and that nobody has revoked", () => {
    assert.equal(refusal(tokenOf(first, "1"), key("1", first)), undefined);
    assert.equal(refusal(tokenOf(second, "2"), key("1", first), key("2", second)), undefined);
    assert.equal(refusal(`${tokenOf(first, "1")}\n`, key("1", first)), undefined);
    assert.equal(
      refusal(tokenOf(first, "1"), key("1", first), secret("user-token-revocations", "id-2")),
      undefined,
    );
  });

  it("refuses what Kuma refuses", () => {
    assert.match(refusal(tokenOf(first, "1"), key("2", second)) ?? "", /no user-token-signing-key of the id/);
    assert.match(
      refusal(tokenOf(first, "1"), key("1", second)) ?? "",
      /user-token-signing-key-1 has not signed it/,
    );
    const revoked = secret("user-token-revocations", "id-0,id-1\n");
    assert.match(
      refusal(tokenOf(first, "1"), key("1", first), revoked) ?? "",
      /user-token-revocations names it/,
    );
    assert.match(refusal(tokenOf(first, "1", { exp: now() - 1 }), key("1", first)) ?? "", /expired/);
    assert.match(refusal(tokenOf(first, "1", { nbf: now() + 60 }), key("1", first)) ?? "", /not valid yet/);
    for (const text of ["", "a.b.c", "opaque"])
      assert.equal(refusal(text, key("1", first)), "it is no user token");
    assert.match(refusal(tokenOf(first, "1"), key("1", "no key")) ?? "", /has not signed it/);
  });

  it("is not taken in by what is none of its shape", () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = (header: object, claims: unknown) => {
      const text = `${part(header)}.${part(claims)}`;
      return `${text}.${createSign("RSA-SHA256").update(text).sign(first, "base64url")}`;
    };
    const rs = { alg: "RS256", kid: "1" };
    assert.match(
      refusal(signed({ ...rs, alg: "HS256" }, {}), key("1", first)) ?? "",
      /user-token-signing-key-1 has not signed it/,
    );
    assert.match(
      refusal(signed({ ...rs, kid: 1 }, {}), key("1", first)) ?? "",
      /no user-token-signing-key of the id/,
    );
    assert.equal(refusal(signed(rs, {}), key("1", first)), undefined);
    for (const claims of [{ exp: "0" }, { nbf: "99999999999" }, { jti: ["id-1"] }])
      assert.equal(
        refusal(signed(rs, claims), key("1", first), secret("user-token-revocations", "id-1")),
        undefined,
      );
    for (const text of [
      `${part(rs)}.${part(null)}.x`,
      `${part(7)}.${part({})}.x`,
      `${part(rs)}.${part("x")}.x`,
      part(rs),
    ])
      assert.equal(refusal(text, key("1", first)), "it is no user token", text);
    assert.equal(refusal(`  ${signed(rs, {})}\n`, key("1", first)), undefined);
  });

  it("goes by global secrets alone, and by what they hold", () => {
    const revocations = secret("user-token-revocations", "id-1");
    const token = tokenOf(first, "1");
    assert.equal(refusal(token, key("1", first), { ...revocations, type: "Secret", mesh: "m" }), undefined);
    assert.equal(refusal(token, key("1", first), { ...revocations, data: 7 }), undefined);
    assert.equal(refusal(tokenOf(first, "1", { jti: "" }), key("1", first)), undefined);
    assert.match(
      refusal(token, { ...key("1", first), type: "Secret", mesh: "m" }) ?? "",
      /no user-token-signing-key/,
    );
    assert.match(refusal(token, { ...key("1", first), data: undefined }) ?? "", /has not signed it/);
    const { keys, revoked } = tokenRules([secret("user-token-revocations", "a\nb,c\n")]);
    assert.deepEqual([[...keys], [...revoked]], [[], ["a\nb", "c"]]);
    assert.deepEqual([...tokenRules([]).revoked], []);
  });

  describe("an export", () => {
    afterEach(stopFakes);
    const leftOutOf = async (...resources: Resource[]) => {
      const zone = await FakeControlPlane.start({ resources });
      const { carried, originals, leftOut } = await exportZone(clientOf(zone));
      return { carried: carried.map(keyOf), originals: originals.map(keyOf), leftOut };
    };

    it("leaves out an admin token that the zone itself does not accept, and keeps it for the way back", async () => {
      const admin = secret("admin-user-token", tokenOf(first, "1"));
      const { carried, originals, leftOut } = await leftOutOf(admin, key("2", second));
      assert.deepEqual(carried, ["GlobalSecret user-token-signing-key-2"]);
      assert.ok(originals.includes("GlobalSecret admin-user-token"));
      assert.match(leftOut[0].reason, /^the zone does not accept it: /);
    });

    it("carries one that the zone accepts", async () => {
      const admin = secret("admin-user-token", tokenOf(first, "1"));
      assert.ok((await leftOutOf(admin, key("1", first))).carried.includes("GlobalSecret admin-user-token"));
    });
  });
});
