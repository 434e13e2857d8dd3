/** The first so many items, and in place of the others one that tells how many there are: nobody reads thousands. */
export function shortened(
  items: readonly string[],
  most: number,
  more: (left: number) => string = (left) => `and ${left} more`,
): string[] {
  return items.length <= most ? [...items] : [...items.slice(0, most), more(items.length - most)];
}

/** `a, b, c and 5 more`, for a sentence. */
export function enumerated(items: readonly string[], most = 20): string {
  const shown = items.slice(0, most).join(", ");
  return items.length <= most ? shown : `${shown} and ${items.length - most} more`;
}
