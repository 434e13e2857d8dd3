import * as assert from "node:assert/strict";
import type { Resource } from "../../../kuma";
import type { Page } from "../../../kuma/api/answers";
import { readList } from "../../../kuma/api/readList";
import { kumaErrorOf } from "../../support/errors";
import { typeNamed } from "../../support/resources/types";

const zone = { title: "the zone", reference: "http://z:5681", hosted: undefined, tokensAtHand: [] };

describe("kuma/api/readList: where a list ends", () => {
  /** A list that comes in these pages. */
  function reading(pages: Iterable<Partial<Page>>, deadlineMs?: number) {
    const iterator = pages[Symbol.iterator]();
    const asked: string[] = [];
    const page = async (path: string): Promise<Page> => {
      asked.push(path);
      return { items: [], total: undefined, offset: undefined, ...iterator.next().value };
    };
    const work = readList({ of: zone, type: typeNamed("MeshTimeout"), page, deadlineMs });
    return { work, asked };
  }

  const named = (names: string[]): Resource[] =>
    names.map((name) => ({ type: "MeshTimeout", mesh: "default", name }));

  function* endless(itemsOfAPage: number): Generator<Partial<Page>> {
    for (let page = 1; ; page++) {
      const names = Array.from({ length: itemsOfAPage }, (_, index) => `t-${page}-${index}`);
      yield { items: named(names), offset: String(page) };
    }
  }

  const noEnd = (items: number, pages: number) => ({
    code: "incomplete",
    message:
      `The list of MeshTimeout of the zone (http://z:5681) comes to no end: ${items} resources in ${pages} pages, and a next one. ` +
      `Nothing was changed. Is that the control plane that is meant?`,
  });

  it("is read to its end where nothing announces how much there is", async () => {
    const { work } = reading([{ items: named(["a"]), offset: "1" }, { items: named(["b"]) }]);
    assert.deepEqual(await work, named(["a", "b"]));
  });

  it("is read on where as many came as were announced, and there is a next page", async () => {
    const more = [
      { items: named(["a"]), total: 1, offset: "1" },
      { items: named(["b"]), total: 2 },
    ];
    assert.deepEqual(await reading(more).work, named(["a", "b"]));
  });

  it("is read again, and no fifth time, where more comes than was announced", async () => {
    function* tooMany(): Generator<Partial<Page>> {
      for (;;) yield* [1, 2].map((n) => ({ items: named([`a${n}`, `b${n}`]), total: 3, offset: String(n) }));
    }
    const { work, asked } = reading(tooMany());
    assert.equal((await kumaErrorOf(work)).code, "incomplete");
    assert.equal(asked.length, 8);
  });

  it("ends after 2,000 pages", async () => {
    assert.deepEqual(await kumaErrorOf(reading(endless(1)).work), noEnd(2_000, 2_000));
  });

  it("ends after more than 200,000 resources", async () => {
    const pages = [endless(200_000).next().value as Partial<Page>, { items: named(["a"]), offset: "2" }];
    assert.deepEqual(await kumaErrorOf(reading(pages).work), noEnd(200_001, 2));
  });

  it("ends at its deadline", async () => {
    assert.deepEqual(await kumaErrorOf(reading(endless(1), -1).work), noEnd(1, 1));
  });
});
