import * as assert from "node:assert/strict";
import {
  ControlPlane,
  Resource,
  assertContentWritable,
  assertPoliciesFit,
  assertPoliciesTaken,
  assertPoliciesWritable,
  lookAtPolicies,
  writeFound,
} from "../../../kuma";
import { InProcessControlPlane } from "../../support/controlPlane/inProcessControlPlane";
import { kumaErrorOf } from "../../support/errors";

const timeout = (name: string, mesh?: string): Resource => ({
  type: "MeshTimeout",
  ...(mesh !== undefined && { mesh }),
  name,
  spec: { to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "1s" } }] },
});
/** Every control plane refuses such a label, the stand-in too. */
const wrong: Resource = { ...timeout("wrong"), labels: { "no label": "x" } };
const ADMIN_TOKEN: Resource = {
  type: "GlobalSecret",
  name: "admin-user-token",
  data: Buffer.from("of-the-zone").toString("base64"),
};
const policiesOf = (...resources: Resource[]) =>
  resources.map((policy, at) => ({ policy, isFor: {}, place: `dir/x.yaml, document ${at + 1}` }));
const foundIn = (policies: ReturnType<typeof policiesOf>) =>
  policies.map(({ policy: resource, place }) => ({ resource, place }));
const found = (...resources: Resource[]) => foundIn(policiesOf(...resources));

describe("kuma/policies/stackPolicies", () => {
  let standIn: InProcessControlPlane;
  let empty: InProcessControlPlane;
  let global: ControlPlane;
  let withoutMesh: ControlPlane;

  before(async () => {
    standIn = await InProcessControlPlane.start({ KUMA_MODE: "global" });
    empty = await InProcessControlPlane.start({
      KUMA_MODE: "global",
      KUMA_DEFAULTS_SKIP_MESH_CREATION: "true",
    });
  });
  beforeEach(() => {
    global = new ControlPlane({ url: standIn.url, title: "the global control plane" });
    withoutMesh = new ControlPlane({ url: empty.url, title: "the global control plane" });
  });
  afterEach(() => {
    global.close();
    withoutMesh.close();
  });
  after(() => Promise.all([standIn.stop(), empty.stop()]));

  const rejected = async (work: Promise<unknown>) => (await kumaErrorOf(work)).message.split("\n");

  it("names file and document of what a global cannot take, before anything is written", async () => {
    const policies = policiesOf(
      timeout("fits"),
      timeout("astray", "nosuch"),
      { type: "MeshNovelty", name: "new" },
      { type: "MeshInsight", name: "seen" },
      timeout("own", "mine"),
      { type: "Mesh", name: "mine" },
    );
    const before = standIn.save();
    for (const work of [
      () => assertPoliciesFit({ policies, global }, undefined),
      () => assertPoliciesWritable(foundIn(policies), global),
    ]) {
      assert.deepEqual(await rejected(work()), [
        "Policies in the directory of the setting policies cannot be written as they are, and nothing was written:",
        "    dir/x.yaml, document 2: MeshTimeout nosuch/astray: there is no mesh nosuch; the global control plane has default, mine.",
        "    dir/x.yaml, document 3: MeshNovelty new: the global control plane does not know the type MeshNovelty.",
        "    dir/x.yaml, document 4: MeshInsight seen: the global control plane lets nobody write resources of the type MeshInsight.",
        "    Change the files and run it again.",
      ]);
    }
    assert.deepEqual(standIn.save(), before);
  });

  it("takes policies for a cluster's global, which says of every type that nobody writes it by its API", async () => {
    const types = (await global.resourceTypes()).map((type) => ({ ...type, readOnly: true }));
    const cluster = Object.assign(Object.create(global) as ControlPlane, {
      resourceTypes: () => Promise.resolve(types),
    });
    await assertPoliciesFit({ policies: policiesOf(timeout("fits")), global: cluster }, undefined);
    // one that the stack is to make is judged by the zone's types
    const exported = {
      carried: [{ type: "Mesh", name: "default" }],
      types: new Map(types.map((type) => [type.name, type])),
    };
    const policies = policiesOf(timeout("fits", "default"));
    await assertPoliciesFit({ policies, global: undefined }, { exported } as never);
    await assert.rejects(
      assertPoliciesFit(
        { policies: policiesOf({ type: "MeshNovelty", name: "new" }), global: cluster },
        undefined,
      ),
      /does not know the type MeshNovelty/,
    );
  });

  it("asks for each policy whether it would be refused, and writes none", async () => {
    const policies = policiesOf(timeout("fits"), wrong, timeout("later", "comes"));
    const before = standIn.save();
    for (const work of [
      () => assertPoliciesTaken({ policies, global, zone: global } as never),
      () => assertPoliciesWritable(foundIn(policies.slice(0, 2)), global),
    ]) {
      const [, refusal, ...rest] = await rejected(work());
      assert.match(
        refusal,
        /^ {4}dir\/x\.yaml, document 2: .* refuses MeshTimeout default\/wrong with status 400 \(/,
      );
      assert.doesNotMatch(refusal, /from the URL/);
      assert.equal(rest.length, 1);
    }
    assert.deepEqual(standIn.save(), before);
  });

  it("asks the zone where the global has no mesh yet", async () => {
    const policies = policiesOf(wrong);
    const [, refusal] = await rejected(
      assertPoliciesTaken({ policies, global: withoutMesh, zone: global } as never),
    );
    assert.match(refusal, /refuses MeshTimeout default\/wrong/);
  });

  it("takes a mesh that the zone brings, and one of the files", async () => {
    const exported = { carried: [{ type: "Mesh", name: "brought" }], types: new Map() };
    const policies = policiesOf(timeout("a", "brought"), timeout("b", "own"), { type: "Mesh", name: "own" });
    await assertPoliciesFit({ policies, global: withoutMesh }, { exported } as never);
  });

  it("takes for a mesh of the zone only what is one", async () => {
    const exported = { carried: [{ type: "Zone", name: "brought" }], types: new Map() };
    const policies = policiesOf(timeout("a", "brought"));
    for (const on of [withoutMesh, global]) {
      const [, fault] = await rejected(assertPoliciesFit({ policies, global: on }, { exported } as never));
      assert.match(fault, /there is no mesh brought/);
    }
  });

  it("looks at those that are for any version where no global is there, and at nothing without a zone", async () => {
    const types = new Map((await global.resourceTypes()).map((type) => [type.name, type]));
    const isFor = { since: [2, 0] as [number, number] };
    const policies = policiesOf({ type: "MeshNovelty", name: "new" }).map((each) => ({ ...each, isFor }));
    const [plain] = policiesOf({ type: "MeshNovelty", name: "other" });
    const look = (zone: object | undefined) =>
      lookAtPolicies({ policies: [...policies, plain], global: undefined }, zone as never);
    const { found, faults } = await look({ carried: [], types });
    assert.equal(found.length, 2);
    assert.equal(faults.length, 2);
    assert.deepEqual((await look(undefined)).faults, []);
    assert.deepEqual(await lookAtPolicies({ global: undefined }, { carried: [], types } as never), {
      found: [],
      faults: [],
    });
  });

  it("asks nobody where a stack has no policies", async () => {
    const nobody = Object.assign(Object.create(global) as ControlPlane, {
      info: () => Promise.reject(new Error("asked")),
      offerToken: () => assert.fail("a token was offered"),
    });
    const { carried } = { carried: [ADMIN_TOKEN] };
    for (const policies of [undefined, []]) {
      await assertPoliciesFit({ policies, global: nobody }, { exported: { carried } } as never);
      await assertPoliciesTaken({ policies, global: nobody, zone: nobody } as never);
    }
    await assertPoliciesTaken({ policies: policiesOf(wrong), global: undefined, zone: nobody } as never);
  });

  it("has the zone's admin token at hand for a global that has its signing keys already", async () => {
    const policies = policiesOf(timeout("fits", "default"));
    const fits = (on: ControlPlane | undefined, carried: Resource[]) =>
      assertPoliciesFit({ policies, global: on }, { exported: { carried, types: new Map() } } as never);
    await fits(global, []);
    assert.deepEqual(global.tokensAtHand, []);
    await fits(global, [ADMIN_TOKEN]);
    assert.deepEqual(global.tokensAtHand, ["of-the-zone"]);
    const known = new Map((await global.resourceTypes()).map((type) => [type.name, type]));
    const carried = [ADMIN_TOKEN, { type: "Mesh", name: "default" }];
    await assertPoliciesFit({ policies, global: undefined }, {
      exported: { carried, types: known },
    } as never);
  });

  it("asks the global where it has a mesh, whatever the zone says", async () => {
    const policies = policiesOf(wrong);
    const [, refusal] = await rejected(assertPoliciesTaken({ policies, global, zone: withoutMesh } as never));
    assert.match(refusal, /The global control plane \(.*\) refuses/);
  });

  it("asks a zone for each file of its content, as it stands", async () => {
    const own = { ...timeout("own", "default"), labels: { "kuma.io/origin": "zone" } };
    const [, origin] = await rejected(assertContentWritable(found(own), global, "Files"));
    assert.match(origin, /the origin label must be set to 'global'/);
    const [, fault] = await rejected(
      assertContentWritable(found({ ...wrong, mesh: "default" }), global, "Files"),
    );
    assert.match(fault, /refuses MeshTimeout default\/wrong/);
  });

  it("looks at the files of a zone's content in the same way", async () => {
    const [what, fault] = await rejected(
      assertContentWritable(found(timeout("astray", "nosuch")), global, "Files"),
    );
    assert.match(what, /^Files cannot be written as they are, and nothing was written:$/);
    assert.match(fault, /^ {4}dir\/x\.yaml, document 1: MeshTimeout nosuch\/astray: there is no mesh nosuch/);
  });

  it("tells the file of what is refused all the same, and says that it is the mesh that is missing", async () => {
    const { message } = await kumaErrorOf(writeFound(global, found(timeout("astray", "nosuch"))));
    assert.match(
      message,
      /^dir\/x\.yaml, document 1: The global control plane \(.*\) has no mesh nosuch for MeshTimeout nosuch\/astray/,
    );
  });
});
