import assert from "node:assert/strict";

/** What a comment consists of, by CommonMark's rules for code and GitHub's for tables. */
export interface Parts {
  /** Everything outside of code, with code taken out. */
  prose: string;
  /** Blocks of code: their language, and what they hold. */
  fences: { language: string; text: string }[];
  /** Rows of each table, its head first. */
  tables: string[][];
}

/** Fails where a block of code or a table has no end, or a row of a table another number of cells. */
export function partsOf(markdown: string): Parts {
  const parts: Parts = { prose: "", fences: [], tables: [] };
  let fence: { marks: string; language: string; lines: string[] } | undefined;
  let table: string[] | undefined;
  for (const line of markdown.split("\n")) {
    if (fence) {
      const end = /^ {0,3}(`{3,})\s*$/.exec(line)?.[1];
      if (end !== undefined && end.length >= fence.marks.length) {
        parts.fences.push({ language: fence.language, text: fence.lines.join("\n") });
        fence = undefined;
      } else fence.lines.push(line);
      continue;
    }
    const opening = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (opening) {
      fence = { marks: opening[1], language: opening[2], lines: [] };
      continue;
    }
    const prose = withoutCode(line);
    if (line.startsWith("|")) {
      if (!table) parts.tables.push((table = []));
      table.push(line);
      // GitHub looks for the ends of cells before it looks for code
      assert.equal(cells(line), cells(table[0]), line);
    } else table = undefined;
    parts.prose += `${prose}\n`;
  }
  assert.equal(fence, undefined, "a block of code has no end");
  for (const rows of parts.tables)
    assert.match(rows[1] ?? "", /^\|( -{3}:? \|)+$/, rows.slice(0, 2).join("\n"));
  return parts;
}

function cells(line: string): number {
  return line.split(/(?<!\\)\|/).length - 2;
}

/** A span of code ends with as many backticks as it begins with. */
function withoutCode(line: string): string {
  let rest = line;
  let prose = "";
  for (let opening = /`+/.exec(rest); opening; opening = /`+/.exec(rest)) {
    const [ticks] = opening;
    const after = rest.slice(opening.index + ticks.length);
    const end = [...after.matchAll(/`+/g)].find(([found]) => found.length === ticks.length);
    assert.ok(end, `a span of code has no end: ${line}`);
    prose += rest.slice(0, opening.index);
    rest = after.slice(end.index + ticks.length);
  }
  return prose + rest;
}
