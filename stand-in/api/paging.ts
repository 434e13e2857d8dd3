import { ApiError } from "../errors";
import type { Resource } from "../resources/model";
import type { ApiRequest } from "./http";

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1000;
const TITLE = "Could not retrieve resources";

export interface Page<T> {
  total: number;
  items: T[];
  next: string | null;
}

/**
 * One page of a list. `next` is the address of the following page on the host that the client named.
 * Source: Kuma v2.14.3 pkg/api-server/pagination.go and pkg/core/resources/store/pagination_store.go.
 */
export function page<T>(all: readonly T[], request: ApiRequest): Page<T> {
  const size = pageSize(request.query.get("size"));
  const offset = pageOffset(request.query.get("offset"));
  const end = offset + size;
  return {
    total: all.length,
    items: all.slice(offset, end),
    next: end < all.length ? nextLink(request, end) : null,
  };
}

function pageSize(value: string | null): number {
  if (value === null || value === "") {
    return DEFAULT_SIZE;
  }
  if (!/^[+-]?\d+$/.test(value)) {
    throw invalidSize("invalid format");
  }
  const size = Number(value);
  if (size <= 0) {
    throw invalidSize("must be greater than 0");
  }
  if (size > MAX_SIZE) {
    throw invalidSize(`invalid page size of ${size}. Maximum page size is ${MAX_SIZE}`);
  }
  return size;
}

function invalidSize(reason: string): ApiError {
  return new ApiError(400, TITLE, "Invalid page size", [{ field: "size", reason }]);
}

function pageOffset(value: string | null): number {
  if (value === null || value === "") {
    return 0;
  }
  if (!/^\d+$/.test(value)) {
    const detail = `invalid: invalid offset: strconv.Atoi: parsing "${value}": invalid syntax`;
    throw new ApiError(400, TITLE, detail);
  }
  return Number(value);
}

function nextLink(request: ApiRequest, offset: number): string {
  const query = new URLSearchParams(request.query);
  query.set("offset", String(offset));
  query.sort();
  return `http://${request.host}${request.path}?${query.toString()}`;
}

/**
 * `name` selects by a part of the name, `filter[labels.<label>]` by a label.
 * Source: Kuma v2.14.3 pkg/api-server/filters.
 */
export function selector(query: URLSearchParams): (resource: Resource) => boolean {
  const name = query.get("name") ?? "";
  const labels = new Map<string, string>();
  for (const [key, value] of query) {
    const match = /^filter\[labels\.(.+)\]$/.exec(key);
    if (match) {
      labels.set(match[1], value);
    } else if (key.startsWith("filter[")) {
      throw new ApiError(400, TITLE, "Resource is not valid", [
        { field: key, reason: "filters are only supported on labels" },
      ]);
    }
  }
  return (resource) =>
    resource.name.includes(name) && [...labels].every(([label, value]) => resource.labels[label] === value);
}
