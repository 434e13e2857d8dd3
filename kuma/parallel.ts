/**
 * Does some work on each item, so many at once, in their order. Begins no further one once `stop` says so; what is under
 * way is waited for.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
  stop: () => boolean = () => false,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length && !stop()) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}

/** What some work gives for each item, so many at once, in the order of the items. */
export async function mapInParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  await inParallel([...items.entries()], width, async ([at, item]) => {
    results[at] = await work(item);
  });
  return results;
}
