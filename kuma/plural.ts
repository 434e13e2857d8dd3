/** How many there are of something, in words of a sentence: `1 proxy`, `2 proxies`, `2 ways`. */
export function plural(count: number, word: string): string {
  if (count === 1) return `1 ${word}`;
  return `${count} ${/[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`}`;
}
