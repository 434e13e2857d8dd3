import assert from "node:assert/strict";
import * as forge from "../../cli/comment/forge";
import { captureLog } from "../support/captureLog";
import { cleanUp } from "../support/cleanUp";

const { keepComment, tellUntouched, MARKER } = require("../../scripts/previewComment.js") as {
  keepComment: (run: Record<string, unknown>) => Promise<void>;
  tellUntouched: (run: Record<string, unknown>) => Promise<void>;
  MARKER: string;
};

interface Comment {
  id: number;
  user: { login: string } | null;
  body?: string;
}

const BOT = { login: "github-actions[bot]" };
const BODY = `### verdict\n\n${forge.MARKER}`;

describe("scripts/previewComment", () => {
  let comments: Comment[];
  let calls: [string, Record<string, unknown>][];
  /** Commit with which the pull request ends. */
  let last: string;

  beforeEach(() => {
    comments = [];
    calls = [];
    last = "a1";
  });
  afterEach(cleanUp);

  const keep = (body: string): Promise<void> => onGitHub((run) => keepComment({ ...run, body }));

  const onGitHub = async (write: (run: Record<string, unknown>) => Promise<void>): Promise<void> => {
    const listComments = () => assert.fail("it must be paged");
    const record = (name: string) => (args: Record<string, unknown>) =>
      Promise.resolve(calls.push([name, args]));
    const get = (args: Record<string, unknown>) => {
      assert.deepEqual(args, { owner: "o", repo: "r", pull_number: 7 });
      return Promise.resolve({ data: { head: { sha: last } } });
    };
    const github = {
      rest: {
        pulls: { get },
        issues: { listComments, updateComment: record("update"), createComment: record("create") },
      },
      paginate: (endpoint: unknown, args: Record<string, unknown>) => {
        assert.equal(endpoint, listComments);
        assert.deepEqual(args, { owner: "o", repo: "r", issue_number: 7, per_page: 100 });
        return Promise.resolve(comments);
      },
    };
    const context = {
      repo: { owner: "o", repo: "r" },
      payload: { pull_request: { number: 7, head: { sha: "a1" } } },
    };
    await write({ github, context });
  };

  it("knows a comment by what npm run pr-comment ends it with", () => {
    assert.equal(MARKER, forge.MARKER);
  });

  it("writes a comment where there is none", async () => {
    await keep(BODY);
    assert.deepEqual(calls, [["create", { owner: "o", repo: "r", issue_number: 7, body: BODY }]]);
  });

  it("rewrites the one of an earlier run, and no other", async () => {
    comments = [
      { id: 1, user: { login: "somebody" }, body: BODY },
      { id: 2, user: null },
      { id: 3, user: BOT, body: "another" },
      { id: 4, user: BOT, body: `about ${MARKER} and more` },
      { id: 5, user: BOT, body: `old\n\n${MARKER}\r\n` },
    ];
    await keep(BODY);
    assert.deepEqual(calls, [["update", { owner: "o", repo: "r", comment_id: 5, body: BODY }]]);
  });

  it("has the one of an earlier run say once that no stack is touched any more", async () => {
    await onGitHub(tellUntouched);
    assert.equal(calls.length, 0, "where there is none, none is written");
    comments = [
      { id: 1, user: { login: "somebody" }, body: BODY },
      { id: 2, user: BOT, body: BODY },
    ];
    await onGitHub(tellUntouched);
    assert.equal(calls.length, 1);
    for (const [what, { comment_id: id, body }] of calls) {
      assert.deepEqual([what, id], ["update", 2]);
      assert.match(String(body), /^### ✅ No stack is touched any more\n/);
      comments[1].body = String(body);
    }
    await onGitHub(tellUntouched);
    assert.equal(calls.length, 1);
  });

  it("writes nothing in a run of an earlier push that is started again", async () => {
    last = "b2";
    const { lines } = captureLog();
    await keep(BODY);
    comments = [{ id: 5, user: BOT, body: BODY }];
    await keep(`newer\n\n${MARKER}`);
    await onGitHub(tellUntouched);
    assert.deepEqual(calls, []);
    assert.equal(lines.length, 3);
    assert.match(lines[0], /^This run is of an earlier push: .* nothing was written\.$/);
  });

  for (const [what, body] of [
    ["nothing", ""],
    ["what ends otherwise", "### verdict"],
    ["one that is too long", `${"x".repeat(65_536)}${MARKER}`],
  ])
    it(`refuses ${what}`, async () => {
      await assert.rejects(keep(body), /^Error: There is no comment to write/);
      assert.deepEqual(calls, []);
    });
});
