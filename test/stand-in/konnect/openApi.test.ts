import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { cleanUp } from "../../support/cleanUp";
import { RunningKonnect, startKonnect } from "../../support/controlPlane/standInKonnect";

/**
 * The directory named by KONNECT_OPENAPI holds Kong's published documents, which are not part of this project:
 * `mesh.yaml` (api-specs/konnect/mesh-control-planes/v0/openapi.yaml) and `identity.yaml`
 * (api-specs/konnect/identity/v3/openapi.yaml of the repository Kong/developer.konghq.com).
 */
const directory = process.env.KONNECT_OPENAPI;

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  parameters?: unknown[];
  requestBody?: { $ref?: string; content?: Record<string, { schema: Schema }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Schema }> }>;
}

const MESH = "/mesh/control-planes";
const ACCOUNTS = "/system-accounts";

(directory === undefined ? describe.skip : describe)("Konnect's published OpenAPI documents", () => {
  let konnect: RunningKonnect;
  before(async () => (konnect = await startKonnect()));
  after(cleanUp);

  const load = (name: string) =>
    yaml.load(fs.readFileSync(path.join(directory as string, `${name}.yaml`), "utf8")) as Document;

  it("allow what the client sends, and describe what the stand-in answers", async () => {
    const [mesh, identity] = [new Checked(load("mesh")), new Checked(load("identity"))];
    const call = async (doc: Checked, method: string, template: string, url: string, body?: object) => {
      const prefix = doc === mesh ? "/v1" : "/v3";
      const response = await fetch(konnect.addresses.apiUrl + prefix + url, {
        method,
        headers: { authorization: `Bearer ${konnect.token}`, "content-type": "application/json" },
        body: body && JSON.stringify(body),
      });
      const text = await response.text();
      const type = response.headers.get("content-type")?.split(";")[0] ?? "";
      doc.check(method, template, body, response.status, type, text === "" ? undefined : JSON.parse(text));
      return (text === "" ? {} : JSON.parse(text)) as { id: string };
    };
    const features = [
      { type: "MeshCreation", meshCreation: { enabled: false } },
      { type: "HostnameGeneratorCreation", hostnameGeneratorCreation: { enabled: false } },
    ];
    const { id } = await call(mesh, "POST", MESH, MESH, { name: "g", description: "d", features });
    const one = `${MESH}/${id}`;
    await call(mesh, "POST", MESH, MESH, { name: "-" });
    await call(mesh, "GET", MESH, `${MESH}?page[size]=100&page[number]=1&filter[name][eq]=g`);
    await call(mesh, "GET", `${MESH}/{cpId}`, one);
    await call(mesh, "GET", `${MESH}/{cpId}`, `${MESH}/none`);
    await call(mesh, "GET", `${MESH}/{cpId}/api`, `${one}/api`);
    await call(mesh, "GET", `${MESH}/{cpId}/api/_resources`, `${one}/api/_resources`);
    await call(mesh, "GET", `${MESH}/{cpId}/api/global-insight`, `${one}/api/global-insight`);

    const given = { name: "a", description: "d", konnect_managed: false };
    const account = await call(identity, "POST", ACCOUNTS, ACCOUNTS, given);
    const own = `${ACCOUNTS}/${account.id}`;
    const template = `${ACCOUNTS}/{accountId}`;
    await call(identity, "POST", ACCOUNTS, ACCOUNTS, given);
    await call(identity, "GET", ACCOUNTS, `${ACCOUNTS}?filter[name][eq]=a`);
    const role = {
      role_name: "Connector",
      entity_type_name: "Mesh Control Planes",
      entity_id: id,
      entity_region: "eu",
    };
    for (let times = 0; times < 2; times++)
      await call(identity, "POST", `${template}/assigned-roles`, `${own}/assigned-roles`, role);
    await call(identity, "GET", `${template}/assigned-roles`, `${own}/assigned-roles`);
    const expiring = { name: "t", expires_at: new Date(Date.now() + 1e9).toISOString() };
    const token = await call(identity, "POST", `${template}/access-tokens`, `${own}/access-tokens`, expiring);
    await call(identity, "GET", `${template}/access-tokens`, `${own}/access-tokens`);
    await call(identity, "DELETE", `${template}/access-tokens/{tokenId}`, `${own}/access-tokens/${token.id}`);
    for (let times = 0; times < 2; times++) await call(identity, "DELETE", template, own);
    await call(identity, "GET", "/organizations/me", "/organizations/me");
    await call(mesh, "DELETE", `${MESH}/{cpId}`, one);
    assert.ok(mesh.checked + identity.checked >= 20);
  });
});

/** One document, and what is held against it: fields that must be there, and kinds of those that are described. */
class Checked {
  checked = 0;

  constructor(private readonly document: Document) {}

  check(
    method: string,
    template: string,
    sent: unknown,
    status: number,
    type: string,
    answer: unknown,
  ): void {
    const title = `${method} ${template} ${status}`;
    const operation =
      this.document.paths[template]?.[method.toLowerCase()] ?? assert.fail(`not described: ${title}`);
    if (sent !== undefined && status < 300) {
      const { content } = this.resolve(operation.requestBody ?? assert.fail(`no body described: ${title}`));
      this.matches(sent, content?.["application/json"].schema ?? {}, `${title}: request`, true);
    }
    const response = this.resolve(
      operation.responses[status] ?? assert.fail(`status not described: ${title}`),
    );
    if (answer !== undefined) {
      const described = response.content?.[type] ?? assert.fail(`${type} is not described: ${title}`);
      this.matches(answer, described.schema, title, false);
    }
    this.checked++;
  }

  private matches(value: unknown, given: Schema, where: string, strict: boolean): void {
    const schema = this.resolve(given);
    for (const part of schema.allOf ?? []) this.matches(value, part, where, false);
    if (schema.type === "array") {
      assert.ok(Array.isArray(value), `${where} must be an array`);
      for (const item of value) this.matches(item, schema.items ?? {}, `${where}[]`, strict);
    } else if (schema.properties && value !== null && typeof value === "object") {
      const fields = value as Record<string, unknown>;
      // one document asks for a field (ServicesStats.total) that it does not describe, and that Kuma does not send
      const described = (schema.required ?? []).filter(
        (name) => schema.properties && name in schema.properties,
      );
      for (const name of described) assert.ok(name in fields, `${where} lacks ${name}`);
      for (const [name, field] of Object.entries(fields)) {
        if (schema.properties[name]) this.matches(field, schema.properties[name], `${where}.${name}`, strict);
        else assert.ok(!strict, `${where} has ${name}, which is not described`);
      }
    } else if (schema.type !== undefined && schema.type !== "object") {
      const kind = { string: "string", boolean: "boolean", integer: "number", number: "number" }[schema.type];
      assert.equal(typeof value, kind, where);
      if (schema.enum) assert.ok(schema.enum.includes(value), `${where} is ${JSON.stringify(value)}`);
    }
  }

  private resolve<T extends { $ref?: string }>(node: T): T {
    if (node.$ref === undefined) return node;
    const parts = node.$ref.replace(/^#\//, "").split("/");
    const target = parts.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], this.document);
    return this.resolve(target as T);
  }
}
