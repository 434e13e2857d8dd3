import * as assert from "node:assert/strict";
import {
  OnConflict,
  Resource,
  applyPlan,
  keyOf,
  meshForGlobal,
  planFederation,
  restoreZone,
  writeResources,
  writeStage,
  writeSteps,
} from "../../../kuma";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { typesByName } from "../../support/resources/types";

type Source = Record<string, string>;
const mesh = (cert: Source, key: Source, mtls: object = {}): Resource => ({
  ...{ type: "Mesh", name: "corp" },
  mtls: { enabledBackend: "ca", backends: [{ name: "ca", type: "provided", conf: { cert, key } }], ...mtls },
});
const provided = mesh({ secret: "ca-cert" }, { secret: "ca-key" });
const secrets = ["ca-cert", "ca-key"].map((name): Resource => ({
  type: "Secret",
  mesh: "corp",
  name,
  data: "eA==",
}));
const inOrder = [
  "PUT /meshes/corp",
  "PUT /meshes/corp/secrets/ca-cert",
  "PUT /meshes/corp/secrets/ca-key",
  "PUT /meshes/corp",
];

describe("kuma/federation/writeSteps: a mesh whose authority is in secrets", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => (fake = await FakeControlPlane.start()));
  afterEach(stopFakes);

  const meshesWritten = () =>
    fake.requests
      .filter(({ method, path }) => method === "PUT" && path === "/meshes/corp")
      .map(({ body }) => JSON.parse(body) as { mtls: { skipValidation?: boolean } });

  for (const [where, write] of [
    [
      "a global",
      () =>
        applyPlan(
          planFederation([provided, ...secrets], new Map(), { onConflict: "fail", zones: [] }),
          clientOf(fake),
          typesByName,
        ),
    ],
    ["a zone on its way back", () => restoreZone(clientOf(fake), [provided, ...secrets], [])],
    [
      "a control plane that gets its first content",
      () => writeResources(clientOf(fake), [provided, ...secrets]),
    ],
  ] as const) {
    it(`is written before and after them, to ${where}`, async () => {
      await write();
      const [first, ...others] = fake.writes;
      assert.deepEqual([first, ...others.slice(0, 2).sort(), others[2]], inOrder);
      assert.equal(fake.writes.length, 4);
      assert.deepEqual(
        meshesWritten().map(({ mtls }) => mtls.skipValidation),
        [true, undefined],
      );
      assert.deepEqual(fake.store.get("Mesh corp"), provided);
    });
  }

  it("is completed by the run after one that ended in between", () => {
    const onConflict: OnConflict = "fail";
    const [{ resource: half }] = writeSteps(provided, writeStage);
    const there = new Map([[keyOf(half), half]]);
    const { resources } = planFederation([provided, ...secrets], there, { onConflict, zones: ["zone-1"] });
    assert.deepEqual(
      resources.map(({ action }) => action),
      ["create", "create", "create"],
    );
  });

  it("is written once where nothing has to be there before", () => {
    const once = [
      mesh({ inline: "eA==" }, { inlineString: "x" }),
      mesh({ secret: "a" }, { secret: "b" }, { skipValidation: true }),
      { type: "Mesh", name: "corp", mtls: { backends: [{ name: "ca", type: "builtin" }] } },
      { type: "Mesh", name: "corp" },
      secrets[0],
    ];
    for (const each of once)
      assert.deepEqual(writeSteps(each, writeStage), [{ resource: each, stage: writeStage(each) }]);
  });

  it("is not looked at on the global where it is a file of the zone's disk", () => {
    const onDisk = mesh({ file: "/etc/ca.pem" }, { secret: "ca-key" });
    const { skipValidation } = meshForGlobal(onDisk).mtls as { skipValidation?: boolean };
    assert.equal(skipValidation, true);
    assert.equal((meshForGlobal(provided).mtls as { skipValidation?: boolean }).skipValidation, undefined);
  });

  it("is completed right after its secrets, wherever these come", () => {
    const stages = (stageOf: typeof writeStage) => writeSteps(provided, stageOf).map(({ stage }) => stage);
    assert.deepEqual(stages(writeStage), [0, 1.5]);
    // in a cluster
    assert.deepEqual(
      stages((key) => (key.type === "Secret" ? -1 : writeStage(key))),
      [0, 0.5],
    );
  });
});
