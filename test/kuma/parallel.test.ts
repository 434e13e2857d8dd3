import * as assert from "node:assert/strict";
import { inParallel } from "../../kuma/parallel";

describe("kuma/parallel", () => {
  /** Work that notes how much of it is under way, and ends only when it is let. */
  const watched = () => {
    const begun: number[] = [];
    const end: (() => void)[] = [];
    let underWay = 0;
    let most = 0;
    const work = async (item: number) => {
      begun.push(item);
      most = Math.max(most, ++underWay);
      await new Promise<void>((resolve) => end.push(resolve));
      underWay--;
    };
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const endAll = async () => {
      for (await turn(); end.length > 0; await turn()) end.splice(0).forEach((resolve) => resolve());
    };
    return { begun, work, turn, end, endAll, most: () => most };
  };

  it("does each once, in order, and so many at one time", async () => {
    const { begun, work, turn, endAll, most } = watched();
    const done = inParallel([1, 2, 3, 4, 5], 2, work);
    await turn();
    assert.deepEqual(begun, [1, 2]);
    await endAll();
    await done;
    assert.deepEqual([begun, most()], [[1, 2, 3, 4, 5], 2]);
  });

  it("begins no more than there is", async () => {
    const { begun, work, endAll, most } = watched();
    const done = inParallel([1, 2], 32, work);
    await endAll();
    await done;
    assert.deepEqual([begun, most()], [[1, 2], 2]);
    await inParallel([], 32, work);
    assert.equal(begun.length, 2);
  });

  it("begins nothing further once it is to stop, and waits for what is under way", async () => {
    const { begun, work, turn, end, endAll } = watched();
    let isOver = false;
    let isDone = false;
    const done = inParallel([1, 2, 3, 4], 2, work, () => isOver).then(() => (isDone = true));
    await turn();
    isOver = true;
    end.shift()?.();
    await turn();
    assert.deepEqual([begun, isDone], [[1, 2], false]);
    await endAll();
    await done;
    assert.deepEqual(begun, [1, 2]);
  });
});
