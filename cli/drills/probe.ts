const EVERY_MS = 200;
const CALL_TIMEOUT_MS = 5_000;

export interface Calls {
  made: number;
  failed: number;
  /** The first failures, each with its time since the start. */
  failures: string[];
}

/** Calls a URL every 200 ms, whatever became of the calls before. Any status of 400 and more, or none, is a failure. */
export class Probe {
  private readonly calls: Calls = { made: 0, failed: 0, failures: [] };
  private readonly underWay = new Set<Promise<void>>();
  private readonly startedAt = Date.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly url: string,
    everyMs = EVERY_MS,
  ) {
    this.timer = setInterval(() => this.call(), everyMs);
  }

  /** Makes no more calls, and waits for those that are under way. */
  async stop(): Promise<Calls> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    return this.calls;
  }

  private call(): void {
    const at = Date.now();
    this.calls.made++;
    const call = fetch(this.url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS), redirect: "manual" })
      .then(async (response) => {
        await response.arrayBuffer();
        if (response.status >= 400) throw new Error(`status ${response.status}`);
      })
      .catch((error: Error) => {
        this.calls.failed++;
        const seconds = ((at - this.startedAt) / 1000).toFixed(1);
        const why = error.cause instanceof Error ? error.cause.message : error.message;
        if (this.calls.failures.length < 5) this.calls.failures.push(`${why} at ${seconds} s`);
      })
      .finally(() => this.underWay.delete(call));
    this.underWay.add(call);
  }
}
