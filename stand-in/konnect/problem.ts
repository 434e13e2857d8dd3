import { randomBytes } from "node:crypto";

import type { ApiResponse } from "../api/http";

export interface InvalidParameter {
  field: string;
  reason: string;
}

const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
};

/** An error of Konnect's own APIs: `application/problem+json`, as the published documents have it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly invalid: readonly InvalidParameter[] = [],
  ) {
    super(detail);
  }

  toResponse(): ApiResponse {
    return {
      status: this.status,
      headers: { "Content-Type": "application/problem+json" },
      body: {
        status: this.status,
        title: TITLES[this.status] ?? "Error",
        type: "about:blank",
        instance: `konnect:trace:${randomBytes(8).toString("hex")}`,
        detail: this.detail,
        ...(this.invalid.length > 0 ? { invalid_parameters: this.invalid } : {}),
      },
    };
  }
}
