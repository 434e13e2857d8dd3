import * as assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import {
  type ProxyToken,
  type Resource,
  commandFor,
  endedMeshes,
  issueLike,
  parseProxyToken,
  proxiesOfMeshes,
  proxyTokenKeys,
  tokenState,
} from "../../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../../support/controlPlane/fakeControlPlane";
import { newKey, now, secret, tokenOf } from "../../../support/userTokens";

const DAY = 24 * 60 * 60;
const [own, other] = [newKey(), newKey()];
const publicHalf = (pem: string) => createPublicKey(pem).export({ type: "spki", format: "pem" }) as string;
const ofMesh = (pem: string, name = "dataplane-token-signing-key-default-1"): Resource => ({
  ...secret(name, pem),
  ...{ type: "Secret", mesh: "default" },
});
const read = (pem: string, claims: object = {}, kid = "1") =>
  parseProxyToken(tokenOf(pem, kid, { Mesh: "default", Name: "redis", ...claims })) as ProxyToken;

describe("kuma/zone/tokens/proxyTokens", () => {
  afterEach(stopFakes);

  it("tells a token of a proxy from others", () => {
    assert.deepEqual([read(own).mesh, read(own).name], ["default", "redis"]);
    const zone = parseProxyToken(tokenOf(own, "1", { Zone: "zone-1", Scope: ["ingress"], Name: "" }));
    assert.deepEqual([zone?.mesh, zone?.zone], [undefined, "zone-1"]);
    for (const text of ["", "opaque", tokenOf(own, "1")]) assert.equal(parseProxyToken(text), undefined);
  });

  it("takes a token for valid only where the key of its mesh and number has signed it", () => {
    const state = (token: ProxyToken, ...secrets: Resource[]) =>
      tokenState(token, proxyTokenKeys(secrets, {}));
    const long = { nbf: now() - DAY, exp: now() + 300 * DAY };
    assert.equal(state(read(own, long), ofMesh(own)), "valid");
    assert.equal(state(read(own, long), ofMesh(other)), "void");
    assert.equal(state(read(own, long), { ...ofMesh(own), mesh: "else" }), "void");
    assert.equal(state(read(own, long, "2"), ofMesh(own)), "void");
    assert.equal(state(read(own, long, "0"), ofMesh(own, "dataplane-token-signing-key-default")), "valid");
    assert.equal(state(read(own, { nbf: now() - DAY, exp: now() - 1 }), ofMesh(own)), "void");
    const zone = parseProxyToken(tokenOf(own, "1", { ...long, Zone: "zone-1" })) as ProxyToken;
    assert.equal(state(zone, ofMesh(own)), "void");
    for (const name of ["zone-token-signing-key-1", "zone-token-signing-public-key-1"])
      assert.equal(state(zone, secret(name, name.includes("public") ? publicHalf(own) : own)), "valid");
  });

  it("takes it for due before it ends, and not all the time where it is valid for a day", () => {
    const state = (from: number, to: number) =>
      tokenState(read(own, { nbf: now() + from, exp: now() + to }), proxyTokenKeys([ofMesh(own)], {}));
    assert.equal(state(-335 * DAY, 31 * DAY), "valid");
    assert.equal(state(-336 * DAY, 29 * DAY), "due");
    assert.equal(state(-DAY / 2, DAY / 2), "valid");
    assert.equal(state((-DAY * 3) / 4, DAY / 4), "due");
  });

  it("leaves alone what was signed by a key of the configuration", () => {
    const config = (...publicKeys: object[]) => ({
      dpServer: { authn: { dpProxy: { dpToken: { validator: { publicKeys } } } } },
    });
    const state = (value: object) => tokenState(read(own), proxyTokenKeys([ofMesh(other)], value));
    assert.equal(state(config({ kid: "1", mesh: "default", key: publicHalf(own) })), "foreign");
    assert.equal(state(config({ kid: "1", mesh: "", keyFile: "/etc/key" })), "foreign");
    assert.equal(state(config({ kid: "1", mesh: "default", key: publicHalf(other) })), "void");
    assert.equal(state(config({ kid: "2", mesh: "default", key: publicHalf(own) })), "void");
  });

  it("names the meshes whose key gives way, and the zone's proxies in them", () => {
    const keys = (...secrets: Resource[]) => proxyTokenKeys(secrets, {});
    assert.deepEqual(endedMeshes(keys(ofMesh(own)), keys(ofMesh(own))), []);
    assert.deepEqual(endedMeshes(keys(ofMesh(own)), keys(ofMesh(other))), ["default"]);
    const zoneKey = secret("zone-token-signing-key-1", own);
    const half = secret("zone-token-signing-public-key-1", publicHalf(own));
    assert.deepEqual(endedMeshes(keys(zoneKey), keys(half)), []);
    assert.deepEqual(endedMeshes(keys(zoneKey), keys()), [""]);
    const proxies: Resource[] = [
      { type: "Dataplane", mesh: "default", name: "redis" },
      { type: "Dataplane", mesh: "else", name: "redis" },
      { type: "ZoneIngress", name: "in" },
      { type: "ZoneIngress", name: "theirs", labels: { "kuma.io/zone": "zone-2" } },
      { type: "MeshTimeout", mesh: "default", name: "t" },
    ];
    const named = (...meshes: string[]) => proxiesOfMeshes(proxies, meshes, "zone-1").map(({ name }) => name);
    assert.deepEqual([named("default"), named(""), named()], [["redis"], ["in"], []]);
  });

  it("has a token issued that says the same, for as long as it was", async () => {
    const fake = await FakeControlPlane.start();
    const asked: unknown[] = [];
    const client = clientOf(fake);
    client.post = async (path, body) => (asked.push([path, body]), "fresh\n");
    const tags = { "kuma.io/service": ["redis"] };
    const claims = { Tags: tags, Type: "dataplane", Workload: "", nbf: 1000, exp: 1000 + 48 * 3600 + 5 };
    assert.equal(await issueLike(read(own, claims), client), "fresh");
    const zone = parseProxyToken(tokenOf(own, "1", { Zone: "zone-1", Scope: ["egress"], nbf: undefined }));
    await issueLike(zone as ProxyToken, client);
    const dataplane = {
      name: "redis",
      mesh: "default",
      tags,
      type: "dataplane",
      workload: "",
      validFor: "48h",
    };
    assert.deepEqual(asked, [
      ["/tokens/dataplane", dataplane],
      ["/tokens/zone", { zone: "zone-1", scope: ["egress"], validFor: "87600h" }],
    ]);
  });

  it("says what a person types", () => {
    const of = (type: string, mesh?: string) => commandFor({ type, mesh, name: "p" }, "zone-1");
    assert.equal(
      of("Dataplane", "default"),
      "kumactl generate dataplane-token --mesh default --name p --valid-for 8760h",
    );
    assert.equal(
      of("ZoneEgress"),
      "kumactl generate zone-token --zone zone-1 --scope egress --valid-for 8760h",
    );
  });
});
