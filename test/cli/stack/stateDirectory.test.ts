import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { State, forgetInBackend, forgetStack, openState } from "../../../cli/stack/stateDirectory";
import { stackDirectory } from "../../../stack/directory";

describe("cli/stack/stateDirectory", () => {
  let root: string;
  let directory: string;
  const saved = process.env.KUMA_FEDERATION_STATE;

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "kuma-federation-state-"));
    directory = path.join(root, "state");
    process.env.KUMA_FEDERATION_STATE = directory;
  });
  afterEach(() => {
    if (saved === undefined) delete process.env.KUMA_FEDERATION_STATE;
    else process.env.KUMA_FEDERATION_STATE = saved;
    fs.rmSync(root, { recursive: true, force: true });
  });

  const write = (...parts: string[]) => {
    const file = path.join(directory, ...parts);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, "canary");
  };
  const files = () =>
    !fs.existsSync(directory)
      ? []
      : fs
          .readdirSync(directory, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
          .sort();

  /** As a run of the stack leaves it. */
  const use = (stack: string): State => {
    const state = openState(root);
    for (const part of [
      ["workspace", stack, "Pulumi.yaml"],
      ["backend", ".pulumi/meta.yaml"],
      ["passphrase"],
      ["bin", "pulumi"],
      ["pulumi-home", "plugins/x"],
      ["stacks", stack, "global/pid"],
      ["stacks", stack, "zones/zone-1/settings.json"],
    ])
      write(...part);
    return state;
  };

  it("belongs to its owner only, and so does all that is made in it", () => {
    const state = openState(root);
    for (const place of [state.directory, state.bin, state.tmp, state.workspace, state["pulumi-home"]])
      assert.equal(fs.statSync(place).mode & 0o777, 0o700, place);
  });

  it("shows nothing to another user, whatever modes the files in it have", function () {
    if (process.getuid?.() !== 0) this.skip();
    fs.chmodSync(root, 0o755);
    use("one");
    const asAnother = (command: string, ...args: string[]) =>
      spawnSync(command, args, { uid: 65534, gid: 65534, encoding: "utf8" });
    assert.equal(asAnother("/bin/ls", root).stdout, "state\n");
    assert.notEqual(asAnother("/bin/ls", directory).status, 0);
    assert.notEqual(asAnother("/bin/cat", path.join(directory, "passphrase")).status, 0);
    fs.chmodSync(directory, 0o755);
    for (const place of ["tmp", "bin", "workspace", "pulumi-home"])
      assert.notEqual(asAnother("/bin/ls", path.join(directory, place)).status, 0, place);
  });

  it("goes with its last stack, whole where there is nothing else in it", () => {
    use("first");
    use("second");
    forgetStack(root, "first");
    assert.ok(files().includes("stacks/second/global/pid") && files().includes("passphrase"));
    assert.deepEqual(
      files().filter((file) => file.includes("first")),
      [],
    );
    forgetStack(root, "second");
    assert.ok(!fs.existsSync(directory));
  });

  it("keeps everything that the program did not make, also in places that sound like its own", () => {
    const others = ["README.md", "stacks/two/notes", "stacks/three/global.txt", "documents/zones/letter"];
    for (const file of others) write(file);
    use("one");
    use("two");
    for (const stack of ["one", "two"]) forgetStack(root, stack);
    assert.deepEqual(files(), others.sort());
  });

  it("keeps a backend in which there are other stacks, with the passphrase that their secrets have", () => {
    use("one");
    write("backend/.pulumi/stacks/another-project/prod.json");
    forgetStack(root, "one");
    assert.deepEqual(files(), [
      "backend/.pulumi/meta.yaml",
      "backend/.pulumi/stacks/another-project/prod.json",
      "made-by-kuma-federation",
      "passphrase",
    ]);
    use("one");
  });

  for (const place of ["backend", "workspace", "bin", "pulumi-home", "passphrase"]) {
    it(`holds a stack called ${place}, apart from the program's own ${place}`, () => {
      use(place);
      use("another");
      forgetStack(root, place);
      assert.ok(files().includes("stacks/another/zones/zone-1/settings.json"));
      for (const kept of [
        "backend/.pulumi/meta.yaml",
        "passphrase",
        "bin/pulumi",
        "workspace/another/Pulumi.yaml",
      ])
        assert.ok(files().includes(kept), kept);
      assert.equal(path.dirname(stackDirectory(place)), path.join(directory, "stacks"));
    });

    it(`is refused where something called ${place} is there already, and nothing is changed`, () => {
      write(place, "something");
      assert.throws(
        () => openState(root),
        (error: Error) =>
          error.message.startsWith(`${path.join(directory, place)} was not made by this version`) &&
          error.message.includes("Nothing was changed.") &&
          error.message.includes("KUMA_FEDERATION_STATE"),
      );
      assert.deepEqual(files(), [`${place}/something`]);
    });
  }

  it("is refused where others can write to it", function () {
    if (process.platform === "win32") this.skip();
    fs.mkdirSync(directory);
    fs.chmodSync(directory, 0o777);
    assert.throws(
      () => openState(root),
      /The state directory at .* is not used, since it can be written by every/,
    );
    assert.deepEqual(files(), []);
  });

  it("is refused where another user has made it first", function () {
    if (process.getuid?.() !== 0) this.skip();
    fs.mkdirSync(directory);
    fs.chownSync(directory, 65534, 65534);
    assert.throws(() => openState(root), /belongs to the user with the number 65534/);
  });

  it("keeps in its backend nothing of a stack that is gone, and all of the others", () => {
    const state = use("dev");
    const own = [
      "stacks/p/dev.json.bak",
      "stacks/p/dev.json.gz.bak",
      "stacks/p/dev.json.1732600000000000000",
      "stacks/p/dev.pulumi-tags",
      "backups/p/dev/dev.123.json",
      "history/p/dev/dev-123.history.json",
      "locks/organization/p/dev/lock.json",
    ];
    const others = [
      "stacks/p/dev.json.json",
      "stacks/p/dev-2.json",
      "stacks/q/dev.json",
      "backups/p/dev.json/x",
      "backups/q/dev/x",
      "history/p/dev-2/x",
    ];
    for (const file of [...own, ...others]) write("backend/.pulumi", file);
    forgetInBackend(state, "p", "dev");
    const left = files().flatMap((file) => /^backend\/\.pulumi\/(.*\/.*)/.exec(file)?.[1] ?? []);
    assert.deepEqual(left, others.sort());
  });
});
