import * as assert from "node:assert/strict";
import { withoutZone } from "../../../../cli/stack/standing/deadZones";
import type { Exported } from "../../../../cli/stack/deployment";

const urn = (types: string, name: string) => `urn:pulumi:test::kuma-federation::${types}::${name}`;
const component = (type: string, name: string) => ({
  urn: urn(`kuma-federation:index:${type}`, name),
  custom: false,
});
const child = (type: string, parent: { urn: string }, name: string, more: object = {}) => {
  const [, , types] = parent.urn.split("::");
  return { urn: urn(`${types}$${type}`, name), custom: true, parent: parent.urn, ...more };
};
const dynamic = (kind: string) => `pulumi-nodejs:dynamic/kuma-federation:${kind}`;

describe("cli/stack/deadZones", () => {
  const [bridge, member, other] = [
    component("FederationBridge", "a"),
    component("ZoneControlPlane", "a"),
    component("ZoneControlPlane", "b"),
  ];
  const record = child(dynamic("GlobalWayBack"), bridge, "a-global-way-back");
  const wayBack = child(dynamic("KubernetesWayBack"), member, "a-way-back");
  const release = child("kubernetes:helm.sh/v3:Release", member, "a-release", {
    dependencies: [wayBack.urn],
  });
  const kept = child(dynamic("KubernetesWayBack"), other, "b-way-back", {
    dependencies: [record.urn, release.urn],
    propertyDependencies: { zone: [release.urn], global: [record.urn] },
  });
  const exported = (...resources: object[]) =>
    ({ version: 3, deployment: { manifest: {}, resources } }) as Exported;

  it("takes out what only the zone, its host or its cluster could delete, and what names it", () => {
    const { deployment, ...others } = withoutZone(
      exported(bridge, record, member, wayBack, release, other, kept),
      "a",
    );
    assert.deepEqual(others, { version: 3 });
    assert.deepEqual(deployment, {
      manifest: {},
      resources: [
        ...[bridge, record, member, other],
        { ...kept, dependencies: [record.urn], propertyDependencies: { zone: [], global: [record.urn] } },
      ],
    });
  });

  it("leaves a state alone that has nothing of the zone", () => {
    const state = exported(other, kept);
    assert.equal(withoutZone(state, "a"), state);
    assert.equal(withoutZone({ deployment: {} }, "a").deployment.resources, undefined);
  });
});
