import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import * as issue from "../../cli/drift/issue";

const { keepIssue, OPEN, CLOSED, TITLE } = require("../../scripts/driftIssue.js") as {
  keepIssue: (run: Record<string, unknown>) => Promise<void>;
  OPEN: string;
  CLOSED: string;
  TITLE: string;
};

const DRIFTED = `### 1 stack drifted\n\n${issue.OPEN}`;
const CLEAN = `### Nothing has drifted\n\n${issue.CLOSED}`;
const OWN_ID = 42;

interface Found {
  state: "open" | "closed";
  body: string | null;
  own?: boolean;
  isPull?: boolean;
}
type Written = [what: "create" | "update", args: Record<string, unknown>];

/** What GitHub has, and what is asked of it. */
async function onGitHub(found: Found[], body: string): Promise<Written[]> {
  const calls: Written[] = [];
  const listForRepo = () => assert.fail("it must be paged");
  const record = (what: Written[0]) => (args: Record<string, unknown>) =>
    Promise.resolve(calls.push([what, args]));
  const github = {
    rest: { issues: { listForRepo, update: record("update"), create: record("create") } },
    paginate: (endpoint: unknown, args: Record<string, unknown>) => {
      assert.equal(endpoint, listForRepo);
      assert.equal(args.state, "all");
      return Promise.resolve(
        found.map(({ state, body: text, own = true, isPull }, at) => ({
          ...{ number: at + 1, state, body: text },
          user: { login: own ? "github-actions[bot]" : "somebody" },
          ...(isPull && { pull_request: {} }),
        })),
      );
    },
  };
  await keepIssue({ github, context: { repo: { owner: "o", repo: "r" } }, body });
  return calls;
}

/** As https://docs.gitlab.com/api/issues/ has it, on two pages. */
async function onGitLab(found: Found[], body: string): Promise<Written[]> {
  const calls: Written[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://gitlab");
    const answer = (content: unknown, headers = {}) =>
      response
        .writeHead(200, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(content));
    void text(request).then((sent) => {
      assert.equal(request.headers["private-token"], "canary-token");
      if (url.pathname === "/api/v4/user") return answer({ id: OWN_ID });
      if (request.method !== "GET") {
        const { description, state_event: event, title } = JSON.parse(sent) as Record<string, string>;
        if (request.method === "POST") calls.push(["create", { title, body: description }]);
        else
          calls.push([
            "update",
            { number: Number(url.pathname.split("/").at(-1)), body: description, event },
          ]);
        return answer({});
      }
      const all = found.map(({ state, body: description, own = true }, at) => ({
        ...{ iid: at + 1, state: state === "open" ? "opened" : "closed", description },
        author: { id: own ? OWN_ID : 1 },
      }));
      const isFirst = url.searchParams.get("page") === "1";
      return answer(isFirst ? all.slice(0, 1) : all.slice(1), { "x-next-page": isFirst ? "2" : "" });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const child = spawn(process.execPath, [path.join(__dirname, "../../scripts/gitlabDriftIssue.js")], {
      env: {
        ...process.env,
        ...{
          CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
          CI_PROJECT_ID: "7",
          GITLAB_TOKEN: "canary-token",
        },
      },
    });
    child.stdin.end(body);
    const [complaint, status] = await Promise.all([
      text(child.stderr),
      new Promise((resolve) => child.on("close", resolve)),
    ]);
    assert.equal(status, 0, complaint);
    return calls;
  } finally {
    server.close();
  }
}

describe("the issue on what has drifted", () => {
  it("is known by what npm run drift-issue ends it with", () => {
    assert.deepEqual([OPEN, CLOSED], [issue.OPEN, issue.CLOSED]);
  });

  for (const [forge, keep] of [
    ["GitHub", onGitHub],
    ["GitLab", onGitLab],
  ] as const) {
    describe(`on ${forge}`, () => {
      it("is opened where there is none", async () => {
        const [[what, args], ...more] = await keep([], DRIFTED);
        assert.deepEqual([what, args.title, args.body, more], ["create", TITLE, DRIFTED, []]);
      });

      it("is no second one, wherever the first is", async () => {
        const others: Found = { state: "open", body: DRIFTED, own: false };
        const calls = await keep([others, { state: "open", body: `old\n\n${OPEN}` }], DRIFTED);
        assert.deepEqual(
          calls.map(([what, { number, issue_number, body }]) => [what, number ?? issue_number, body]),
          [["update", 2, DRIFTED]],
        );
      });

      it("is closed once nothing has drifted, and opened again", async () => {
        const [[, closed]] = await keep([{ state: "open", body: DRIFTED }], CLEAN);
        assert.ok(closed.state === "closed" || closed.event === "close");
        const [[, opened]] = await keep([{ state: "closed", body: CLEAN }], DRIFTED);
        assert.ok(opened.state === "open" || opened.event === "reopen");
      });

      it("stays as it is where nothing is new", async () => {
        assert.deepEqual(await keep([{ state: "open", body: DRIFTED }], DRIFTED), []);
        assert.deepEqual(await keep([{ state: "closed", body: CLEAN }], CLEAN), []);
        assert.deepEqual(await keep([], CLEAN), []);
        assert.deepEqual(await keep([{ state: "open", body: null }], CLEAN), []);
      });
    });
  }

  it("is no pull request", async () => {
    const [[what]] = await onGitHub([{ state: "open", body: DRIFTED, isPull: true }], DRIFTED);
    assert.equal(what, "create");
  });

  it("is not written with anything else", async () => {
    for (const body of ["", "### 1 stack drifted", "x".repeat(65_536) + OPEN])
      await assert.rejects(onGitHub([], body), /There is no issue to write/);
  });
});
