import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import { MARKER } from "../../cli/comment/forge";

const SCRIPT = path.join(__dirname, "../../scripts/gitlabComment.js");
const BODY = `### verdict\n\n${MARKER}`;
const OWN_ID = 42;

interface Note {
  id: number;
  author: { id: number };
  system: boolean;
  body: string;
}

const note = (id: number, author: number, body: string, system = false): Note => ({
  ...{ id, body, system },
  author: { id: author },
});

describe("scripts/gitlabComment", () => {
  let server: http.Server;
  let notes: Note[];
  let written: { method?: string; path: string; body: unknown }[];
  let status: number;

  beforeEach(async () => {
    [notes, written, status] = [[], [], 200];
    server = http.createServer((request, response) => void serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** As https://docs.gitlab.com/api/notes/ and /api/rest/#pagination have it. */
  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? "", "http://gitlab");
    const answer = (code: number, body: unknown, headers = {}) =>
      response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    const sent = await text(request);
    if (request.headers["private-token"] !== "canary-token") return answer(401, {});
    if (status !== 200) return answer(status, { message: "no" });
    if (url.pathname === "/api/v4/user") return answer(200, { id: OWN_ID });
    if (url.pathname === "/api/v4/projects/group%2Fproject/merge_requests/7")
      return answer(200, { sha: "b2" });
    if (request.method !== "GET") {
      written.push({ method: request.method, path: url.pathname, body: JSON.parse(sent) as unknown });
      return answer(request.method === "POST" ? 201 : 200, {});
    }
    const [page, size] = ["page", "per_page"].map((name) => Number(url.searchParams.get(name)));
    const isMore = notes.length > page * size;
    return answer(200, notes.slice((page - 1) * size, page * size), {
      "x-next-page": isMore ? String(page + 1) : "",
    });
  }

  async function keep(body: string, environment: Record<string, string> = {}) {
    const { port } = server.address() as AddressInfo;
    const child = spawn(process.execPath, [SCRIPT], {
      env: {
        ...{ CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`, CI_PROJECT_ID: "group/project" },
        ...{ CI_MERGE_REQUEST_IID: "7", GITLAB_TOKEN: "canary-token", ...environment },
      },
    });
    child.stdin.end(body);
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [output, code] = await Promise.all([text(child.stderr), ended]);
    assert.doesNotMatch(output, /canary/);
    return { output, code };
  }
  const PLACE = "/api/v4/projects/group%2Fproject/merge_requests/7/notes";

  it("writes a comment where there is none of its own", async () => {
    notes = [note(1, 1, BODY), note(2, OWN_ID, "another"), note(3, OWN_ID, BODY, true)];
    assert.deepEqual(await keep(`${BODY}\n`), { output: "", code: 0 });
    assert.deepEqual(written, [{ method: "POST", path: PLACE, body: { body: BODY } }]);
  });

  it("rewrites its own, also beyond the first page", async () => {
    notes = Array.from({ length: 250 }, (_, index) => note(index, 1, BODY));
    notes.push(note(999, OWN_ID, `old\n\n${MARKER}`));
    assert.deepEqual(await keep(BODY), { output: "", code: 0 });
    assert.deepEqual(written, [{ method: "PUT", path: `${PLACE}/999`, body: { body: BODY } }]);
  });

  it("writes nothing in a pipeline of an earlier push that is run again", async () => {
    assert.deepEqual(await keep(BODY, { CI_COMMIT_SHA: "a1" }), { output: "", code: 0 });
    const merged = { CI_COMMIT_SHA: "b2", CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: "a1" };
    assert.deepEqual(await keep(BODY, merged), { output: "", code: 0 });
    assert.deepEqual(written, []);
    await keep(BODY, { CI_COMMIT_SHA: "b2" });
    await keep(BODY, { CI_COMMIT_SHA: "c3", CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: "b2" });
    assert.equal(written.length, 2);
  });

  it("says what is missing, what is wrong, and writes nothing then", async () => {
    assert.match((await keep("nothing")).output, /^error: There is no comment to write/);
    const unset = await keep(BODY, { GITLAB_TOKEN: "" });
    assert.deepEqual([unset.code, /^error: GITLAB_TOKEN must be set/.test(unset.output)], [2, true]);
    const plain = await keep(BODY, { CI_API_V4_URL: "http://gitlab.example/api/v4" });
    assert.match(plain.output, /^error: The address of GitLab's API must begin with https:/);
    status = 403;
    assert.match((await keep(BODY)).output, /status 403, so nothing was written\. Does GITLAB_TOKEN/);
    status = 404;
    assert.match(
      (await keep(BODY)).output,
      /status 404, so nothing was written\. Is GITLAB_TOKEN one of this/,
    );
    assert.deepEqual(written, []);
  });
});
