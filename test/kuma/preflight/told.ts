import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Finding } from "../../../kuma";

const GOLDEN = path.join(__dirname, "golden/told.txt");

/**
 * All that people are told by each check, in one text, so that a change of words or of what is counted is seen where it is
 * reviewed. `UPDATE_GOLDEN=1 npm test -- test/kuma/preflight/checks.test.ts` writes it.
 */
export class Told {
  private readonly wanted: ReadonlyMap<string, string>;
  private readonly seen = new Map<string, string>();

  constructor(private readonly golden = GOLDEN) {
    this.wanted = read(fs.readFileSync(golden, "utf8"));
  }

  check(when: string, result: Finding): void {
    const told = withoutWhatChanges(shown(result));
    assert.ok(!this.seen.has(when), `twice: ${when}`);
    this.seen.set(when, told);
    if (!process.env.UPDATE_GOLDEN) assert.equal(told, this.wanted.get(when));
  }

  /** To be called after all tests. */
  keep(): void {
    if (process.env.UPDATE_GOLDEN) fs.writeFileSync(this.golden, written(this.seen));
  }
}

function shown({ verdict, sentence, evidence = [], remedy, error }: Finding): string {
  return [
    `  ${verdict}${error === undefined ? "" : ` (${error})`}: ${sentence}`,
    ...evidence.map((line) => `    ${line}`),
    ...(remedy === undefined ? [] : [`  > ${remedy}`]),
  ].join("\n");
}

/** What is told in more than one case stands there once, below all of them. */
function written(seen: ReadonlyMap<string, string>): string {
  const cases = new Map<string, string[]>();
  for (const [when, told] of seen) cases.set(told, [...(cases.get(told) ?? []), when]);
  return [...cases].map(([told, whens]) => `${[...whens, told].join("\n")}\n`).join("\n");
}

function read(text: string): Map<string, string> {
  const wanted = new Map<string, string>();
  for (const block of text.trimEnd().split("\n\n")) {
    const lines = block.split("\n");
    const body = lines.findIndex((line) => line.startsWith("  "));
    for (const when of lines.slice(0, body)) wanted.set(when, lines.slice(body).join("\n"));
  }
  return wanted;
}

/** Ports and this machine's name; keys that are others in each run, and what is signed with them. */
function withoutWhatChanges(text: string): string {
  return text
    .replaceAll(`(${os.hostname()})`, "(HOST)")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replace(/127\.0\.0\.1, port \d+/g, "127.0.0.1, port PORT")
    .replace(/hmac:[0-9a-f]+/g, "hmac:DIGEST");
}
