/** Counts requests, so that a test can say how many a client needed. */
export class RequestLog {
  private readonly methods = new Map<string, number>();
  private readonly paths = new Map<string, number>();

  record(method: string, path: string): void {
    this.methods.set(method, (this.methods.get(method) ?? 0) + 1);
    const key = `${method} ${path}`;
    this.paths.set(key, (this.paths.get(key) ?? 0) + 1);
  }

  reset(): void {
    this.methods.clear();
    this.paths.clear();
  }

  summary(): Record<string, unknown> {
    const count = (method: string): number => this.methods.get(method) ?? 0;
    const all = [...this.methods.values()].reduce((sum, value) => sum + value, 0);
    return {
      reads: count("GET"),
      writes: all - count("GET"),
      byMethod: Object.fromEntries(this.methods),
      byPath: Object.fromEntries(this.paths),
    };
  }
}
