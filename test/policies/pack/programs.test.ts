import assert from "node:assert/strict";
import { isForEngine } from "../../../policies/pack/policy";
import type { Seen } from "../../../policies/pack/seen";
import { RULES } from "../../../policies/pack/rules";
import { cleanUp } from "../../support/cleanUp";
import { type Settings, run } from "../../support/kubernetes/kubernetesStack";
import { report } from "./support";

/** What the rules say of what the program itself registers: names of rules with those of the resources that break them. */
async function brokenBy(stack: string, ...settings: Settings[]): Promise<string[]> {
  const registered = await run(...settings);
  const resources = registered.map(({ type, name, inputs }): Seen => ({
    ...{ type, name, urn: `urn:pulumi:${stack}::kuma-federation::${type}::${name}`, props: inputs },
    opts: { protect: false },
  }));
  return RULES.filter(isForEngine)
    .flatMap((rule) => {
      if ("stackViolations" in rule) return report(rule, resources).map(() => rule.name);
      return resources.flatMap((each) => report(rule, [each]).map(() => `${rule.name} ${each.name}`));
    })
    .sort();
}

describe("the rules on the program's own resources in clusters", () => {
  afterEach(cleanUp);
  const closed = { kds: { sourceRanges: ["10.0.0.0/8"] } };

  it("are kept by settings that are right", async () => {
    assert.deepEqual(await brokenBy("dev", { ...closed, chartVersion: "2.14.3" }), []);
  });

  it("are broken by what each setting ends in", async () => {
    const broken = await brokenBy(
      "dev",
      { kds: { sourceRanges: "everyone" }, values: { controlPlane: { injectorFailurePolicy: "Ignore" } } },
      { ingress: false },
      { onConflict: "overwrite" },
    );
    assert.deepEqual(broken, [
      "conflicts-named default-resources",
      "injector-fails-closed global",
      "kds-open-to-everyone global-kds-service",
      "zone-ingress default-release",
    ]);
  });

  it("ask more of production", async () => {
    assert.deepEqual(await brokenBy("prod", { ...closed, replicas: 1 }, {}, { onUndo: "removeFromGlobal" }), [
      "global-replicas global",
      "kds-load-balancer-internal global-kds-service",
      "localhost-not-admin default-release",
      "localhost-not-admin global",
      "protected-in-production default-resources",
      "protected-in-production global",
      "undo-keeps-on-global default-global-way-back",
    ]);
  });
});
