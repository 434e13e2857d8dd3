/** A part of a comment that can be made shorter by whole rows, never within one. */
export interface Block {
  /** The higher, the sooner it is cut. */
  rank: number;
  /** Lines before and after the rows. */
  head: string;
  rows: readonly string[];
  tail?: string;
  /** Stands in place of rows that were cut. */
  more?: (left: number) => string;
  /** Stands in place of all of it where no row has room. */
  without?: string;
}

/** A block that is there as a whole, or not at all. */
export function whole(rank: number, text: string): Block {
  return { rank, head: "", rows: [text] };
}

/** What always stands there. */
export function fixed(text: string): Block {
  return { rank: 0, head: text, rows: [] };
}

const BETWEEN = "\n\n";

/** All blocks, in their order, as far as they fit into so many bytes: what is least important is cut first. */
export function fit(blocks: readonly Block[], limit: number): string {
  const parts = blocks.map((block) => new Part(block));
  let left = limit - parts.reduce((sum, part) => sum + part.size(), 0);
  // the least important first, and of those the last
  for (const part of [...parts].reverse().sort((a, b) => b.rank - a.rank)) {
    if (left >= 0) break;
    left += part.size();
    part.drop();
  }
  const ranks = [...new Set(parts.map(({ rank }) => rank))].sort((a, b) => a - b);
  for (const rank of ranks) {
    const peers = parts.filter((part) => part.rank === rank);
    peers.forEach((part, at) => (left -= part.grow(Math.floor(left / (peers.length - at)))));
    // what later ones have left over
    for (const part of peers) left -= part.grow(left);
  }
  return parts
    .map((part) => part.text())
    .filter((text) => text !== "")
    .join(BETWEEN);
}

/** A block with so many of its rows. */
class Part {
  private count = 0;
  private dropped = false;
  /** Bytes of the first so many rows, each with the end of its line. */
  private readonly bytes = [0];

  constructor(private readonly block: Block) {
    for (const row of block.rows) this.bytes.push((this.bytes.at(-1) ?? 0) + Buffer.byteLength(row) + 1);
  }

  get rank(): number {
    return this.block.rank;
  }

  drop(): void {
    this.dropped = true;
  }

  /** Takes as many rows as have room in so many bytes more; gives what that takes. */
  grow(room: number): number {
    if (this.dropped) return 0;
    const before = this.size();
    let [fits, tooMany] = [this.count, this.block.rows.length + 1];
    while (tooMany - fits > 1) {
      const middle = Math.floor((fits + tooMany) / 2);
      if (this.size(middle) <= before + room) fits = middle;
      else tooMany = middle;
    }
    this.count = fits;
    return this.size() - before;
  }

  /** With what keeps it apart from the next one. */
  size(count = this.count): number {
    const rows = this.isAsWhole(count) ? this.bytes[count] : 0;
    const around = Buffer.byteLength(this.around(count).join("\n"));
    return rows + around === 0 ? 0 : rows + around + BETWEEN.length;
  }

  text(): string {
    if (this.dropped) return "";
    const { rows } = this.block;
    if (!this.isAsWhole(this.count)) return this.around(this.count).join("\n");
    const [head, ...end] = this.around(this.count);
    return [...(head === "" ? [] : [head]), ...rows.slice(0, this.count), ...end].join("\n");
  }

  private isAsWhole(count: number): boolean {
    return count > 0 || this.block.rows.length === 0;
  }

  /** What stands before and after the rows, or in place of all. */
  private around(count: number): string[] {
    const { head, rows, tail = "", more, without = "" } = this.block;
    if (!this.isAsWhole(count)) return [without];
    const left = rows.length - count;
    return [head, ...[left > 0 && more ? more(left) : "", tail].filter((line) => line !== "")];
  }
}
