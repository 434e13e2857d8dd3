import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { withLock } from "../../../toolchain/process/lock";
import { cleanUp, tempDir } from "../support";

describe("toolchain: lock", () => {
  let file: string;
  let notes: string[];

  beforeEach(() => {
    file = path.join(tempDir(), "engine.lock");
    notes = [];
  });
  afterEach(cleanUp);

  const lock = <T>(action: () => Promise<T>, signal?: AbortSignal) =>
    withLock(file, "the engine", { env: {}, log: (line) => notes.push(line), signal }, action);

  /** A lock as this process writes it, with changes. */
  const leave = async (changes: object) => {
    const own = await lock(async () => fs.readFileSync(file, "utf8"));
    fs.writeFileSync(file, JSON.stringify({ ...(JSON.parse(own) as object), ...changes }));
  };
  const untouchedFor = (seconds: number) => fs.utimesSync(file, 0, Date.now() / 1000 - seconds);
  const assertTakenOver = async () => {
    assert.equal(await lock(async () => "done"), "done");
    assert.deepEqual([notes, fs.readdirSync(path.dirname(file))], [[], []]);
  };

  it("lets one after the other work, and leaves nothing", async () => {
    let working = 0;
    const work = () =>
      lock(async () => {
        assert.equal(++working, 1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        working--;
      });
    await Promise.all([work(), work(), work()]);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
    assert.equal(
      notes[0],
      "Waiting for another part of this process, which is getting the engine as well; this process uses the result.",
    );
  });

  it("is given back when the work fails", async () => {
    await assert.rejects(
      lock(() => Promise.reject(new Error("no"))),
      /^Error: no$/,
    );
    await assertTakenOver();
  });

  it("is taken over from a process that is gone, and from one whose id another has by now", async () => {
    // ids end below 2^22 on Linux
    for (const changes of [{ pid: 2 ** 22 + 1 }, { pid: process.pid, started: "earlier" }]) {
      await leave(changes);
      await assertTakenOver();
    }
  });

  it("is taken over from another machine's process, or from nobody's, without a sign of life for long", async () => {
    await leave({ place: "elsewhere" });
    untouchedFor(120);
    await assertTakenOver();
    fs.writeFileSync(file, "");
    untouchedFor(120);
    await assertTakenOver();
  });

  it("is waited for where another machine's process gave a sign of life, until an abort", async () => {
    await leave({ place: "elsewhere" });
    untouchedFor(30);
    const abort = new AbortController();
    const waiting = lock(async () => assert.fail("it is held"), abort.signal);
    while (notes.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort(new Error("stopped by the user"));
    await assert.rejects(waiting, /stopped by the user/);
    assert.match(notes[0], /^Waiting for a process of another machine or container, which/);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ["engine.lock"]);
  });
});
