import * as assert from "node:assert/strict";
import * as path from "node:path";
import type {
  ExistingGlobalConfig,
  UniversalGlobalConfig,
  UniversalZoneConfig,
} from "../../stack/settings/controlPlanes";
import type { KonnectGlobalConfig } from "../../stack/settings/konnect";
import type { KubernetesGlobalConfig, KubernetesZoneConfig } from "../../stack/settings/kubernetes";
import { globalOf, zoneOf } from "../../stack/resolve";
import type { GlobalSettings, ZoneSettings } from "../../stack/schema/stack";

type Of<Settings, Platform> = Extract<Settings, { platform: Platform }>;
/** Settings that no component knows, which would have no effect. */
type Untaken<Settings, Config> = Exclude<keyof Settings, keyof Config>;

describe("stack/resolve", () => {
  it("has a component know each setting, or what was made of it (the compiler looks)", () => {
    const untaken: never[] = [
      ...([] as Untaken<Of<GlobalSettings, "universal">, UniversalGlobalConfig>[]),
      ...([] as Untaken<Of<GlobalSettings, "existing">, ExistingGlobalConfig>[]),
      ...([] as Untaken<Of<GlobalSettings, "kubernetes">, KubernetesGlobalConfig>[]),
      ...([] as Untaken<
        Omit<Of<GlobalSettings, "konnect">, keyof KonnectGlobalConfig["addresses"]>,
        KonnectGlobalConfig
      >[]),
      // no component is made of a zone that is removed
      ...([] as Untaken<Omit<Of<ZoneSettings, "universal">, "remove">, UniversalZoneConfig>[]),
      ...([] as Untaken<Omit<Of<ZoneSettings, "kubernetes">, "remove">, KubernetesZoneConfig>[]),
    ];
    assert.deepEqual(untaken, []);
  });

  it("gives each control plane a directory of its own within the stack's", () => {
    const common = { platform: "universal", portBase: 5600, kumaCp: "auto", store: "auto" } as const;
    const global = globalOf({ ...common, kdsHost: "127.0.0.1" }, "stack");
    const zone = zoneOf({ ...common, name: "zone-1", federated: true } as ZoneSettings, "stack");
    assert.deepEqual(
      [global, zone].map((each) => "directory" in each && each.directory),
      [path.join("stack", "global"), path.join("stack", "zones", "zone-1")],
    );
  });
});
