import assert from "node:assert/strict";
import { mock } from "node:test";
import { KumaError } from "../../kuma";
import { Waiting, until, untilNone } from "../../kuma/until";

/** Lets the time go on until a promise is settled, and gives how long that took. */
async function elapsed<T>(promise: Promise<T>): Promise<{ ms: number; value?: T; error?: Error }> {
  const began = Date.now();
  let result: { value?: T; error?: Error } | undefined;
  promise.then(
    (value) => (result = { value }),
    (error: Error) => (result = { error }),
  );
  for (;;) {
    await new Promise(setImmediate);
    if (result) return { ms: Date.now() - began, ...result };
    mock.timers.tick(1);
  }
}

describe("until", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
  afterEach(() => mock.timers.reset());

  /** Gives these one after the other, the last one from then on. */
  const seeing = <T>(...seen: T[]) => {
    const looks: T[] = [];
    return { looks, look: () => (looks.push(seen[Math.min(looks.length, seen.length - 1)]), looks.at(-1)!) };
  };
  const patience = (more: Partial<Waiting<number>> = {}): Waiting<number> => ({
    deadlineMs: 1_000,
    everyMs: 100,
    isThere: (seen) => seen > 0,
    ...more,
  });

  it("gives what is there at the first look at once", async () => {
    const { look, looks } = seeing(3);
    assert.deepEqual(await elapsed(until(look, patience())), { ms: 0, value: 3 });
    assert.equal(looks.length, 1);
  });

  it("looks again after each pause, the first of which are short, also where a look takes its time", async () => {
    const { look, looks } = seeing(0, 0, 7);
    const slow = () => new Promise<number>((resolve) => setTimeout(() => resolve(look()), 5));
    assert.deepEqual(await elapsed(until(slow, patience())), { ms: 165, value: 7 });
    assert.deepEqual(looks, [0, 0, 7]);
  });

  it("comes to the pauses that are asked for by twice the pause before", async () => {
    const { look, looks } = seeing(0, 0, 0, 0, 0, 0, 1);
    const patient = patience({ deadlineMs: 10_000, everyMs: 1_000 });
    assert.deepEqual(await elapsed(until(look, patient)), { ms: 2_550, value: 1 });
    assert.equal(looks.length, 7, "after 0, 50, 150, 350, 750, 1550 and 2550 ms");
  });

  it("looks a last time at the deadline, and fails with what is made of that look", async () => {
    const { look, looks } = seeing(-1, -2, -3, -4);
    const onTimeout = (last: number) => new KumaError("gate", `still ${last}`);
    const { ms, error } = await elapsed(until(look, patience({ deadlineMs: 250, onTimeout })));
    assert.deepEqual([ms, error?.message], [250, "still -4"]);
    assert.equal((error as KumaError).code, "gate");
    assert.deepEqual(looks, [-1, -2, -3, -4]);
  });

  it("gives the last look as it is where nothing is to be thrown", async () => {
    const { look } = seeing(0, -1);
    assert.deepEqual(await elapsed(until(look, patience({ deadlineMs: 200 }))), { ms: 200, value: -1 });
  });

  it("looks once where there is no time at all", async () => {
    const { look, looks } = seeing(0, 1);
    assert.deepEqual(await elapsed(until(look, patience({ deadlineMs: 0 }))), { ms: 0, value: 0 });
    assert.equal(looks.length, 1);
  });

  it("waits without an end where that is asked for", async () => {
    const { look } = seeing(...Array<number>(60).fill(0), 1);
    assert.deepEqual(await elapsed(until(look, patience({ deadlineMs: Infinity }))), { ms: 5_950, value: 1 });
  });

  it("waits longer from look to look where the pauses grow, and not past the deadline", async () => {
    const { look, looks } = seeing(0);
    const everyMs = (count: number) => 100 * 2 ** (count - 1);
    assert.deepEqual(await elapsed(until(look, patience({ everyMs }))), { ms: 1_000, value: 0 });
    assert.equal(looks.length, 5, "after 0, 100, 300, 700 and 1000 ms");
  });

  it("ends with what a look throws", async () => {
    const look = () => Promise.reject(new KumaError("unreachable", "gone"));
    const { ms, error } = await elapsed(until(look, patience()));
    assert.deepEqual([ms, error?.message], [0, "gone"]);
  });

  it("ends in the middle of a pause when it is cancelled, and looks no further", async () => {
    const controller = new AbortController();
    const { look, looks } = seeing(0);
    setTimeout(() => controller.abort(), 130);
    const { ms, error } = await elapsed(until(look, patience({ signal: controller.signal })));
    assert.deepEqual([ms, error?.message], [130, "The operation was cancelled."]);
    assert.equal((error as KumaError).code, "cancelled");
    assert.equal(looks.length, 2);
  });

  it("begins no pause once it was cancelled", async () => {
    const { look, looks } = seeing(0);
    const { ms, error } = await elapsed(until(look, patience({ signal: AbortSignal.abort() })));
    assert.deepEqual([ms, (error as KumaError).code], [0, "cancelled"]);
    assert.equal(looks.length, 1);
  });

  it("waits until nothing of a list is left, and tells what is when it takes too long", async () => {
    const waiting = { deadlineMs: 1_000, everyMs: 100 };
    const sentence = (left: string[]) => `left: ${left.join()}`;
    const goes = seeing(["a", "b"], ["b"], []);
    const gone = await elapsed(untilNone(() => Promise.resolve(goes.look()), waiting, sentence));
    assert.deepEqual([gone.ms, gone.error, goes.looks.length], [150, undefined, 3]);
    const stays = await elapsed(untilNone(() => Promise.resolve(["a", "b"]), waiting, sentence));
    assert.equal(stays.ms, 1_000);
    assert.deepEqual([stays.error?.message, (stays.error as KumaError).code], ["left: a,b", "gate"]);
  });
});
