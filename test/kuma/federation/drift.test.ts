import * as assert from "node:assert/strict";
import {
  Drift,
  OnDrift,
  Resource,
  describeDrift,
  digest,
  driftOf,
  manifestOf,
  toRepair,
  without,
} from "../../../kuma";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const route = (name: string, conf: number): Resource => ({ type: "TrafficRoute", mesh: "m", name, conf });
const originals = [route("same", 1), route("gone", 1), route("changed", 1), route("kept", 1)];
/** The global had "kept" with other content from the beginning, and was left so. */
const manifest = manifestOf([...originals.slice(0, 3), route("kept", 5)]);
const KEYS = { gone: "TrafficRoute m/gone", changed: "TrafficRoute m/changed", kept: "TrafficRoute m/kept" };

describe("kuma/federation/drift", () => {
  afterEach(stopFakes);

  it("finds what is missing or changed, and nothing else", async () => {
    const resources = [route("same", 1), route("changed", 2), route("kept", 5), route("more", 1)];
    const global = await FakeControlPlane.start({ resources });
    assert.deepEqual(await driftOf(clientOf(global), manifest), {
      [KEYS.gone]: "missing",
      [KEYS.changed]: "changed",
    });
  });

  it("takes a global that cannot be read for no answer", async () => {
    const global = await FakeControlPlane.start({});
    global.fail("GET /traffic-routes", { status: 500 }, 99);
    assert.equal((await kumaErrorOf(driftOf(clientOf(global), manifest))).code, "server");
  });

  const drift: Drift = { [KEYS.gone]: "missing", [KEYS.changed]: "changed", [KEYS.kept]: "changed" };
  const repaired: [OnDrift, string[]][] = [
    ["report", []],
    ["repairMissing", [KEYS.gone]],
    ["repair", [KEYS.gone, KEYS.changed]],
  ];
  for (const [onDrift, keys] of repaired) {
    it(`${onDrift} writes ${keys.length} of them again`, () => {
      assert.deepEqual(toRepair(drift, onDrift, manifest, { originals }), keys);
    });
  }

  it("knows a mesh in the form in which it was carried", () => {
    const mesh: Resource = { type: "Mesh", name: "m" };
    const carried = { "Mesh m": digest({ ...mesh, skipCreatingInitialPolicies: ["*"] }) };
    const snapshot = { originals: [mesh], kept: [] };
    assert.deepEqual(toRepair({ "Mesh m": "changed" }, "repair", carried, snapshot), ["Mesh m"]);
  });

  it("leaves out what somebody wants as it is", () => {
    assert.deepEqual(
      without(drift, (key) => key !== KEYS.gone),
      { [KEYS.gone]: "missing" },
    );
    assert.deepEqual(
      without(drift, () => false),
      drift,
    );
  });

  it("is told in a line for each kind", () => {
    assert.deepEqual(describeDrift(drift, [KEYS.gone]), [
      "gone from the global, to be put back: TrafficRoute m/gone",
      "changed on the global, and not put back: TrafficRoute m/changed, TrafficRoute m/kept",
    ]);
    assert.deepEqual(describeDrift({ [KEYS.gone]: "missing", [KEYS.changed]: "changed" }, [KEYS.changed]), [
      "changed on the global, to be put back as the zone had it: TrafficRoute m/changed",
      "gone from the global, and not put back: TrafficRoute m/gone",
    ]);
    assert.deepEqual(describeDrift({}, []), []);
  });
});
