import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { Unreadable, readYaml } from "../../../kuma/policies/yaml";
import { findKumactl } from "../../contract/support/process";

const bytes = (text: string) => Buffer.from(text);
const read = (text: string) => readYaml(bytes(text)).at(0);

/** What stands after `key: `, and what sigs.k8s.io/yaml v1.6.0 makes of it. */
const SCALARS: readonly (readonly [text: string, value: unknown])[] = [
  ["2024-05-01", "2024-05-01"],
  ["2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"],
  ["2024-05-01 10:00:00", "2024-05-01 10:00:00"],
  ["!!timestamp 2024-05-01", "2024-05-01"],
  ["0777", 511],
  ["-0777", -511],
  ["0o17", 15],
  ["08", 8],
  ["0x1F", 31],
  ["-0b11", -3],
  ["1_000", 1000],
  ["0_7", 7],
  ["_1", "_1"],
  ["+1", 1],
  ["1.", 1],
  [".5", 0.5],
  ["1.e5", 100_000],
  ["1e400", "1e400"],
  ["1e22", 1e22],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["0xFFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFFF"],
  ["yes", true],
  ["Off", false],
  ["y", true],
  ["yEs", "yEs"],
  ["True", true],
  ["~", null],
  ["", null],
  ["Null", null],
  ["12:30:45", "12:30:45"],
  ["1.2.3", "1.2.3"],
  ["'0777'", "0777"],
  ["!!str 123", "123"],
  ["!!float 1", 1],
  ["!!int 0x10", 16],
  ["!!binary aGVsbG8=", "hello"],
  ["!!binary aGk=", "hi"],
  ["!!binary aA==", "h"],
  ["!!binary 'aGVs bG8= '", "hello"],
  ["!!binary", ""],
  ["!mine 12", "12"],
  ['"\\ud83d\\ude00"', "😀"],
];

/** Whole documents. */
const DOCUMENTS: readonly (readonly [text: string, value: unknown])[] = [
  ["yes: v", { true: "v" }],
  ["0x10: v", { 16: "v" }],
  ["1.50: v", { 1.5: "v" }],
  ["17.125: v", { 17.125: "v" }],
  ["2024-05-01: v", { "2024-05-01": "v" }],
  ["a: &x {b: 1}\nc: {<<: *x, d: 2}", { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ["a: &x {b: 1}\nc: {<<: *x, b: 2}", { a: { b: 1 }, c: { b: 2 } }],
  ["\ufeffa: 1\r\nb: 2\r\n", { a: 1, b: 2 }],
  ['{\n\t"a": [1,\n\t2]}\n', { a: [1, 2] }],
  ["a: !!set {x, z}", { a: { x: null, z: null } }],
];

const REFUSED: readonly (readonly [text: string, reason: RegExp, line?: number])[] = [
  ["a: .inf", /no number for .inf and .nan/],
  ["a: [.NaN]", /no number for .inf and .nan/],
  ["a: 9007199254740993", /too large to be kept exactly/],
  ["a: 18446744073709551616", /too large to be kept exactly/],
  ["~: v", /a key is null/],
  ["1e3: v", /a key is a number with a fraction/],
  ["? {a: b}\n: c", /a key is a map/],
  ["b: 1\na: 1\na: 2", /duplicated mapping key/, 3],
  ["1: a\n'1': b", /duplicated mapping key/],
  ["a:\n\tb: 1", /tab/, 2],
  ["a: &a [*a]", /nested more than 100 levels|unidentified alias/],
  ["a: &a\n  b: *a", /nested more than 100 levels|unidentified alias/],
  ["a: *none", /unidentified alias/],
  ["a: !!int abc", /cannot resolve/],
  ["a: !!int 1.5", /cannot resolve/],
  ["a: !!binary '?aGVsbG8='", /cannot resolve/],
  ["a: !!binary aGVsbG8===", /cannot resolve/],
  ["a: !!binary 'aGVsbG8=?'", /cannot resolve/],
  ["12345.5: v", /a key is a number with a fraction/],
  ["1.5678: v", /a key is a number with a fraction/],
  ['{"a": 1}\n{"b": 2}', /something follows the document; documents are separated by a line ---/, 2],
  ["[".repeat(5000), /nesting|nested/],
];

function reasonOf(work: () => unknown): Unreadable {
  try {
    work();
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
  return assert.fail("it was read");
}

describe("kuma/policies/yaml", () => {
  for (const [text, value] of SCALARS) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(value)}`, () => {
      assert.deepEqual(read(`key: ${text}`), { key: value });
      if (!text.includes("!!")) assert.deepEqual(read(`- ${text}\n- {key: x}`), [value, { key: "x" }]);
    });
  }

  for (const [text, value] of DOCUMENTS)
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(read(text), value));

  for (const [text, reason, line] of REFUSED) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      const refused = reasonOf(() => read(text));
      assert.match(refused.reason, reason);
      assert.equal(refused.document, 1);
      if (line !== undefined) assert.equal(refused.line, line);
    });
  }

  it("counts documents, empty ones too", () => {
    assert.deepEqual(readYaml(bytes("---\na: 1\n---\n# nothing\n---\na: 2\n")), [{ a: 1 }, null, { a: 2 }]);
    assert.equal(reasonOf(() => readYaml(bytes("a: 1\n---\na: .inf\n"))).document, 2);
    assert.equal(reasonOf(() => readYaml(bytes("a: 1\n---\na: [\n"))).document, 2);
  });

  it("counts only what a line --- separates, and a comment before the first one for nothing", () => {
    const at = (text: string) => reasonOf(() => readYaml(bytes(text))).document;
    assert.equal(at("# a comment\n---\na: [\n"), 1);
    assert.equal(at(" \n---\na: [\n"), 1);
    assert.equal(at("---\na: 1\n---\nb: [\n"), 2);
    assert.equal(at("a: x---\nb: [\n"), 1);
    assert.equal(at("a:\n  b: --- c\nd: [\n"), 1);
    assert.equal(at("a: 1\n---x: 2\nb: [\n"), 1);
    assert.equal(at("a: 1\n--- {b: 1\n---\nc: 2\n"), 2, "what comes after the fault");
    assert.equal(at("a: [\n---\nb: 1\n---\n"), 1);
    assert.equal(at("@"), 1, "at its very beginning");
  });

  it("takes a hundred levels and a million values, and no more", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    assert.ok(Array.isArray(read(nested(99))));
    // js-yaml counts what is written; an alias may lead deeper
    const within = (levels: number, inner: string) => "[".repeat(levels) + inner + "]".repeat(levels);
    const deep = (levels: number) => `[&a ${within(50, "x")}, ${within(levels, "*a")}]`;
    assert.ok(Array.isArray(read(deep(49))));
    assert.match(reasonOf(() => read(deep(50))).reason, /^it is nested more than 100 levels deep$/);
    const itself = reasonOf(() => read("&a [*a]"));
    assert.equal(itself.reason, "it is nested more than 100 levels deep");
    // 64 bits and one more
    assert.equal(read("0x10000000000000000"), "0x10000000000000000");
    assert.match(reasonOf(() => read(nested(101))).reason, /nest/);
    // a list, a thousand values 999 times, and so many more; by aliases, as it is not the parser that is looked at
    const values = (more: number) => {
      const texts = (count: number) => Array.from({ length: count }, () => '"x"');
      const thousands = ["&a [" + texts(999).join() + "]", ...Array.from({ length: 998 }, () => "*a")];
      return `[${[...thousands, ...texts(more)].join()}]`;
    };
    assert.equal((read(values(999)) as unknown[]).length, 999 + 999);
    assert.equal(reasonOf(() => read(values(1_000))).reason, "it stands for more than 1000000 values");
  });

  it("keeps a key that this language has a meaning for", () => {
    const value = read('{"__proto__": {"polluted": 1}}') as object;
    assert.deepEqual(Object.keys(value), ["__proto__"]);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it("reads UTF-16 with a byte order mark, and refuses what is no text", () => {
    assert.deepEqual(readYaml(Buffer.from("\ufeffa: é\n", "utf16le")), [{ a: "é" }]);
    assert.deepEqual(readYaml(Buffer.from("\ufeffa: é\n", "utf16le").swap16()), [{ a: "é" }]);
    const reason = (...given: number[]) => reasonOf(() => readYaml(Uint8Array.from(given))).reason;
    assert.equal(reason(0x61, 0x3a, 0x20, 0xff, 0x0a), "it is not UTF-8 throughout");
    assert.equal(reason(0xff, 0xfe, 0x61), "it is not UTF-16LE throughout");
    assert.equal(reason(0xfe, 0xff, 0x61), "it is not UTF-16BE throughout");
    for (const [one, other] of [
      ...[
        [0xff, 0xff],
        [0xfe, 0xfe],
        [0x61, 0xfe],
        [0x61, 0xff],
        [0xff, 0x61],
        [0xfe, 0x61],
      ],
    ])
      assert.equal(reason(one, other), "it is not UTF-8 throughout", `${one} ${other}`);
  });

  it("gives up on aliases that stand for more than a memory holds", () => {
    const lines = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`);
    assert.match(
      reasonOf(() => read(['a0: &a0 "x"', ...lines].join("\n"))).reason,
      /more than 1000000 values/,
    );
  });

  it("quotes nothing of a text that it cannot read", () => {
    for (const text of ["data: CANARY: [", "data: &x CANARY\n<<: 7\n\tb"])
      assert.ok(!reasonOf(() => read(text)).reason.includes("CANARY"));
  });

  it("reads as the real kumactl does", function () {
    const kumactl = findKumactl();
    if (!kumactl) return this.skip();
    // a field whose content is anything
    const body = Object.fromEntries(SCALARS.map(([, value], at) => [`k${at}`, value]));
    const lines = SCALARS.flatMap(([text], at) => (text.includes("\\ud83d") ? [] : [`k${at}: ${text}`]));
    const indented = lines.map((line) => `                ${line}`).join("\n");
    const printed = execFileSync(kumactl, ["apply", "--dry-run", "-f", "-"], {
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
      input: `type: MeshAccessLog
mesh: default
name: values
spec:
  to:
    - targetRef: {kind: Mesh}
      default:
        backends:
          - type: OpenTelemetry
            openTelemetry:
              endpoint: "collector:4317"
              body:
${indented}
`,
    });
    const [{ spec }] = readYaml(bytes(printed)) as [{ spec: { to: [{ default: { backends: [Backend] } }] } }];
    const wanted = Object.fromEntries(
      Object.entries(body).filter(([key]) => lines.some((line) => line.startsWith(`${key}:`))),
    );
    assert.deepEqual(spec.to[0].default.backends[0].openTelemetry.body, wanted);
  });
});

interface Backend {
  openTelemetry: { body: unknown };
}
