/** How one thing does beside another, in the same run. */
export interface Compared {
  /** Medians, in milliseconds. */
  bare: number;
  own: number;
  /** The median of the ratios of each round, as what else the machine does meets both. */
  ratio: number;
}

/** Measures both in turns, so many rounds; one round before them warms up. */
export async function compare(
  rounds: number,
  bare: () => Promise<number>,
  own: () => Promise<number>,
): Promise<Compared> {
  return compared(await inTurns(rounds, bare, own));
}

export async function inTurns<T>(
  rounds: number,
  bare: () => Promise<T>,
  own: () => Promise<T>,
): Promise<[bare: T, own: T][]> {
  const pairs: [bare: T, own: T][] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair: [T, T] = [await bare(), await own()];
    if (round > 0) pairs.push(pair);
  }
  return pairs;
}

export function compared(pairs: readonly [bare: number, own: number][]): Compared {
  return {
    bare: median(pairs.map(([each]) => each)),
    own: median(pairs.map(([, each]) => each)),
    ratio: median(pairs.map(([a, b]) => b / a)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
