import * as assert from "node:assert/strict";
import { ControlPlane, hostedApiUrl, zoneNames, removeZone } from "../../../kuma";
import { admission } from "../../../stand-in/konnect/inferred";
import { Organization, Principal } from "../../../stand-in/konnect/organization";
import { Tenants } from "../../../stand-in/konnect/tenants";
import { newResource } from "../../../stand-in/resources/writer";
import { cleanUp, later, tempDir } from "../../support/cleanUp";
import { startKonnect } from "../../support/controlPlane/standInKonnect";

const NEXT_YEAR = new Date(Date.now() + 300 * 24 * 60 * 60 * 1000);

describe("the stand-in for Konnect: which zones it lets in", () => {
  let organization: Organization;
  let tenants: Tenants;
  let account: Principal;
  let controlPlaneId: string;
  before(async () => {
    const directory = tempDir();
    organization = new Organization(directory);
    organization.open();
    tenants = new Tenants(organization, directory);
    const now = new Date().toISOString();
    const limits = { zones: 0, dataplanes: 0, policies: 0 };
    controlPlaneId = "bf138ba2-c9b1-4229-b268-04d9d8a6410b";
    await tenants.create({
      id: controlPlaneId,
      name: "g",
      version: "v2",
      created_at: now,
      updated_at: now,
      limits,
    });
  });
  beforeEach(() => {
    const given = { kind: "account", name: "a", description: "", konnect_managed: false } as const;
    account = organization.addPrincipal(given);
  });
  after(async () => {
    tenants.close();
    await cleanUp();
  });

  const assign = (entity_region: string, role_name = "Connector", entity_id = controlPlaneId) =>
    organization.addRole(account, {
      role_name,
      entity_id,
      entity_region,
      entity_type_name: "Mesh Control Planes",
    });
  const answer = (token: string, id = controlPlaneId) => {
    const hello = { zone: "zone-1", instanceId: "i", version: "2.14.3", config: "{}" };
    const given = admission(
      tenants,
      organization,
      "eu",
    )({ ...hello, konnect: { token, controlPlaneId: id } });
    return "refusal" in given ? given.refusal.split(":")[0] : "let in";
  };
  const token = (expires = NEXT_YEAR) => organization.newToken(account, "t", expires).token;

  it("one with a token whose account has the role Connector", () => {
    assign("eu");
    assert.equal(answer(token()), "let in");
  });

  it("none without a token, with a wrong one, or with one that has ended", () => {
    assign("eu");
    for (const wrong of ["", "spat_made-up", token(new Date(Date.now() - 1))])
      assert.equal(answer(wrong), "Unauthenticated");
  });

  it("none without the role, with it on another control plane or in another region, or for an unknown one", () => {
    assert.equal(answer(token()), "PermissionDenied");
    assign("eu", "Viewer");
    assign("us");
    assign("eu", "Connector", "another");
    assert.equal(answer(token()), "PermissionDenied");
    assign("eu");
    assert.equal(answer(token(), "unknown"), "PermissionDenied");
  });

  it("none above the limit, but those that it knows", () => {
    assign("eu");
    const tenant = tenants.get(controlPlaneId) ?? assert.fail("no control plane");
    tenant.record.limits.zones = 1;
    const zone = (name: string) => newResource({ type: "Zone", mesh: "", name, body: {} });
    tenant.store.create(zone("zone-2"));
    assert.equal(answer(token()), "ResourceExhausted");
    tenant.record.limits.zones = 2;
    tenant.store.create(zone("zone-1"));
    assert.equal(answer(token()), "let in");
  });
});

describe("the stand-in for Konnect: its REST API", () => {
  afterEach(cleanUp);

  it("forgets the account of the wizard with its zone", async () => {
    const konnect = await startKonnect();
    const client = konnect.client();
    const { id } = await client.createControlPlane("g");
    await client.provisionZone(id, "zone-1");
    assert.equal((await client.systemAccountNamed(`mesh_${id}_zone-1`))?.konnect_managed, true);
    const url = hostedApiUrl(konnect.addresses.apiUrl, id);
    const global = new ControlPlane({ title: "the global", url, tokens: [konnect.token] });
    later(() => global.close());
    assert.deepEqual(await zoneNames(global), ["zone-1"]);
    await removeZone(global, "zone-1");
    assert.equal(await client.systemAccountNamed(`mesh_${id}_zone-1`), undefined);
  });

  it("answers nobody without a token", async () => {
    const konnect = await startKonnect();
    const answer = await fetch(`${konnect.addresses.apiUrl}/v1/mesh/control-planes`);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    const problem = (await answer.json()) as { status: number; instance: string };
    assert.equal(problem.status, 401);
    assert.match(problem.instance, /^konnect:trace:/);
  });

  it("builds `next` links on a host of its own, which nobody has to be able to reach", async () => {
    const konnect = await startKonnect();
    const { id } = await konnect.client().createControlPlane("g");
    const base = hostedApiUrl(konnect.addresses.apiUrl, id);
    const headers = { authorization: `Bearer ${konnect.token}`, "content-type": "application/json" };
    for (const name of ["a", "b"]) {
      const body = JSON.stringify({ type: "Mesh", name });
      assert.equal((await fetch(`${base}/meshes/${name}`, { method: "PUT", headers, body })).status, 201);
    }
    const { next } = (await (await fetch(`${base}/meshes?size=1`, { headers })).json()) as { next: string };
    assert.match(next, /^http:\/\/[a-z.-]+\.invalid:5681\/meshes\?offset=1&size=1$/);
  });
});
