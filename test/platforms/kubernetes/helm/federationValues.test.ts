import * as assert from "node:assert/strict";
import fc from "fast-check";
import { konnectValues } from "../../../../platforms/konnect/kubernetesZone";
import {
  FEDERATION_VALUES,
  type FederationValue,
  type ZoneSettings,
  federatedValues,
  standaloneValues,
  trusting,
} from "../../../../platforms/kubernetes/helm/federationValues";
import { isCutShort, isFederatedRelease } from "../../../../platforms/kubernetes/helm/helmRelease";
import { type Values, merge, valueAt } from "../../../../platforms/kubernetes/helm/values";

const SETTINGS: ZoneSettings = {
  zone: "default",
  kdsAddress: "grpcs://g:5685",
  kdsZoneClient: trusting("the ca"),
  ingress: true,
};
const WITH_TOKEN: ZoneSettings = {
  ...SETTINGS,
  token: { Env: "TOKEN", Secret: "cp-token", Key: "token" },
  tokenDigest: "abc",
};
const RELEASE = { revision: 1, status: "deployed", chartName: "kuma", chartVersion: "2.14.3", values: {} };

/** Values as users give them, with some of those that a federation sets. */
const someValues = fc.record(
  {
    controlPlane: fc.record(
      {
        mode: fc.constant("zone"),
        zone: fc.constant("default"),
        tls: fc.record({ general: fc.record({ secretName: fc.string() }) }),
        logLevel: fc.string(),
      },
      { requiredKeys: [] },
    ),
    ingress: fc.record({ enabled: fc.boolean(), replicas: fc.nat() }, { requiredKeys: ["replicas"] }),
    custom: fc.dictionary(fc.string(), fc.jsonValue()),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Values>;

describe("platforms/kubernetes/federationValues", () => {
  it("makes exactly these changes for a federation", () => {
    assert.deepEqual(
      federatedValues({ a: 1, ingress: { replicas: 2 } }, undefined, { ...SETTINGS, egress: true }),
      {
        a: 1,
        controlPlane: {
          mode: "zone",
          zone: "default",
          kdsGlobalAddress: "grpcs://g:5685",
          tls: { kdsZoneClient: { create: true, cert: "the ca", skipVerify: false } },
        },
        ingress: { replicas: 2, enabled: true },
        egress: { enabled: true },
      },
    );
  });

  it("leaves ingress and egress alone that are not asked for, and trusts the system without an authority", () => {
    const { controlPlane, ...others } = federatedValues({}, undefined, {
      ...SETTINGS,
      ingress: undefined,
      kdsZoneClient: trusting(""),
    });
    assert.deepEqual((controlPlane as { tls: object }).tls, { kdsZoneClient: { skipVerify: false } });
    assert.deepEqual(others, {});
  });

  it("replaces whatever the zone trusted for KDS before, skipVerify among it", () => {
    const before = {
      controlPlane: { tls: { kdsZoneClient: { secretName: "old", skipVerify: true }, general: 1 } },
    };
    const { controlPlane } = federatedValues(before, undefined, SETTINGS);
    assert.deepEqual((controlPlane as { tls: object }).tls, {
      general: 1,
      kdsZoneClient: { create: true, cert: "the ca", skipVerify: false },
    });
  });

  for (const key of [undefined, "kuma"]) {
    const wrap = (values: Values): Values => (key === undefined ? values : { [key]: values, license: "l" });

    it(`goes back to just the values that were there (${key ?? "no"} key)`, () => {
      fc.assert(
        fc.property(someValues, fc.boolean(), (own, egress) => {
          const before = wrap(own);
          const joined = federatedValues(before, key, { ...WITH_TOKEN, egress });
          assert.ok(isFederatedRelease({ ...RELEASE, values: joined }, key));
          const back = standaloneValues(joined, before, key);
          assert.ok(!isFederatedRelease({ ...RELEASE, values: back }, key));
          // an object that was empty before may be gone
          assert.deepEqual(withoutEmpty(back), withoutEmpty(before));
        }),
      );
    });
  }

  it("keeps what others changed while the zone was federated", () => {
    const before = { controlPlane: { logLevel: "info" }, egress: { enabled: false } };
    const joined = federatedValues(before, undefined, { ...SETTINGS, egress: true });
    const changed = merge(joined, { controlPlane: { logLevel: "debug", replicas: 3 } });
    assert.deepEqual(standaloneValues(changed, before, undefined), {
      controlPlane: { logLevel: "debug", replicas: 3 },
      egress: { enabled: false },
    });
  });

  describe("each row of the table", () => {
    const table = FEDERATION_VALUES as FederationValue[];
    const rows = () => table.map(({ path }) => path);
    const added: FederationValue = { path: ["controlPlane", "added"], value: ({ zone }) => `for ${zone}` };
    afterEach(() => {
      if (table.includes(added)) table.splice(table.indexOf(added), 1);
    });

    const KONNECT = {
      zoneName: "default",
      kdsAddress: "grpcs://k:443",
      controlPlaneId: "c-1",
      version: "2.14.3",
    };
    const joinings = (before: Values): { key: string | undefined; from: Values; to: Values }[] => [
      {
        key: undefined,
        from: before,
        to: federatedValues(before, undefined, { ...WITH_TOKEN, egress: true }),
      },
      { key: "kuma", from: { kuma: before }, to: konnectValues(KONNECT, { kuma: before }) },
    ];
    const ownOf = (values: Values, key: string | undefined) => (key === undefined ? values : values[key]);

    it("is set by a federation, of one's own or in Konnect", () => {
      const set = joinings({}).flatMap(({ key, to }) =>
        rows().filter((path) => valueAt(ownOf(to, key), path) !== undefined),
      );
      for (const path of rows()) assert.ok(set.includes(path), path.join("."));
    });

    it("is set, taken back and known as an own change, also one that is added", () => {
      table.push(added);
      const before = { controlPlane: { logLevel: "info" } };
      for (const { key, from, to } of joinings(before)) {
        assert.equal(valueAt(ownOf(to, key), added.path), "for default");
        assert.deepEqual(standaloneValues(to, from, key), from);
        const former = { ...RELEASE, values: from };
        const cut = { ...RELEASE, status: "pending-upgrade", values: to, former };
        const how = { valuesKey: key, isChartChosen: false };
        assert.ok(isCutShort(cut, how));
        // without the row it is somebody else's change
        table.splice(table.indexOf(added), 1);
        assert.ok(!isCutShort(cut, how));
        assert.notDeepEqual(standaloneValues(to, from, key), from);
        table.push(added);
      }
    });

    it("comes back as it was before", () => {
      table.push(added);
      const before = rows().reduce<Values>(
        (all, path) =>
          merge(all, path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), "own") as Values),
        {},
      );
      for (const path of rows()) assert.equal(valueAt(before, path), "own");
      const joined = federatedValues(before, undefined, { ...SETTINGS, egress: true });
      assert.notDeepEqual(joined, before);
      assert.deepEqual(standaloneValues(joined, before, undefined), before);
    });
  });
});

function withoutEmpty(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const);
  const isEmpty = (inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner) && Object.keys(inner).length === 0;
  return Object.fromEntries(entries.filter(([, inner]) => !isEmpty(inner)));
}
