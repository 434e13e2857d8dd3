import type { IncomingMessage, ServerResponse } from "node:http";

import { ApiError, errorBody } from "../errors";
import type { User } from "../auth";

/** One request, as the handlers see it. */
export interface ApiRequest {
  method: string;
  /** The path without its empty parts, decoded. */
  segments: readonly string[];
  path: string;
  query: URLSearchParams;
  host: string;
  user: User;
  /** The body; refused unless it is announced as JSON. */
  json(): Promise<string>;
}

export interface ApiResponse {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string as plain text. */
  body: unknown;
}

export function ok(body: unknown): ApiResponse {
  return { status: 200, body };
}

/** What the real router answers before any of Kuma's own code runs: plain text. */
export function plainError(status: 404 | 405 | 415, allow?: string): ApiResponse {
  const reason = { 404: "Page Not Found", 405: "Method Not Allowed", 415: "Unsupported Media Type" }[status];
  return { status, body: `${status}: ${reason}`, ...(allow ? { headers: { Allow: allow } } : {}) };
}

export class PlainError extends Error {
  constructor(readonly response: ApiResponse) {
    super(String(response.body));
  }
}

export function toApiRequest(request: IncomingMessage, user: User): ApiRequest {
  const url = new URL(request.url ?? "/", "http://localhost");
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    segments: url.pathname
      .split("/")
      .filter((part) => part !== "")
      .map(decode),
    query: url.searchParams,
    host: request.headers.host ?? "",
    user,
    json: async () => {
      if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
        throw new PlainError(plainError(415));
      }
      return readBody(request);
    },
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function toResponse(error: unknown): ApiResponse {
  if (error instanceof PlainError) {
    return error.response;
  }
  if (error instanceof ApiError) {
    return { status: error.status, body: errorBody(error) };
  }
  console.error("request failed:", error);
  return { status: 500, body: errorBody(new ApiError(500, "Internal", "Internal Server Error")) };
}

export function send(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  const isText = typeof body === "string";
  const text = isText ? body : `${JSON.stringify(body, null, 1)}\n`;
  response.writeHead(status, {
    "Content-Type": isText ? "text/plain; charset=utf-8" : "application/json",
    "Content-Length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
