/** Passes on at most one report in so many milliseconds: thousands of lines help nobody. */
export function throttled(
  report: (done: number, total: number) => void,
  intervalMs = 5_000,
): (done: number, total: number) => void {
  let last = Date.now();
  return (done, total) => {
    if (Date.now() - last < intervalMs) return;
    last = Date.now();
    report(done, total);
  };
}
