import { printable } from "../../kuma/printable";
import { asTyped } from "../commandLine/asTyped";

/** What a terminal is told: ECMA-48, and the private modes that xterm brought and every terminal knows. */
const SECOND_SCREEN = "\x1b[?1049h\x1b[?25l";
const FIRST_SCREEN = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

type Terminal = Pick<NodeJS.WriteStream, "write" | "columns" | "rows">;

/** A text that is drawn in place of the one before, on a screen of its own, so that what stood there comes back. */
export class Redrawn {
  private isOpen = false;
  private text = "";

  constructor(private readonly terminal: Terminal) {}

  draw(text: string): void {
    if (!this.isOpen) this.terminal.write(SECOND_SCREEN);
    this.isOpen = true;
    this.text = printable(asTyped(text));
    const { columns = 80, rows = 24 } = this.terminal;
    const lines = this.text.split("\n").flatMap((line) => folded(line, columns));
    const shown =
      lines.length <= rows ? lines : [...lines.slice(0, rows - 1), leftOut(lines.length - rows + 1)];
    this.terminal.write(`${HOME}${shown.map((line) => line + CLEAR_LINE).join("\n")}${CLEAR_BELOW}`);
  }

  /** Leaves the last text behind, on the screen on which the command was typed. */
  end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.terminal.write(`${FIRST_SCREEN}${this.text}\n`);
  }
}

function leftOut(count: number): string {
  return `… ${count} more lines; a larger terminal shows them`;
}

/** A line on as many as it takes, between words where there is one. A row of a table goes on below its beginning. */
function folded(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const end = space > width / 2 ? space : width;
    lines.push(rest.slice(0, end));
    rest = `    ${rest.slice(end).trimStart()}`;
  }
  return [...lines, rest];
}
