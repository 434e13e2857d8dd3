import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { MOST_KEPT, keepLook, pastLookOf, readHistory } from "../../../cli/status/history";
import { broken, healthy } from "./sampleReports";

describe("cli/status/history", () => {
  let root: string;
  let file: string;
  const before = process.env.KUMA_FEDERATION_STATE;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "history-"));
    process.env.KUMA_FEDERATION_STATE = root;
    file = path.join(root, "workspace", "prod-eu", "status-history.json");
    fs.mkdirSync(path.dirname(file), { recursive: true });
  });
  afterEach(() => {
    if (before === undefined) delete process.env.KUMA_FEDERATION_STATE;
    else process.env.KUMA_FEDERATION_STATE = before;
    fs.rmSync(root, { recursive: true });
  });

  it("keeps of a look its time, outcome and each zone's state", () => {
    keepLook(root, broken({ history: [] }));
    assert.deepEqual(readHistory(root, "prod-eu"), [
      {
        ...{ time: "2026-11-27T12:00:00.000Z", outcome: "unhealthy", problems: 3, warnings: 2 },
        zones: { frankfurt: "online", dublin: "offline", paris: "online", lisbon: "disabled" },
      },
    ]);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ["status-history.json"]);
  });

  it("keeps so many, the last ones", () => {
    const history = Array.from({ length: MOST_KEPT }, (_, at) => ({
      ...pastLookOf(healthy()),
      problems: at,
    }));
    keepLook(root, healthy({ history }));
    const kept = readHistory(root, "prod-eu");
    assert.deepEqual([kept.length, kept[0].problems, kept.at(-1)?.problems], [MOST_KEPT, 1, 0]);
  });

  it("begins anew where a file is cut short, or holds something else", () => {
    for (const text of ['[{"time":', "{}", '[{"time":1}]']) {
      fs.writeFileSync(file, text);
      assert.deepEqual(readHistory(root, "prod-eu"), []);
    }
    assert.deepEqual(readHistory(root, "another"), []);
  });

  it("keeps nobody from an answer where it cannot be written", () => {
    fs.rmSync(path.dirname(file), { recursive: true });
    assert.doesNotThrow(() => keepLook(root, healthy()));
  });
});
