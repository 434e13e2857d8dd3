import assert from "node:assert/strict";
import * as fc from "fast-check";

const { keepComment } = require("../../scripts/previewComment.js") as {
  keepComment: (run: Record<string, unknown>) => Promise<void>;
};

interface Comment {
  id: number;
  user: { login: string } | null;
  body?: string;
}

/** Characters (GitHub). */
const LONGEST_COMMENT = 65_536;
const MARKER = "<!-- kuma-federation preview of dev -->";
const BOT = { login: "github-actions[bot]" };

describe("scripts/previewComment", () => {
  let comments: Comment[];
  let calls: [string, Record<string, unknown>][];

  beforeEach(() => {
    comments = [];
    calls = [];
  });

  const keep = async (text: string, status = "0"): Promise<string> => {
    const listComments = () => assert.fail("it must be paged");
    const record = (name: string) => (args: Record<string, unknown>) =>
      Promise.resolve(calls.push([name, args]));
    const github = {
      rest: { issues: { listComments, updateComment: record("update"), createComment: record("create") } },
      paginate: (endpoint: unknown, args: Record<string, unknown>) => {
        assert.equal(endpoint, listComments);
        assert.deepEqual(args, { owner: "o", repo: "r", issue_number: 7, per_page: 100 });
        return Promise.resolve(comments);
      },
    };
    const context = { repo: { owner: "o", repo: "r" }, payload: { pull_request: { number: 7 } } };
    await keepComment({ github, context, stack: "dev", status, text });
    assert.equal(calls.length, 1);
    return String(calls[0][1].body);
  };

  it("writes a comment where there is none", async () => {
    const body = await keep("create: Mesh default\n");
    assert.deepEqual(calls[0], ["create", { owner: "o", repo: "r", issue_number: 7, body }]);
    assert.equal(
      body,
      `${MARKER}\n**Preview of stack \`dev\`** succeeded\n\n\`\`\`\ncreate: Mesh default\n\`\`\``,
    );
  });

  it("rewrites the one of an earlier run, and no other", async () => {
    comments = [
      { id: 1, user: { login: "somebody" }, body: `${MARKER}\nmine` },
      { id: 2, user: null },
      { id: 3, user: BOT, body: "<!-- kuma-federation preview of prod -->" },
      { id: 4, user: BOT, body: `about ${MARKER}` },
      { id: 5, user: BOT, body: `${MARKER}\nold` },
    ];
    const body = await keep("no change", "2");
    assert.deepEqual(calls[0], ["update", { owner: "o", repo: "r", comment_id: 5, body }]);
    assert.match(body, /\*\*Preview of stack `dev`\*\* failed/);
  });

  it("says why there is no text", async () => {
    assert.match(
      await keep("", "0"),
      /succeeded\n\nWhat it printed is not shown here, since it may hold a secret/,
    );
  });

  it("keeps the text inside its block, whatever is in it", async () => {
    const body = await keep("a\n````\n**bold**");
    assert.ok(body.endsWith("\n`````\na\n````\n**bold**\n`````"), body);
  });

  it("shows what could not be seen, or would change the order of what is read", async () => {
    const body = await keep("create: a\u202eb\u200b\u001b[2K\tc\r\nd");
    assert.ok(body.includes("\ncreate: a\\u{202e}b\\u{200b}\\u{1b}[2K\tc\\u{d}\nd\n"), body);
  });

  it("stays within what a comment may hold", async () => {
    const body = await keep("x".repeat(200_000));
    assert.ok(body.length < LONGEST_COMMENT);
    assert.match(body, /x\n… and more, in the job's log\n```$/);
  });

  it("stays within it with many backticks, which make the fences longer", async () => {
    const body = await keep(`before\n${"`".repeat(25_000)}\nafter`);
    assert.ok(body.length < LONGEST_COMMENT, `${body.length} characters`);
    assert.ok(body.includes("\nbefore\n") && body.includes("…\nafter\n"), "what else it held is there");
  });

  it("stays within it, and the text within its block, whatever the text is", async () => {
    const ticks = fc.nat({ max: 60_000 }).map((count) => "`".repeat(count));
    const text = fc.array(fc.oneof(ticks, fc.string(), fc.constant("\n")), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(text, async (parts) => {
        calls = [];
        const body = await keep(parts.join("") || "x");
        assert.ok(body.length < LONGEST_COMMENT, `${body.length} characters`);
        const [, fence = ""] = /\n(`{3,})$/.exec(body) ?? [];
        const inner = body.slice(body.indexOf(`\n\n${fence}\n`) + 3 + fence.length, -fence.length - 1);
        assert.ok(fence.length >= 3 && !inner.includes(fence), "the fence is longer than any within");
      }),
    );
  });
});
