import { formatTable } from "../../cli/terminal/table";
import { Caller, httpCaller, keptTcpCaller, newTcpCaller } from "./echo";

const CALL_EVERY_MS = 100;

/** What became of a stream's calls in one phase. */
export interface Count {
  stream: string;
  made: number;
  failed: number;
  /** Milliseconds between two calls that went well, at most. */
  longestGap: number;
  /** What the first call said that failed. */
  firstError?: string;
}

/** Calls ten times a second, whatever became of the call before. */
class Stream {
  private count: Count;
  private lastSuccess = Date.now();
  private number = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly name: string,
    private readonly caller: Caller,
  ) {
    this.count = this.empty();
    this.timer = setInterval(() => void this.callOnce(), CALL_EVERY_MS);
  }

  /** The counts since this was asked last. */
  take(): Count {
    const { count } = this;
    this.note();
    this.count = this.empty();
    return count;
  }

  peek(): Count {
    return this.count;
  }

  stop(): void {
    clearInterval(this.timer);
    this.caller.close();
  }

  private empty(): Count {
    return { stream: this.name, made: 0, failed: 0, longestGap: 0 };
  }

  private note(): void {
    this.count.longestGap = Math.max(this.count.longestGap, Date.now() - this.lastSuccess);
  }

  private async callOnce(): Promise<void> {
    const { count } = this;
    count.made++;
    try {
      await this.caller.call(`${this.name}-${this.number++}`);
      this.note();
      this.lastSuccess = Date.now();
    } catch (error) {
      count.failed++;
      count.firstError ??= `${new Date().toISOString().slice(11, 23)} ${(error as Error).message}`;
    }
  }
}

/** Four streams through a proxy: new and kept connections, HTTP and TCP. */
export class Traffic {
  private readonly streams: Stream[];
  private readonly phases: { phase: string; counts: Count[] }[] = [];

  constructor(outbounds: { http: number; tcp: number }) {
    this.streams = [
      new Stream("http-new", httpCaller(outbounds.http, false)),
      new Stream("http-kept", httpCaller(outbounds.http, true)),
      new Stream("tcp-new", newTcpCaller(outbounds.tcp)),
      new Stream("tcp-kept", keptTcpCaller(outbounds.tcp)),
    ];
  }

  /** Ends a phase, and gives what became of its calls. */
  end(phase: string): Count[] {
    const counts = this.streams.map((stream) => stream.take());
    this.phases.push({ phase, counts });
    return counts;
  }

  /** Of the phase that is under way. */
  failed(): number {
    return sum(this.streams.map((stream) => stream.peek().failed));
  }

  /** What was counted is left out of the table. */
  forget(): void {
    for (const stream of this.streams) stream.take();
  }

  stop(): void {
    for (const stream of this.streams) stream.stop();
  }

  table(): string {
    const rows = this.phases.flatMap(({ phase, counts }) =>
      counts.map(({ stream, made, failed, longestGap, firstError }) => [
        phase,
        stream,
        String(made),
        String(failed),
        `${(longestGap / 1000).toFixed(1)} s`,
        firstError ?? "",
      ]),
    );
    return formatTable(["PHASE", "STREAM", "MADE", "FAILED", "LONGEST GAP", "FIRST FAILURE"], rows);
  }
}

export function failedOf(counts: readonly Count[]): number {
  return sum(counts.map(({ failed }) => failed));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
