import * as assert from "node:assert/strict";
import { Konnect, konnectAddresses } from "../../../kuma";
import { cleanUp, later, withoutPauses } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { FakeControlPlane, Fault, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const VIEWER = '"Viewer" on Mesh Control Planes';
const CREATOR = '"Creator" on Mesh Control Planes';
const ADMIN = '"Admin" on Mesh Control Planes';
const IDENTITY = '"Identity Admin" of the organisation';
const REGION = "Konnect in region eu";
const ORGANISATION = "Konnect's identity API";
const PAGE = "page%5Bsize%5D=100&page%5Bnumber%5D=1";
const EXPIRES = "2030-01-02T03:04:05.000Z";

interface Call {
  work: (client: Konnect) => Promise<unknown>;
  asks: string;
  body?: object;
  api: string;
  what: string;
  role: string;
}

const CALLS: Record<string, Call> = {
  controlPlanesNamed: {
    work: (client) => client.controlPlanesNamed("g h"),
    asks: `GET /v1/mesh/control-planes?filter%5Bname%5D%5Beq%5D=g+h&${PAGE}`,
    ...{ api: REGION, what: "the list of mesh control planes", role: VIEWER },
  },
  controlPlane: {
    work: (client) => client.controlPlane("id-1"),
    asks: "GET /v1/mesh/control-planes/id-1",
    ...{ api: REGION, what: "the mesh control plane id-1", role: VIEWER },
  },
  createControlPlane: {
    work: (client) => client.createControlPlane("g"),
    asks: "POST /v1/mesh/control-planes",
    body: {
      name: "g",
      description: "Made by kuma-federation",
      features: [
        { type: "MeshCreation", meshCreation: { enabled: false } },
        { type: "HostnameGeneratorCreation", hostnameGeneratorCreation: { enabled: false } },
      ],
    },
    ...{ api: REGION, what: "the mesh control plane g", role: CREATOR },
  },
  deleteControlPlane: {
    work: (client) => client.deleteControlPlane("id-1"),
    asks: "DELETE /v1/mesh/control-planes/id-1",
    ...{ api: REGION, what: "the mesh control plane id-1", role: ADMIN },
  },
  provisionZone: {
    work: (client) => client.provisionZone("id-1", "zone-1"),
    asks: "POST /v1/mesh/control-planes/id-1/api/provision-zone",
    body: { name: "zone-1" },
    ...{ api: REGION, what: "zone zone-1", role: ADMIN },
  },
  systemAccountNamed: {
    work: (client) => client.systemAccountNamed("a"),
    asks: `GET /v3/system-accounts?filter%5Bname%5D%5Beq%5D=a&${PAGE}`,
    ...{ api: ORGANISATION, what: "the list of system accounts", role: IDENTITY },
  },
  createSystemAccount: {
    work: (client) => client.createSystemAccount("a", "for a test"),
    asks: "POST /v3/system-accounts",
    body: { name: "a", description: "for a test", konnect_managed: false },
    ...{ api: ORGANISATION, what: "the system account a", role: IDENTITY },
  },
  deleteSystemAccount: {
    work: (client) => client.deleteSystemAccount("a-1"),
    asks: "DELETE /v3/system-accounts/a-1",
    ...{ api: ORGANISATION, what: "the system account a-1", role: IDENTITY },
  },
  assignConnector: {
    work: (client) => client.assignConnector("a-1", "id-1"),
    asks: "POST /v3/system-accounts/a-1/assigned-roles",
    body: {
      ...{ role_name: "Connector", entity_type_name: "Mesh Control Planes" },
      ...{ entity_id: "id-1", entity_region: "eu" },
    },
    ...{ api: ORGANISATION, what: "the role Connector of the system account a-1", role: IDENTITY },
  },
  assignedRoles: {
    work: (client) => client.assignedRoles("a-1"),
    asks: `GET /v3/system-accounts/a-1/assigned-roles?${PAGE}`,
    ...{ api: ORGANISATION, what: "the roles of the system account a-1", role: IDENTITY },
  },
  accessTokens: {
    work: (client) => client.accessTokens("a-1"),
    asks: `GET /v3/system-accounts/a-1/access-tokens?${PAGE}`,
    ...{ api: ORGANISATION, what: "the tokens of the system account a-1", role: IDENTITY },
  },
  createAccessToken: {
    work: (client) => client.createAccessToken("a-1", "t", new Date(EXPIRES)),
    asks: "POST /v3/system-accounts/a-1/access-tokens",
    body: { name: "t", expires_at: EXPIRES },
    ...{ api: ORGANISATION, what: "the access token t", role: IDENTITY },
  },
  deleteAccessToken: {
    work: (client) => client.deleteAccessToken("a-1", "t-1"),
    asks: "DELETE /v3/system-accounts/a-1/access-tokens/t-1",
    ...{ api: ORGANISATION, what: "the access token t-1", role: IDENTITY },
  },
};

/** Answers that say that nothing of the kind is there. */
const TO_NOTHING = ["controlPlane", "assignedRoles", "accessTokens"];
const DELETIONS = Object.keys(CALLS).filter((name) => name.startsWith("delete"));

describe("kuma/konnect: each call to Konnect", () => {
  let fake: FakeControlPlane;
  let client: Konnect;
  beforeEach(async () => {
    withoutPauses();
    fake = await FakeControlPlane.start();
    const addresses = konnectAddresses("eu", { apiUrl: fake.url, identityUrl: fake.url });
    client = new Konnect({ ...addresses, region: "eu", token: "kpat_x", attempts: 3 });
    later(() => client.close());
  });
  afterEach(async () => {
    await cleanUp();
    await stopFakes();
  });

  const answer = (body: unknown, status = 200, where = "") =>
    fake.fail(where, { status, body: JSON.stringify(body) }, 9);
  const always = (fault: Fault) => fake.fail(() => true, fault, 9);

  for (const [name, { work, asks, body, api, what, role }] of Object.entries(CALLS)) {
    it(`${name} says what it lacks, and changes nothing besides`, async () => {
      always({ status: 403 });
      assert.deepEqual(await kumaErrorOf(work(client)), {
        code: "forbidden",
        message: `${api} (${fake.url}) denies access to ${what}: the token lacks the role ${role}. Nothing was changed by this request.`,
      });
      assert.deepEqual(fake.asked, [asks]);
      const [{ headers, body: sent }] = fake.requests;
      assert.equal(headers.authorization, "Bearer kpat_x");
      assert.deepEqual(sent === "" ? undefined : JSON.parse(sent), body);
    });

    it(`${name} ${TO_NOTHING.includes(name) || DELETIONS.includes(name) ? "takes a 404 for an answer" : "ends with a 404"}`, async () => {
      always({ status: 404 });
      if (TO_NOTHING.includes(name) || DELETIONS.includes(name))
        return assert.equal(await work(client), undefined);
      assert.deepEqual(await kumaErrorOf(work(client)), {
        code: "notFound",
        message: `${api} (${fake.url}) does not have ${what}.`,
      });
    });
  }

  for (const name of ["createAccessToken", "provisionZone"])
    it(`${name} repeats nothing of a refusal, which may hold the token`, async () => {
      always({ status: 400, body: JSON.stringify({ title: "spat_made" }) });
      const { api, what, work } = CALLS[name];
      assert.deepEqual(await kumaErrorOf(work(client)), {
        code: "refused",
        message: `${api} (${fake.url}) refuses ${what} with status 400 (what it says about a secret is not shown).`,
      });
    });

  it("find by exact names alone, whatever a list has", async () => {
    const data = ["g-2", "g"].map((name) => ({ id: name, name }));
    answer({ data });
    assert.deepEqual(await client.controlPlanesNamed("g"), [data[1]]);
    assert.deepEqual(await client.systemAccountNamed("g"), data[1]);
    assert.equal(await client.systemAccountNamed("h"), undefined);
  });

  it("make a control plane twice at the most", async () => {
    answer({ data: [] }, 200, "GET ");
    always({ status: 500 });
    assert.equal((await kumaErrorOf(client.createControlPlane("g"))).code, "server");
    assert.deepEqual(
      fake.asked.map((line) => line.split(" ")[0]),
      ["POST", "GET", "POST"],
    );
  });

  it("use an account that is there, of that name alone", async () => {
    answer({ data: [{ id: "a-1", name: "a" }] }, 200, "GET ");
    always({ status: 409 });
    assert.deepEqual(await client.createSystemAccount("a", ""), { id: "a-1", name: "a" });
    const { code, message } = await kumaErrorOf(client.createSystemAccount("b", ""));
    assert.deepEqual(
      [code, message.includes("refuses the system account b with status 409")],
      ["refused", true],
    );
  });

  it("take no other refusal for an account that is there", async () => {
    answer({ data: [{ id: "a-1", name: "a" }] }, 200, "GET ");
    always({ status: 400 });
    assert.equal((await kumaErrorOf(client.createSystemAccount("a", ""))).code, "refused");
    assert.equal(fake.requests.length, 1);
  });

  it("take a role that is assigned for done, and no other refusal", async () => {
    fake.fail("POST ", { status: 409 });
    await client.assignConnector("a-1", "id-1");
    fake.fail("POST ", { status: 400 });
    assert.equal((await kumaErrorOf(client.assignConnector("a-1", "id-1"))).code, "refused");
  });

  it("give the token that was made", async () => {
    const made = { id: "t-1", name: "t", token: "spat_made", expires_at: EXPIRES };
    answer(made);
    assert.deepEqual(await client.createAccessToken("a-1", "t", new Date(EXPIRES)), made);
    assert.equal(await client.provisionZone("id-1", "zone-1"), "spat_made");
  });

  for (const token of [undefined, 7, "", "spat made", "spat_made\n", "\nspat_made"])
    it(`say that there is no token where one is ${JSON.stringify(token)}`, async () => {
      answer({ token, expires_at: EXPIRES });
      assert.deepEqual(await kumaErrorOf(client.createAccessToken("a-1", "t", new Date(EXPIRES))), {
        code: "notKuma",
        message: "Konnect's identity API gave no token for the access token t.",
      });
      assert.deepEqual(await kumaErrorOf(client.provisionZone("id-1", "zone-1")), {
        code: "refused",
        message:
          "Konnect's undocumented call for the web wizard gave no token for zone zone-1. Use zoneProvisioning: systemAccount.",
      });
    });

  it("take a token that does not say when it ends for none", async () => {
    answer({ token: "spat_made" });
    const { code } = await kumaErrorOf(client.createAccessToken("a-1", "t", new Date(EXPIRES)));
    assert.equal(code, "notKuma");
  });

  it("end once the client is closed", async () => {
    client.close();
    for (const { work } of Object.values(CALLS))
      assert.equal((await kumaErrorOf(work(client))).code, "cancelled");
    assert.deepEqual(fake.requests, []);
  });
});
