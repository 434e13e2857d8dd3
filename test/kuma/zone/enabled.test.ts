import assert from "node:assert/strict";
import { type ControlPlane, KumaError, type Resource } from "../../../kuma";
import { setZoneEnabled } from "../../../kuma/zone/enabled";

describe("kuma/zone/enabled", () => {
  it("disables and enables a zone in a cluster, where kuma-cp manages the field", async () => {
    let zone: Resource = { type: "Zone", name: "zone-1", enabled: true };
    const global = {
      ...{ environment: "kubernetes", address: {} },
      get: async () => zone,
      // as an API server refuses an apply of what another manager has
      put: async (_: unknown, wanted: Resource, { overwrite = false } = {}) => {
        if (!overwrite) throw new KumaError("conflict", "kuma-cp owns .spec.enabled");
        zone = wanted;
      },
    } as unknown as ControlPlane;
    for (const enabled of [false, true]) {
      assert.equal(await setZoneEnabled(global, "zone-1", enabled), true);
      assert.equal(zone.enabled, enabled);
      assert.equal(await setZoneEnabled(global, "zone-1", enabled), false, "it says so already");
    }
  });
});
