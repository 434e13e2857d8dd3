/** What is looked at, one after the other, and how it went. */
export class Checks {
  passed = 0;
  failed = 0;
  skipped = 0;

  constructor(private readonly print: (line: string) => void = console.log) {}

  /** Runs a check; one that throws has failed, and the next one is run all the same. Tells whether it passed. */
  async check(what: string, look: () => Promise<void> | void): Promise<boolean> {
    try {
      await look();
      this.passed++;
      this.print(`passed   ${what}`);
      return true;
    } catch (error) {
      this.failed++;
      this.print(`FAILED   ${what}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  skip(what: string, why: string): void {
    this.skipped++;
    this.print(`skipped  ${what}: ${why}`);
  }

  get summary(): string {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}
