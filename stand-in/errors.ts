export interface Violation {
  field: string;
  reason: string;
}

/** A resource that is not valid: answered with 400 and the list of violations. */
export class ValidationError extends Error {
  constructor(readonly violations: readonly Violation[]) {
    super("Resource is not valid");
  }

  static of(field: string, reason: string): ValidationError {
    return new ValidationError([{ field, reason }]);
  }
}

/** An answer other than success, in the terms of the REST API. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly violations: readonly Violation[] = [],
  ) {
    super(`${title}: ${detail}`);
  }
}

export function notFound(title: string): ApiError {
  return new ApiError(404, title, "Not found");
}

/** Runs a step; a violation in it is answered under the title that the real control plane uses for that step. */
export async function titled<T>(title: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ValidationError) {
      throw new ApiError(400, title, error.message, error.violations);
    }
    throw error;
  }
}

/**
 * The body of an error answer. `details` and `causes` repeat `detail` and `invalid_parameters` for old clients.
 * Source: Kuma v2.14.3 pkg/core/rest/errors/error_handler.go.
 */
export function errorBody(error: ApiError): Record<string, unknown> {
  const violations = error.violations;
  return {
    type: "/std-errors",
    status: error.status,
    title: error.title,
    detail: error.detail,
    ...(violations.length > 0 ? { invalid_parameters: violations } : {}),
    details: error.detail,
    ...(violations.length > 0
      ? { causes: violations.map(({ field, reason }) => ({ field, message: reason })) }
      : {}),
  };
}
