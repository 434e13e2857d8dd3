import * as assert from "node:assert/strict";
import { Resource, linksOf } from "../../../kuma";
import { allowAll, inMesh, mesh, ofZone, proxyIn, service, sound, zoneOn } from "./worlds";

/** Services are known by MeshServices. */
const named = { meshServices: { mode: "Everywhere" } };

describe("kuma/multizone/links", () => {
  const link = (at: Parameters<typeof linksOf>[0], from = "a", to = "b") => {
    const found = linksOf(at).find((each) => each.from === from && each.to === to) ?? assert.fail("no link");
    return [found.state, ...found.why];
  };

  it("are open both ways where nothing is in the way", () => {
    assert.deepEqual(
      linksOf(sound()).map(({ from, to, mesh: of, state, why }) => [from, to, of, state, why]),
      [
        ["a", "b", "default", "open", []],
        ["b", "a", "default", "open", []],
      ],
    );
  });

  it("are there between zones that have proxies of the mesh alone", () => {
    assert.deepEqual(linksOf(sound({ proxies: [proxyIn("a")] })), []);
    const other = proxyIn("b", "web", {}, { mesh: "other" });
    assert.deepEqual(linksOf(sound({ proxies: [proxyIn("a"), other] })), []);
  });

  it("are closed without mTLS, to a zone that is disabled, or that has no ingress", () => {
    assert.deepEqual(link(sound({ resources: [mesh({ mtls: {} })] })), [
      "closed",
      "mesh default has no mTLS",
    ]);
    const disabled = sound({ zones: [zoneOn("a"), zoneOn("b", { enabled: false })] });
    assert.deepEqual(link(disabled), ["closed", "zone b is disabled on the global"]);
    assert.deepEqual(link(disabled, "b", "a"), ["open"]);
    const [a, b] = sound().ingresses;
    assert.deepEqual(link(sound({ ingresses: [a] })), ["closed", "zone b has no zone ingress"]);
    assert.deepEqual(link(sound({ ingresses: [a, { ...b, connected: false }] })), [
      "closed",
      "no zone ingress of b is connected",
    ]);
    assert.deepEqual(link(sound({ ingresses: [a, { name: "in-b", zone: "b", connected: true }] })), [
      "closed",
      "no zone ingress of b tells an address",
    ]);
  });

  it("need one zone ingress that is connected and tells an address, not two halves of one", () => {
    const [a] = sound().ingresses;
    const halves = [
      { name: "old", zone: "b", address: "old.example.com:10001", connected: false },
      { name: "in-b", zone: "b", connected: true },
    ];
    assert.deepEqual(link(sound({ ingresses: [a, ...halves] })), [
      "closed",
      "no zone ingress of b that is connected tells an address",
    ]);
  });

  it("go past the zone egress where the mesh has MeshServices alone", () => {
    const routed = { routing: { zoneEgress: true }, meshServices: { mode: "Exclusive" } };
    assert.deepEqual(link(sound({ resources: [mesh(routed), allowAll] })), ["open"]);
  });

  it("are in the order of zones' names", () => {
    const found = linksOf(sound({ proxies: ["c", "a", "b"].map((zone) => proxyIn(zone)) }));
    assert.deepEqual(
      found.map(({ from, to }) => from + to),
      ["ab", "ac", "ba", "bc", "ca", "cb"],
    );
  });

  const identity = inMesh("MeshIdentity", "i", {});

  it("are encrypted by a MeshIdentity of their own mesh alone", () => {
    const by = (mesh_: string) =>
      link(sound({ resources: [mesh({ mtls: {}, ...named }), { ...identity, mesh: mesh_ }] }));
    assert.deepEqual(by("default"), ["open"]);
    assert.deepEqual(by("other"), ["closed", "mesh default has no mTLS"]);
  });

  it("are closed with a MeshIdentity alone to services that are known by their tag (kumahq/kuma 14339)", () => {
    const by = (more: object, ...resources: Resource[]) =>
      link(sound({ resources: [mesh({ mtls: {}, ...more }), identity, ...resources] }));
    const closed = ["closed", "mesh default has neither mTLS of its own nor MeshServices"];
    for (const meshServices of [undefined, {}, { mode: "Disabled" }])
      assert.deepEqual(by({ meshServices }), closed, JSON.stringify(meshServices));
    for (const mode of ["Everywhere", "ReachableBackends", "Exclusive"])
      assert.deepEqual(by({ meshServices: { mode } }), ["open"], mode);
    // as in Kuma 3, whose meshes have no such setting
    assert.deepEqual(by({}, service("b")), ["open"]);
    assert.deepEqual(by({}, { ...service("b"), mesh: "other" }), closed);
    assert.deepEqual(by({ mtls: mesh().mtls }), ["open"]);
  });

  it("are closed to a zone whose ingress has no listener (kumahq/kuma 4218)", () => {
    const [a, b] = sound().ingresses;
    const by = (...ingresses: object[]) =>
      link(sound({ ingresses: [a, ...ingresses.map((each) => ({ ...b, ...each }))] }));
    const none = "no zone ingress of b that tells an address has a listener";
    assert.deepEqual(by({ serves: false }), ["closed", none]);
    assert.deepEqual(by({ serves: false }, { address: undefined, serves: true }), ["closed", none]);
    assert.deepEqual(by({ serves: false }, { serves: true }), ["open"]);
    assert.deepEqual(by({ serves: undefined }), ["open"]);
  });

  it("are open where one of several ingresses is connected", () => {
    const [a, b] = sound().ingresses;
    assert.deepEqual(link(sound({ ingresses: [a, { ...b, connected: false }, b] })), ["open"]);
  });

  it("are open by a MeshZoneAddress of the mesh in the zone", () => {
    const [a, b] = sound().ingresses;
    const by = (address: Partial<Resource>, ingresses = [a], byName: object = named) => {
      const inZone = { ...inMesh("MeshZoneAddress", "z", {}, ofZone("b")), ...address };
      return link(sound({ ingresses, resources: [mesh(byName), inZone] }));
    };
    assert.deepEqual(by({}), ["open"]);
    assert.deepEqual(by({}, [a, { ...b, connected: false }]), ["open"]);
    // which services by tag do not go by
    assert.deepEqual(by({}, [a], {}), ["closed", "zone b has no zone ingress"]);
    for (const other of [{ mesh: "other" }, { labels: ofZone("a") }, { labels: undefined }])
      assert.deepEqual(by(other), ["closed", "zone b has no zone ingress"], JSON.stringify(other));
  });

  it("need the client's zone egress where the mesh asks for it", () => {
    const at = sound({
      resources: [mesh({ routing: { zoneEgress: true } }), allowAll],
      egresses: [{ name: "e", zone: "b", connected: true }],
    });
    assert.deepEqual(link(at), [
      "closed",
      "zone a has no zone egress that is connected, and mesh default asks for one",
    ]);
    assert.deepEqual(link(at, "b", "a"), ["open"]);
    const cutOff = at.egresses.map((each) => ({ ...each, connected: false }));
    assert.deepEqual(link({ ...at, egresses: cutOff }, "b", "a"), [
      "closed",
      "zone b has no zone egress that is connected, and mesh default asks for one",
    ]);
  });

  it("are stale where a zone is offline or not known", () => {
    const at = sound({ zones: [zoneOn("a"), zoneOn("b", { online: false })] });
    assert.deepEqual(
      [link(at), link(at, "b", "a")],
      [
        ["stale", "zone b is offline"],
        ["stale", "zone b is offline"],
      ],
    );
    assert.deepEqual(link(sound({ zones: [zoneOn("a")] })), ["stale", "zone b is offline"]);
  });
});
