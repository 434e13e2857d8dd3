import { KumaError } from "../errors";
import { capital } from "../printable";
import { Resource, keyOf } from "../resource/resource";
import { urlPath } from "../resource/names";
import type { Page } from "./answers";
import { Subject, malformed } from "./failures";
import type { ResourceType } from "./resourceTypes";

/** The most that one page holds (Kuma v2.14.3, pkg/api-server/pagination.go); the default is 100. */
const PAGE_SIZE = 1000;
/** A list that changes while it is read is read again this often. */
const LIST_ATTEMPTS = 4;
/** Bounds of one list, for control planes that come to no end. Kuma's own pages are full but for the last one. */
const MOST_PAGES = 2_000;
const MOST_ITEMS = 200_000;
const LIST_DEADLINE_MS = 300_000;

interface Reading {
  of: Subject;
  type: ResourceType;
  /** Reads one page; undefined where the control plane knows no such list. */
  page: (path: string, isFirst: boolean) => Promise<Page | undefined>;
  /** Milliseconds for all of it. */
  deadlineMs?: number;
}

/**
 * Every resource of a type, over all meshes, paged to the end and checked against `total`. A type that the control
 * plane does not know counts as empty.
 */
export async function readList(reading: Reading): Promise<Resource[]> {
  const { of, type, deadlineMs = LIST_DEADLINE_MS } = reading;
  const deadline = Date.now() + deadlineMs;
  for (let attempt = 1; ; attempt++) {
    const { items, total } = await readOnce(reading, deadline);
    if (total === undefined || items.length === total) return items;
    if (attempt === LIST_ATTEMPTS) {
      throw new KumaError(
        "incomplete",
        `${capital(of.title)} announces ${total} ${type.name} resources, but ${items.length} arrived in ${LIST_ATTEMPTS} attempts. ` +
          `Nothing was changed. Is something writing to it all the time? Try again when it is quiet.`,
      );
    }
  }
}

async function readOnce(
  { of, type, page: read }: Reading,
  deadline: number,
): Promise<{ items: Resource[]; total?: number }> {
  const path = urlPath`/${type.path}`;
  const found = new Map<string, Resource>();
  let total: number | undefined;
  let offset: string | undefined;
  for (let pages = 1; ; pages++) {
    const page = await read(`${path}?${queryOf(offset)}`, offset === undefined);
    if (page === undefined) return { items: [] };
    const before = found.size;
    for (const item of page.items) found.set(keyOf(item), item);
    total = page.total ?? total;
    // one that has more than it announces is read again, or told of
    if (page.offset === undefined || found.size > (total ?? Infinity)) {
      return { items: [...found.values()], total };
    }
    if (found.size === before) throw malformed(of, path, "a page brings nothing new, and names a next one");
    if (pages >= MOST_PAGES || found.size > MOST_ITEMS || Date.now() > deadline)
      throw endless(of, type, found.size, pages);
    offset = page.offset;
  }
}

function queryOf(offset: string | undefined): URLSearchParams {
  return new URLSearchParams({ size: String(PAGE_SIZE), ...(offset === undefined ? {} : { offset }) });
}

function endless({ title, reference }: Subject, type: ResourceType, items: number, pages: number): KumaError {
  return new KumaError(
    "incomplete",
    `The list of ${type.name} of ${title} (${reference}) comes to no end: ${items} resources in ${pages} pages, and a next one. ` +
      `Nothing was changed. Is that the control plane that is meant?`,
  );
}
