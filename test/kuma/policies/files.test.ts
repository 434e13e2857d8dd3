import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { describeNotRead, readContent, readDirectory, readResources } from "../../../kuma";
import { cleanUp, later, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";

describe("kuma/policies/files", () => {
  afterEach(cleanUp);

  /** For the time of the test a function of Node's module for files does this. */
  function replaced(name: "readdirSync" | "readFileSync", by: () => unknown): void {
    const real = createRequire(__filename)("node:fs") as typeof fs;
    const before = real[name];
    Object.assign(real, { [name]: by });
    later(() => void Object.assign(real, { [name]: before }));
  }

  describe("readResources", () => {
    const directory = (files: Record<string, string>) => {
      const made = tempDir();
      for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(made, name), text);
      return made;
    };

    it("reads every document of the YAML files in the order of their names", () => {
      const found = readResources(
        directory({
          "b.yaml": "type: Mesh\nname: b",
          "a.yml": "---\ntype: Mesh\nname: a1\n---\n---\ntype: Mesh\nname: a2\n",
          "C.YAML": "type: Mesh\nname: upper",
          "d.json": '{\n\t"type": "Mesh",\n\t"name": "json"\n}\n---\n{"type": "Mesh", "name": "second"}',
          "e.JSON": "",
          "f.yaml": "# nothing yet\n",
          "x.txt": "not read",
          "y.yaml.bak": "not read",
        }),
        "policies",
      );
      assert.deepEqual(
        found.map(({ name }) => name),
        ["upper", "a1", "a2", "b", "json", "second"],
      );
    });

    it("keeps a date as the text that stands there", () => {
      const [dated] = readResources(
        directory({ "x.yaml": "{type: Dataplane, mesh: m, name: d, tags: {version: 2024-05-01}}" }),
        "content",
      );
      assert.deepEqual(dated.tags, { version: "2024-05-01" });
    });

    it("says which file, document and line cannot be read, and why", async () => {
      for (const [text, told] of [
        ["type: Mesh\nname: a\n---\na: 1\na: 2", "document 2, line 5: .*, because duplicated mapping key"],
        [
          '{"type": "Mesh", "name": "a"}\n{}',
          "document 1, line 2: .*, because something follows the document",
        ],
        ["type: Mesh\nname: a\nx: .nan", "document 1: .*, because JSON has no number for .inf and .nan"],
      ]) {
        const { code, message } = await kumaErrorOf(() =>
          readResources(directory({ "x.yml": text }), "policies"),
        );
        assert.equal(code, "invalid");
        assert.match(message, new RegExp(`/x\\.yml, ${told}\\.? ?.*Nothing was changed\\.$`));
      }
    });

    it("passes over what is no file, and tells of it and of what it does not read", () => {
      const made = directory({ "a.yaml": "type: Mesh\nname: a", "README.md": "", ".gitkeep": "" });
      const kept = directory({ "real.yaml": "type: Mesh\nname: linked" });
      fs.mkdirSync(path.join(made, "x.yaml"));
      fs.mkdirSync(path.join(made, "drafts"));
      fs.symlinkSync(path.join(kept, "real.yaml"), path.join(made, "b.yaml"));
      fs.symlinkSync(kept, path.join(made, "c.yaml"));
      fs.symlinkSync("gone", path.join(made, "d.yaml"));
      fs.symlinkSync("e.yaml", path.join(made, "e.yaml"));
      execFileSync("mkfifo", [path.join(made, "f.yaml")]);
      const { found, notRead } = readDirectory(made, "policies");
      assert.deepEqual(
        found.map(({ resource }) => resource.name),
        ["a", "linked"],
      );
      const [told] = describeNotRead(made, "policies", notRead);
      assert.equal(
        told,
        `Not read in ${made}, the directory of the setting policies: README.md, c.yaml (a directory), d.yaml (a link that leads nowhere), drafts (a directory), e.yaml (a link that leads nowhere), f.yaml (not a regular file), x.yaml (a directory). Files that end in .yaml, .yml or .json are read.`,
      );
    });

    it("names a file that may not be read, and a directory that is none", async () => {
      const made = directory({ "x.yaml": "" });
      const { message } = await kumaErrorOf(() => readResources(path.join(made, "x.yaml"), "policies"));
      assert.match(
        message,
        /^The setting policies names .*x\.yaml, which cannot be read: it is not a directory\.$/,
      );
    });

    it("refuses one resource in two places, also where one of them leaves out its mesh", async () => {
      const made = directory({
        "a.yaml":
          "{type: MeshTimeout, mesh: default, name: t}\n---\n{type: MeshTimeout, mesh: other, name: t}",
        "b.json": '{"type": "MeshTimeout", "name": "t"}',
      });
      assert.deepEqual(await kumaErrorOf(() => readResources(made, "policies")), {
        code: "invalid",
        message: `MeshTimeout t stands in two places: ${made}/a.yaml, document 1, and ${made}/b.json, document 1. Nothing was changed. Leave one of them; what names no mesh is in the mesh default.`,
      });
    });

    for (const [text, why] of [
      ["kind: Mesh", "the type is missing"],
      ["type: Mesh", "the name is missing"],
      ["- a", "the type is missing"],
      ["text", "the type is missing"],
      ["type: Mesh\nname: 7", "the name is not a text; put it in quotes"],
      ["type: Mesh\nname: y", "the name is not a text; put it in quotes"],
    ]) {
      it(`refuses the document ${JSON.stringify(text)}`, async () => {
        const made = directory({ "x.yaml": text });
        assert.deepEqual(await kumaErrorOf(() => readResources(made, "policies")), {
          code: "invalid",
          message: `${path.join(made, "x.yaml")}, document 1: ${why}. Nothing was changed. Resources in Kuma's universal form are expected there.`,
        });
      });
    }

    for (const text of [
      'type: Mesh\nname: ".."',
      "type: Mesh\nname: a/b",
      "type: MeshTimeout\nmesh: ..\nname: a",
      "type: ../Mesh\nname: a",
      'type: Mesh\nname: "a\\n::add-mask::b"',
    ]) {
      it(`refuses a resource that cannot be one: ${JSON.stringify(text)}`, async () => {
        const made = directory({ "x.yaml": text });
        const { code, message } = await kumaErrorOf(() => readResources(made, "policies"));
        assert.equal(code, "invalid");
        assert.match(message, /x\.yaml, document 1 holds a resource that cannot be one of Kuma's: type /);
        assert.match(message, / Names hold lower-case letters, digits, dots, dashes and underscores\.$/);
        assert.ok(!message.includes("\n"), message);
      });
    }

    it("names a file that is no YAML with a message for people", async () => {
      const made = directory({ "x.yaml": "a: [" });
      const { code, message } = await kumaErrorOf(() => readResources(made, "policies"));
      assert.equal(code, "invalid");
      assert.ok(message.includes(path.join(made, "x.yaml")), message);
    });

    it("reads files in the order of their names, however the system lists them", () => {
      const made = directory({ "a.yaml": "type: Mesh\nname: a", "b.yaml": "type: Mesh\nname: b" });
      replaced("readdirSync", () => ["b.yaml", "a.yaml"]);
      assert.deepEqual(
        readResources(made, "policies").map(({ name }) => name),
        ["a", "b"],
      );
    });

    it("names a file that this user may not read", async () => {
      const made = directory({ "x.yaml": "type: Mesh\nname: a" });
      replaced("readFileSync", () => {
        throw Object.assign(new Error("EACCES"), { code: "EACCES" });
      });
      assert.deepEqual(await kumaErrorOf(() => readResources(made, "policies")), {
        code: "invalid",
        message: `${path.join(made, "x.yaml")} cannot be read: this user may not read it. Nothing was changed.`,
      });
    });

    it("reads the content of a zone, with the place of each, and names the zone where it cannot", async () => {
      const made = directory({ "x.yaml": "---\n---\ntype: Mesh\nname: a" });
      assert.deepEqual(readContent(made, "zone-1"), [
        { resource: { type: "Mesh", name: "a" }, place: `${path.join(made, "x.yaml")}, document 2` },
      ]);
      const none = path.join(made, "none");
      assert.equal(
        (await kumaErrorOf(() => readContent(none, "zone-1"))).message,
        `The setting content of zone zone-1 names ${none}, which cannot be read: there is no such directory.`,
      );
    });

    it("names a directory that is not there with a message for people", async () => {
      const missing = path.join(tempDir(), "missing");
      const { code, message } = await kumaErrorOf(() => readResources(missing, "policies"));
      assert.equal(code, "invalid");
      assert.ok(message.includes(missing), message);
    });
  });
});
