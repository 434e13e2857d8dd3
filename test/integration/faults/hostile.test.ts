import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { printable } from "../../../kuma";
import { ROOT, Run, Sandbox, getJson, oneZone, requestsOf, startGlobal } from "../support";

/** One GET's answer in place of the zone's own, by path. */
type Answers = Record<string, { status?: number; body: unknown }>;

/**
 * A kuma-cp that is the stand-in until the file of answers is there: from then on it lies. The engine, the program and
 * the global are as always.
 */
function writeHostileProgram(directory: string, answers: string): string {
  const file = path.join(directory, "kuma-cp");
  const text = `#!${process.execPath}
if (process.argv[2] === "version") {
  console.log("Kuma: 2.14.3");
  process.exit();
}
const fs = require("node:fs");
const http = require("node:http");
const { emit } = http.Server.prototype;
let page = 0;
http.Server.prototype.emit = function (event, request, response) {
  const lies = event === "request" && fs.existsSync(${JSON.stringify(answers)})
    ? JSON.parse(fs.readFileSync(${JSON.stringify(answers)}, "utf8").replaceAll("PAGE", String(++page)))
    : {};
  const lie = request?.method === "GET" ? lies[(request.url ?? "").split("?")[0]] : undefined;
  if (lie === undefined) return emit.apply(this, arguments);
  response.writeHead(lie.status ?? 200, { "content-type": "application/json" });
  response.end(typeof lie.body === "string" ? lie.body : JSON.stringify(lie.body));
  return true;
};
require(${JSON.stringify(path.join(ROOT, "stand-in/kuma-cp.js"))});
`;
  fs.writeFileSync(file, text, { mode: 0o755 });
  return file;
}

const named = (name: string, mesh = "default") => ({ type: "MeshTimeout", mesh, name, spec: {} });
const page = (...items: unknown[]) => ({ total: items.length, items, next: null });

describe("a zone that is hostile, with the engine", function () {
  let sandbox: Sandbox;
  let global: Awaited<ReturnType<typeof startGlobal>>;
  let answers: string;

  beforeEach(async () => {
    sandbox = new Sandbox();
    answers = path.join(sandbox.directory, "lies.json");
    sandbox.environment.KUMA_CP = writeHostileProgram(sandbox.directory, answers);
    global = await startGlobal(sandbox.directory);
  });
  afterEach(async () => {
    fs.rmSync(answers, { force: true });
    await sandbox.remove();
  });

  const lie = (lies: Answers) => fs.writeFileSync(answers, JSON.stringify(lies));
  const writeStack = async (zone: Record<string, unknown> = {}) => {
    const { config } = await oneZone({ kumaCp: "path", ...zone });
    sandbox.writeStack("test", { ...config, global: global.config });
  };

  /** What went wrong is told in words for people, on lines of this program's own. */
  function assertToldWell({ status, output }: Run, cause: RegExp): void {
    assert.equal(status, 2, output);
    assert.equal(printable(output), output);
    assert.match(output, cause);
    assert.doesNotMatch(output, /^\s*(::|at .*:\d+:\d+\)?$)/m);
    assert.doesNotMatch(output, /canary/);
  }

  const lies: Record<string, [Answers, RegExp]> = {
    "a policy called ..": [
      { "/meshtimeouts": { body: page(named("..")) } },
      /gives an answer to \/meshtimeouts that is not one of a Kuma control plane: no MeshTimeout is called "\.\."\./,
    ],
    "a policy whose name is a command to the runner": [
      { "/meshtimeouts": { body: page(named("a\n::add-mask::default\u001b[2J")) } },
      /no MeshTimeout is called "a\\n::add-mask::default/,
    ],
    "a mesh above": [{ "/meshtimeouts": { body: page(named("a", "..")) } }, /is in the mesh "\.\."/],
    "null among its policies": [{ "/meshtimeouts": { body: page(null) } }, /an item of it is no object/],
    "no end": [
      {
        "/meshtimeouts": {
          body: { items: [named("n-PAGE")], next: "http://x/meshtimeouts?offset=PAGE" },
        },
      },
      /The list of MeshTimeout of .* comes to no end/,
    ],
    "200,000 brackets": [
      { "/meshtimeouts": { body: "[".repeat(200_000) } },
      /gives an answer to \/meshtimeouts that is not one of a Kuma control plane\./,
    ],
    "types that lead elsewhere": [
      {
        "/_resources": {
          body: { resources: [{ name: "MeshTimeout", scope: "Global", path: "../meshes/default" }] },
        },
      },
      /the path of MeshTimeout is "\.\.\/meshes\/default"/,
    ],
    "words that are commands to a terminal and to the runner": [
      {
        "/meshtimeouts": {
          status: 403,
          body: { title: "no\n::set-output name=a::b\r\u001b[2J\u202e", detail: "  create: Mesh forged" },
        },
      },
      /\(no\\u000a::set-output name=a::b\\u000d\\u001b\[2J\\u202e; {3}create: Mesh forged\)/,
    ],
    "an echo of secrets": [
      { "/globalsecrets": { status: 400, body: { title: "canary", detail: "canary" } } },
      /refuses the list of GlobalSecret with status 400 \(what it says about a secret is not shown\)/,
    ],
  };
  for (const [what, [answer, cause]] of Object.entries(lies)) {
    it(`and lists ${what}: up ends in one sentence, and the global is as it was`, async () => {
      await writeStack();
      lie(answer);
      assertToldWell(await sandbox.run("up", "--stack", "test"), cause);
      assert.equal((await requestsOf(global.url)).writes, 0);
    });
  }

  it("gets nothing deleted on the global when it turns hostile before its way back", async () => {
    await writeStack({ profile: "federation-with-policies" });
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    const heldBefore = await held();
    lie({ "/meshtimeouts": { body: page(named("..")) } });
    const destroy = await sandbox.run("destroy", "--stack", "test");
    assertToldWell(destroy, /no MeshTimeout is called "\.\."/);
    assert.deepEqual(await held(), heldBefore);
    fs.rmSync(answers);
    const again = await sandbox.run("destroy", "--stack", "test");
    assert.equal(again.status, 0, again.output);
  });

  it("is told of by status, preview and preflight in one sentence each", async () => {
    await writeStack();
    assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
    lie({ "/meshtimeouts": { body: page(named("a\u202eb\n::add-mask::x")) } });
    for (const command of ["status", "preview", "preflight", "refresh"]) {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.ok([0, 1, 2, 3].includes(status ?? -1), output);
      assert.equal(printable(output), output);
      assert.doesNotMatch(output, /^\s*(::|at .*:\d+:\d+\)?$)/m);
    }
    fs.rmSync(answers);
  });

  it("is not met at all without a check of certificates", async () => {
    await writeStack();
    sandbox.environment.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    for (const command of ["up", "preview", "preflight", "refresh", "status", "destroy"]) {
      const { status, output } = await sandbox.run(command, "--stack", "test");
      assert.equal(status, 2, output);
      assert.match(output, /^error: The variable NODE_TLS_REJECT_UNAUTHORIZED is 0, .* Nothing was done\./m);
    }
    delete sandbox.environment.NODE_TLS_REJECT_UNAUTHORIZED;
  });

  async function held(): Promise<string[]> {
    const types = ["meshes", "meshtimeouts", "secrets", "globalsecrets", "meshtrafficpermissions"];
    const lists = await Promise.all(
      types.map((type) =>
        getJson<{ items: { type: string; name: string }[] }>(`${global.url}/${type}?size=1000`),
      ),
    );
    return lists.flatMap(({ items }) => items.map(({ type, name }) => `${type} ${name}`)).sort();
  }
});
