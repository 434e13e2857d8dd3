import * as assert from "node:assert/strict";
import {
  type ProxyToken,
  type Resource,
  meshForGlobal,
  parseProxyToken,
  proxyTokenKeys,
  tokenState,
} from "../../../../kuma";
import type { Action } from "../../../../kuma/federation/plan";
import {
  endedMeshes,
  isProxyTokenKey,
  issueLike,
  proxiesOfMeshes,
  proxiesWhoseTokensEnd,
  readProxyTokenKeys,
} from "../../../../kuma/zone/tokens/proxyTokens";
import { keyOf } from "../../../../kuma/resource/resource";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { typesByName } from "../../../support/resources/types";
import { newKey, secret, tokenOf } from "../../../support/userTokens";

const DAY_S = 24 * 60 * 60;
const KEY = newKey();
const inMesh = (name: string, text = "k", mesh = "default"): Resource => ({
  ...secret(name, text),
  ...{ type: "Secret", mesh },
});
const NUMBERED = inMesh("dataplane-token-signing-key-default-1", "one");
const ZONES = secret("zone-token-signing-key-2", "two");

describe("kuma/zone/tokens: keys of proxies' tokens", () => {
  afterEach(stopFakes);

  it("are told by type, mesh and name", () => {
    for (const each of [NUMBERED, inMesh("dataplane-token-signing-key-default"), ZONES])
      assert.equal(isProxyTokenKey(each), true, each.name);
    for (const each of [
      { ...NUMBERED, type: "Config" },
      { ...NUMBERED, mesh: "other" },
      inMesh("dataplane-token-signing-key-defaults"),
      inMesh("admin-user-token"),
      secret("dataplane-token-signing-key-default-1", "k"),
      secret("user-token-signing-key-1", "k"),
      inMesh("zone-token-signing-key-1"),
    ])
      assert.equal(isProxyTokenKey(each), false, `${each.type} ${each.name}`);
  });

  it("are read from a control plane's secrets, of which it may not know every type", async () => {
    const global = await FakeControlPlane.start({ resources: [NUMBERED, ZONES, inMesh("other")] });
    const read = async (...left: string[]) => {
      const types = new Map([...typesByName].filter(([name]) => !left.includes(name)));
      return [...(await readProxyTokenKeys(clientOf(global), types, {})).keys];
    };
    assert.deepEqual(await read(), [
      ["default/1", "one"],
      ["/2", "two"],
    ]);
    assert.deepEqual(await read("GlobalSecret"), [["default/1", "one"]]);
    assert.deepEqual(global.asked.length, 3);
  });

  it("are read from the zone's configuration, with those of files known by their place alone", () => {
    const publicKeys = [
      { kid: "1", mesh: "default", key: "PEM" },
      { kid: 2, mesh: 7, key: "" },
      { kid: "3", mesh: "default", keyFile: "/key" },
    ];
    const validator = { validator: { publicKeys } };
    const zones = { validator: { publicKeys: [{ kid: "z", key: "PEM of zones" }] } };
    const authn = { dpProxy: { dpToken: validator }, zoneProxy: { zoneToken: zones } };
    assert.deepEqual(
      [...proxyTokenKeys([], { dpServer: { authn } }).configured],
      [
        ["default/1", "PEM"],
        ["/2", null],
        ["default/3", null],
        ["/z", "PEM of zones"],
      ],
    );
  });

  it("end tokens also where what they hold is no key", () => {
    const keys = (text: string) =>
      proxyTokenKeys([inMesh("dataplane-token-signing-key-default-1", text)], {});
    assert.deepEqual(endedMeshes(keys("a"), keys("a")), []);
    assert.deepEqual(endedMeshes(keys("a"), keys("b")), ["default"]);
  });

  const tokenWith = (claims: object) => parseProxyToken(tokenOf(KEY, "1", claims));

  it("have signed tokens that say whose they are by words alone", () => {
    assert.equal(tokenWith({ Mesh: 7, Zone: "" }), undefined);
    const zones = tokenWith({ Mesh: "", Zone: "zone-1", exp: "never" }) ?? assert.fail();
    assert.deepEqual([zones.zone, "mesh" in zones, "ends" in zones], ["zone-1", false, false]);
    const nameless = tokenWith({ Mesh: "default", Name: 7, exp: 10 }) ?? assert.fail();
    assert.deepEqual([nameless.mesh, "name" in nameless, nameless.ends], ["default", false, 10_000]);
  });

  it("have signed tokens that are due and void at their very moment", () => {
    const token = tokenWith({ Mesh: "default", nbf: 0, exp: 300 * DAY_S }) as ProxyToken;
    const keys = proxyTokenKeys([inMesh("dataplane-token-signing-key-default-1", KEY)], {});
    const state = (day: number, ms = 0) => tokenState(token, keys, day * DAY_S * 1000 + ms);
    assert.deepEqual([state(270), state(270, 1)], ["valid", "due"]);
    assert.deepEqual([state(300, -1), state(300)], ["due", "void"]);
  });

  it("sign the next token for as long as can be told, for a bearer that is named", async () => {
    const client = clientOf(await FakeControlPlane.start());
    const asked: unknown[] = [];
    client.post = async (_, { validFor }: { validFor?: string }, what) => (asked.push([validFor, what]), "");
    await issueLike(tokenWith({ Mesh: "default", nbf: 0, exp: "never" }) as ProxyToken, client);
    await issueLike(tokenWith({ Zone: "zone-1", nbf: 0, exp: 60 }) as ProxyToken, client);
    assert.deepEqual(asked, [
      ["87600h", "a token for data plane proxies of mesh default"],
      ["1h", "a token for the zone proxies of zone zone-1"],
    ]);
  });

  describe("that give way", () => {
    const proxy = (type: string, name: string, mesh?: string): Resource => ({
      type,
      name,
      ...(mesh && { mesh }),
    });
    const kept = [
      proxy("Dataplane", "b", "default"),
      proxy("Dataplane", "a", "default"),
      proxy("Dataplane", "c", "other"),
      proxy("ZoneEgress", "out"),
    ];
    const planned = (action: Action, resource: Resource) => ({ key: keyOf(resource), action, resource });
    const ended = (...resources: ReturnType<typeof planned>[]) =>
      proxiesWhoseTokensEnd({ resources }, kept, "zone-1").map(({ name }) => name);

    it("end the tokens of the zone's proxies in that mesh", () => {
      assert.deepEqual(ended(planned("keepGlobal", NUMBERED)), ["a", "b"]);
      assert.deepEqual(ended(planned("keepGlobal", ZONES)), ["out"]);
      assert.deepEqual(
        proxiesOfMeshes(kept.slice(0, 2).reverse(), ["default"], "zone-1").map(({ name }) => name),
        ["a", "b"],
      );
    });

    it("end none where the zone's stays, or what gives way is no key", () => {
      assert.deepEqual(ended(planned("overwrite", NUMBERED), planned("same", ZONES)), []);
      const mesh = meshForGlobal({ type: "Mesh", name: "default" });
      assert.deepEqual(ended(planned("keepGlobal", mesh), planned("keepGlobal", inMesh("other"))), []);
    });
  });
});
