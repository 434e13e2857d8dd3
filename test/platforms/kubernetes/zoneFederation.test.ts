import * as assert from "node:assert/strict";
import type { Resource } from "../../../kuma";
import { leaveGlobal, untilJoined } from "../../../platforms/kubernetes/zoneFederation";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const ALONE = { mode: "zone", environment: "kubernetes", store: { type: "kubernetes" } };
const dialling = (globalAddress: string) => ({
  ...ALONE,
  multizone: { zone: { name: "default", globalAddress } },
});
const byGlobal = { labels: { "kuma.io/origin": "global" } };

const mesh: Resource = {
  type: "Mesh",
  name: "default",
  mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
};
const secret: Resource = { type: "Secret", mesh: "default", name: "s", data: "YQ==" };
const route: Resource = { type: "TrafficRoute", mesh: "default", name: "route", conf: {} };
const timeout: Resource = {
  type: "MeshTimeout",
  mesh: "default",
  name: "own",
  labels: { "kuma.io/origin": "zone" },
  spec: {},
};
const ORIGINALS = [mesh, secret, route];

/** As KDS leaves a zone: the mesh is the global's, the route goes by another name, a policy of the global has come. */
const FEDERATED: Resource[] = [
  { ...mesh, ...byGlobal, mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "provided" }] } },
  secret,
  { ...route, ...byGlobal, name: "route-0123456789abcdef" },
  timeout,
  { type: "MeshTimeout", mesh: "default", name: "of-global-0123456789abcdef", ...byGlobal, spec: {} },
  { type: "Mesh", name: "other", ...byGlobal },
];

describe("platforms/kubernetes/zoneFederation", () => {
  let zone: FakeControlPlane;
  let global: FakeControlPlane;
  beforeEach(async () => {
    zone = await FakeControlPlane.start({ config: ALONE, resources: FEDERATED });
    global = await FakeControlPlane.start({ resources: [{ type: "Zone", name: "default" }] });
  });
  afterEach(stopFakes);

  const leave = (kept: Resource[] = []) =>
    leaveGlobal(
      { zone: clientOf(zone), global: clientOf(global), zoneName: "default" },
      { originals: ORIGINALS, kept },
    );

  it("gives a zone back what it had, takes away what came from the global, and has that forget the zone", async () => {
    await leave();
    assert.deepEqual(zone.writes, [
      "PUT /meshes/default",
      "PUT /meshes/default/traffic-routes/route",
      ...zone.writes.slice(2, 4),
      "DELETE /meshes/other",
    ]);
    assert.deepEqual(zone.writes.slice(2, 4).sort(), [
      "DELETE /meshes/default/meshtimeouts/of-global-0123456789abcdef",
      "DELETE /meshes/default/traffic-routes/route-0123456789abcdef",
    ]);
    assert.deepEqual([...zone.store.keys()].sort(), [
      "Mesh default",
      "MeshTimeout default/own",
      "Secret default/s",
      "TrafficRoute default/route",
    ]);
    assert.deepEqual((zone.store.get("Mesh default") as typeof mesh).mtls, mesh.mtls);
    assert.deepEqual(global.writes, ["DELETE /zones/default"]);
  });

  it("gives back what a former global had left there, as the zone's own, and nothing else of what it keeps", async () => {
    const labels = { "kuma.io/origin": "global", "kuma.io/display-name": "left", team: "a" };
    const left: Resource = {
      ...{ type: "MeshTimeout", mesh: "default", name: "left-zzfd69x27d4f6cb7", labels, spec: {} },
    };
    await leave([timeout, left]);
    assert.deepEqual(
      [...zone.store.values()].filter(({ type }) => type === "MeshTimeout"),
      [timeout, { type: "MeshTimeout", mesh: "default", name: "left", labels: { team: "a" }, spec: {} }],
    );
  });

  it("can be called again, and changes nothing then", async () => {
    await leave();
    const before = zone.writes.length;
    await leave();
    assert.equal(zone.writes.length, before);
  });

  it("refuses while the zone dials its global, and changes nothing", async () => {
    zone.config = dialling("grpcs://g:5685");
    const { code, message } = await kumaErrorOf(leave());
    assert.equal(code, "refused");
    assert.match(
      message,
      /^Zone default still dials grpcs:\/\/g:5685, .*nothing was changed\. Set federated: false/,
    );
    assert.deepEqual([...zone.writes, ...global.writes], []);
  });

  it("waits for the zone to come up with its new settings, whichever pod answers before", async () => {
    zone.fail("GET /config", { body: JSON.stringify(ALONE) });
    zone.config = dialling("grpcs://g:5685");
    // past the wait for the address it ends, as the global refuses to tell of the zone
    global.fail(
      (request) => request.path.startsWith("/zones/default/_overview"),
      { status: 403, body: "" },
      9,
    );
    const error = await kumaErrorOf(
      untilJoined(
        { zone: clientOf(zone), global: clientOf(global), zoneName: "default" },
        "grpcs://g:5685",
        {},
      ),
    );
    assert.equal(error.code, "forbidden");
    assert.equal(zone.asked.filter((line) => line === "GET /config").length, 2);
  });
});
