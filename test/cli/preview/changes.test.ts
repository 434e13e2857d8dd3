import * as assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { SeenChanges } from "../../../cli/preview/changes";

const FEDERATION =
  "kuma-federation:index:ZoneControlPlane$pulumi-nodejs:dynamic/kuma-federation:UniversalZoneFederation";
const urnOf = (name: string, type = FEDERATION) => `urn:pulumi:dev::kuma-federation::${type}::${name}`;
const event = (fields: object) => ({ sequence: 1, timestamp: 1, ...fields }) as EngineEvent;
const pre = (op: string, before?: object, after?: object, type?: string) =>
  event({
    resourcePreEvent: {
      metadata: {
        ...{ op, urn: urnOf("zone-1-federation", type) },
        ...(before && { old: { inputs: before } }),
        ...(after && { new: { inputs: after } }),
      },
    },
  });

function seen(...events: EngineEvent[]) {
  const changes = new SeenChanges();
  for (const each of events) changes.onEvent(each);
  return changes;
}

describe("cli/preview/changes", () => {
  it("names what changes of a resource, and shows no value", () => {
    const before = { zoneName: "zone-1", zone: { url: "http://a", tokens: ["canary"] }, kdsCa: "canary-1" };
    const after = { zoneName: "zone-1", zone: { url: "http://b", tokens: ["canary-2"] }, kdsCa: "canary-3" };
    const { changes } = seen(pre("update", before, after));
    assert.deepEqual(changes, [
      {
        name: "zone-1-federation",
        type: "kuma-federation:UniversalZoneFederation",
        ...{ op: "update", component: "ZoneControlPlane", zoneName: "zone-1", values: [] },
        changed: ["zone.url", "zone.tokens", "kdsCa"],
      },
    ]);
    assert.doesNotMatch(JSON.stringify(changes), /canary/);
  });

  it("leaves out what stays, what stands behind a replacement, components and providers", () => {
    const { changes } = seen(
      ...["same", "read", "create-replacement", "delete-replaced"].map((op) => pre(op)),
      pre("create", undefined, {}, "kuma-federation:index:ZoneControlPlane"),
      pre("create", undefined, {}, "pulumi:providers:kubernetes"),
    );
    assert.deepEqual(changes, []);
  });

  it("tells of a deletion that an earlier run has left, and of none twice", () => {
    const left = event({
      resourcePreEvent: {
        metadata: {
          op: "delete-replaced",
          urn: urnOf("zone-1-federation"),
          old: { delete: true, inputs: {} },
        },
      },
    });
    assert.deepEqual(
      seen(pre("update", {}, {}), left).changes.map(({ op }) => op),
      ["update", "delete"],
    );
    assert.deepEqual(
      seen(pre("create-replacement"), pre("replace"), left).changes.map(({ op }) => op),
      ["replace"],
    );
  });

  it("shows the values of a chart that change, and masks what may be secret", () => {
    const before = {
      values: {
        controlPlane: { mode: "zone", replicas: 1, apiToken: "canary", gone: { a: "x", b: 2 } },
        certificate: "[secret]",
        note: "c".repeat(200),
      },
    };
    const after = {
      values: {
        controlPlane: { mode: "global", replicas: 1, apiToken: "canary-2" },
        certificate: "other",
        note: "d".repeat(200),
      },
    };
    const [{ values }] = seen(pre("update", before, after, "kubernetes:helm.sh/v3:Release")).changes;
    const masked = { before: "(not shown)", after: "(not shown)" };
    assert.deepEqual(values, [
      { path: "certificate", ...masked },
      { path: "controlPlane.apiToken", ...masked },
      { path: "controlPlane.gone.a", before: '"x"', after: null },
      { path: "controlPlane.gone.b", before: "2", after: null },
      { path: "controlPlane.mode", before: '"zone"', after: '"global"' },
      { path: "note", ...masked },
    ]);
  });

  it("shows nothing of a value that has become a secret, or was one, nor of a list that holds one", () => {
    const [plain, secret] = ["canary", "[secret]"];
    const sides: [unknown, unknown][] = [
      [{ note: plain }, { note: secret }],
      [{ note: plain, port: 1 }, secret],
      [{ inner: plain }, { inner: { deep: secret } }],
      [
        ["first", plain],
        ["second", secret],
      ],
      [[plain], [{ note: secret }]],
      // the entry that goes is the one that becomes a secret elsewhere in the list
      [
        [plain, "kept"],
        ["kept", secret],
      ],
    ];
    for (const [a, b] of sides)
      for (const [before, after] of [[a, b] as const, [b, a] as const]) {
        const given = [{ values: { app: before } }, { values: { app: after } }];
        const [{ values }] = seen(pre("update", given[0], given[1], "kubernetes:helm.sh/v3:Release")).changes;
        assert.ok(values.length > 0);
        assert.doesNotMatch(JSON.stringify(values), /canary|first|second|kept|secret/, JSON.stringify(given));
      }
    const beside = [{ values: { note: plain, port: 1 } }, { values: { note: secret, port: 2 } }];
    const [{ values }] = seen(pre("update", beside[0], beside[1], "kubernetes:helm.sh/v3:Release")).changes;
    assert.deepEqual(values, [
      { path: "note", before: "(not shown)", after: "(not shown)" },
      { path: "port", before: "1", after: "2" },
    ]);
  });

  it("shows no values of a release that is made or adopted", () => {
    const inputs = { values: { mode: "zone" } };
    const { changes } = seen(pre("create", undefined, inputs), pre("import", undefined, inputs));
    assert.deepEqual(
      changes.map(({ values }) => values),
      [[], []],
    );
  });

  describe("of a unit on a host", () => {
    const zone = { url: "ssh://kuma@10.0.0.7:22/kuma-cp.service", ssh: { key: "canary" } };
    const inputs = (more: object = {}) => ({
      ...{ zoneName: "zone-1", zone, kdsAddress: "grpcs://10.0.0.1:5685", kdsCa: "canary" },
      ...more,
    });

    it("tells what its drop-in is to have, without a secret", () => {
      const konnect = { controlPlaneId: "a", token: "canary" };
      const { changes } = seen(
        pre("create", undefined, inputs({ federatedDatabase: "kuma_member", konnect })),
      );
      const values = new Map(changes[0].values.map(({ path, before, after }) => [path, [before, after]]));
      assert.deepEqual(values.get("KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS"), [null, '"grpcs://10.0.0.1:5685"']);
      assert.deepEqual(values.get("KUMA_STORE_POSTGRES_DB_NAME"), [null, '"kuma_member"']);
      assert.deepEqual(values.get("of Konnect"), [null, "(not shown)"]);
      assert.doesNotMatch(JSON.stringify(changes), /canary/);
    });

    it("tells what of it changes, and no word that is no address", () => {
      const after = inputs({ kdsAddress: "grpcs://10.0.0.2:5685" });
      const [{ values }] = seen(pre("update", inputs(), after)).changes;
      assert.deepEqual(values, [
        {
          path: "KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS",
          ...{ before: '"grpcs://10.0.0.1:5685"', after: '"grpcs://10.0.0.2:5685"' },
        },
      ]);
      const [wild] = seen(pre("update", inputs(), inputs({ kdsAddress: "grpcs://a@b<!--" }))).changes;
      assert.doesNotMatch(JSON.stringify(wild.values), /<!--/);
    });

    it("tells what goes with it", () => {
      const [{ values }] = seen(pre("delete", inputs())).changes;
      assert.ok(values.length > 0 && values.every(({ after }) => after === null));
    });
  });
});
