import assert from "node:assert/strict";
import * as path from "node:path";
import { Resource, readPolicies } from "../../../kuma";
import { UNKNOWN, type Properties } from "../../../resources/provider/handler";
import { captureLog } from "../../support/captureLog";
import { cleanUp } from "../../support/cleanUp";
import { FakeControlPlane, NOT_WRITTEN, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { UNIVERSAL_TYPES, typeNamed } from "../../support/resources/types";

const available = readPolicies(path.join(__dirname, "../../../policies/demo"), "policies");
const CIRCUIT_BREAKERS = {
  ...typeNamed("MeshTrafficPermission"),
  name: "MeshCircuitBreaker",
  path: "meshcircuitbreakers",
};
const CIRCUIT_BREAKER = "/meshes/default/meshcircuitbreakers/demo-app-to-redis";
const PERMISSION = "/meshes/default/meshtrafficpermissions/redis";

describe("resources/meshPolicies", () => {
  let global: FakeControlPlane;
  let state: Map<string, Properties>;
  let told: string[];

  beforeEach(async () => {
    global = await FakeControlPlane.start({
      types: [...UNIVERSAL_TYPES, CIRCUIT_BREAKERS],
      resources: [{ type: "Mesh", name: "default" }],
    });
    state = new Map();
    told = captureLog().lines;
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const inputs = (globalVersion: string) => ({
    global: { url: global.url },
    // as the program gives it
    digestKey: "",
    available: available as unknown as Properties[],
    globalVersion,
  });
  const up = (globalVersion: string) => new HandlerRun(state).step("meshPolicies", inputs(globalVersion));
  const written = () =>
    global.requests
      .filter(({ method, path }) => method === "PUT" && !path.endsWith(NOT_WRITTEN))
      .map(({ body }) => JSON.parse(body) as { name: string; spec: { targetRef: { kind: string } } })
      .map(({ name, spec }) => `${name} for ${spec.targetRef.kind}`)
      .sort();

  for (const [version, kind] of [
    ["2.9.4", "MeshService"],
    ["2.14.3", "Dataplane"],
  ]) {
    it(`writes the form that a global of version ${version} takes`, async () => {
      await up(version);
      assert.deepEqual(written(), [`demo-app-to-redis for ${kind}`, `redis for ${kind}`]);
      assert.deepEqual(told, [
        "policies to write to the global: MeshCircuitBreaker default/demo-app-to-redis, MeshTrafficPermission default/redis",
      ]);
    });
  }

  it("writes again when the global is upgraded past a bound, and only then", async () => {
    await up("2.9.4");
    assert.equal((await up("2.9.5")).changed, false);
    assert.equal((await up("2.10.0")).changed, true);
    assert.equal(written().filter((line) => line.endsWith("Dataplane")).length, 2);
    assert.equal((await up("2.11.0")).changed, false);
    assert.equal(told.length, 2);
  });

  it("keeps digests that only its own key makes, and one key for ever", async () => {
    const first = (await up("2.9.4")).outs;
    assert.equal((await up("2.9.4")).changed, false);
    assert.equal((await up("2.10.0")).outs.digestKey, first.digestKey);
    assert.deepEqual((await new HandlerRun(state).refresh("meshPolicies")).drift, {});

    const another = new Map<string, Properties>();
    const { outs } = await new HandlerRun(another).step("meshPolicies", inputs("2.9.4"));
    assert.notEqual(outs.digestKey, first.digestKey);
    const [one, two] = [first, outs].map(({ stored }) => stored as Record<string, string>);
    assert.deepEqual(Object.keys(one), Object.keys(two));
    for (const key of Object.keys(one)) {
      assert.match(one[key], /^hmac:[0-9a-f]{16}$/);
      assert.notEqual(one[key], two[key]);
    }
  });

  describe("in a preview", () => {
    const check = async (olds: Properties, globalVersion: string) => {
      // as in the provider's process
      const { dispatch } =
        require("../../../resources/provider/dispatch") as typeof import("../../../resources/provider/dispatch");
      const { inputs: checked } = await dispatch("meshPolicies").check(olds, inputs(globalVersion));
      return (checked as { policies: { spec: { targetRef: { kind: string } } }[] }).policies.map(
        ({ spec }) => spec.targetRef.kind,
      );
    };

    it("names the newest form as long as there is no global, and writes nothing", async () => {
      assert.deepEqual(await check({}, UNKNOWN), ["Dataplane", "Dataplane"]);
      assert.equal(told.length, 1);
      assert.deepEqual(global.requests, []);
    });

    it("keeps to the version of the last time while that of the next is unknown", async () => {
      await up("2.9.4");
      told = [];
      assert.deepEqual(await check(state.get("meshPolicies") ?? {}, UNKNOWN), ["MeshService", "MeshService"]);
      assert.deepEqual(told, []);
    });
  });

  it("keeps the address of a global that has moved, to delete there what it wrote", async () => {
    await up("2.14.3");
    const former = global.url;
    global = await FakeControlPlane.start({
      types: [...UNIVERSAL_TYPES, CIRCUIT_BREAKERS],
      resources: [{ type: "Mesh", name: "default" }],
    });
    assert.notEqual(global.url, former);
    assert.equal((await up("2.14.3")).changed, true);
    assert.deepEqual(state.get("meshPolicies")?.global, { url: global.url });
  });

  it("takes away what is no longer for the version, and everything in the end", async () => {
    const [{ policy }] = available;
    const only = { ...inputs("2.9.4"), available: [{ policy, isFor: { before: [2, 10] } }] };
    await new HandlerRun(state).step("meshPolicies", only as unknown as Properties);
    const { outs } = await new HandlerRun(state).step("meshPolicies", {
      ...only,
      globalVersion: "2.10.0",
    } as unknown as Properties);
    assert.deepEqual(outs.stored, {});
    assert.ok(global.writes.includes(`DELETE ${CIRCUIT_BREAKER}`));

    await up("2.14.3");
    await new HandlerRun(state).remove("meshPolicies");
    assert.deepEqual(global.writes.slice(-2).sort(), [`DELETE ${CIRCUIT_BREAKER}`, `DELETE ${PERMISSION}`]);
  });

  it("tells a refresh what is missing or changed, and puts it back the next time", async () => {
    await up("2.14.3");
    const refresh = async () => (await new HandlerRun(state).refresh("meshPolicies")).drift;
    assert.deepEqual(await refresh(), {});
    global.store.delete("MeshCircuitBreaker default/demo-app-to-redis");
    const permission = global.store.get("MeshTrafficPermission default/redis");
    global.add({ ...permission, spec: {} } as Resource);
    const { length } = global.writes;
    assert.deepEqual(await refresh(), {
      "MeshCircuitBreaker default/demo-app-to-redis": "missing",
      "MeshTrafficPermission default/redis": "changed",
    });
    assert.equal(global.writes.length, length, "a refresh writes nothing");
    assert.equal((await up("2.14.3")).changed, true);
    assert.deepEqual(await refresh(), {});
  });
});
