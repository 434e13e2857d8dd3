import assert from "node:assert/strict";

import type { ControlPlane } from "./process";

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into, not typed */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: any;
}

/** Makes requests as a stranger would see them: a proxy's header takes away the admin rights of this machine. */
export const STRANGER = { "x-forwarded-for": "192.0.2.1" };

export async function call(
  cp: ControlPlane,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${cp.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let json: any;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

export async function get(cp: ControlPlane, path: string): Promise<any> {
  const answer = await call(cp, "GET", path);
  assert.equal(answer.status, 200, `GET ${path}: ${answer.text}`);
  return answer.json;
}

export async function names(cp: ControlPlane, path: string): Promise<string[]> {
  const list = await get(cp, `${path}?size=1000`);
  return list.items.map((item: any) => item.name);
}

/** Writes a resource where its type belongs and expects that to work. */
export async function write(
  cp: ControlPlane,
  path: string,
  resource: Record<string, unknown>,
): Promise<void> {
  const answer = await call(cp, "PUT", path, resource);
  assert.ok(answer.status === 200 || answer.status === 201, `PUT ${path}: ${answer.status} ${answer.text}`);
}

export async function remove(cp: ControlPlane, path: string): Promise<void> {
  const answer = await call(cp, "DELETE", path);
  assert.equal(answer.status, 200, `DELETE ${path}: ${answer.text}`);
}

export function secretValue(secret: any): string {
  return Buffer.from(secret.data, "base64").toString("utf8");
}

export function meshTimeout(
  mesh: string,
  name: string,
  labels?: Record<string, string>,
  idleTimeout = "1h0m0s",
): Record<string, unknown> {
  return {
    type: "MeshTimeout",
    mesh,
    name,
    ...(labels ? { labels } : {}),
    spec: { targetRef: { kind: "Mesh" }, to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout } }] },
  };
}

export function legacyTimeout(mesh: string, name: string): Record<string, unknown> {
  const everything = [{ match: { "kuma.io/service": "*" } }];
  return {
    type: "Timeout",
    mesh,
    name,
    sources: everything,
    destinations: everything,
    conf: { connectTimeout: "5s" },
  };
}

export function dataplane(mesh: string, name: string): Record<string, unknown> {
  return {
    type: "Dataplane",
    mesh,
    name,
    networking: { address: "127.0.0.1", inbound: [{ port: 8080, tags: { "kuma.io/service": "web" } }] },
  };
}

/** Expects an error in the shape that clients rely on. */
export function assertError(
  answer: Answer,
  status: number,
  title: string,
  violations?: Record<string, RegExp | string>,
): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(answer.json.type, "/std-errors");
  assert.equal(answer.json.status, status);
  assert.equal(answer.json.title, title);
  assert.equal(typeof answer.json.detail, "string");
  if (violations) {
    const actual = answer.json.invalid_parameters ?? [];
    assert.deepEqual(
      actual.map((parameter: any) => parameter.field),
      Object.keys(violations),
      answer.text,
    );
    for (const { field, reason } of actual) {
      const expected: RegExp | string = violations[String(field)];
      if (typeof expected === "string") {
        assert.equal(reason, expected);
      } else {
        assert.match(reason, expected);
      }
    }
  }
}
