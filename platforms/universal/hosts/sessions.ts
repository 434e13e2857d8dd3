import type { KumaError } from "../../../kuma";
import { pause } from "../../../kuma/until";

/** Below what OpenSSH has by default (MaxSessions 10), of which a connection through a bastion has as many. */
const MOST = 8;
/** A server counts a session for a moment longer than who has used it. */
const ATTEMPTS_ALONE = 5;
const PAUSE_MS = 100;

/** A session that may be had when another one has ended; what is told where none has. */
export class SessionRefused extends Error {
  constructor(readonly told: KumaError) {
    super(told.message);
  }
}

/** Whether a server has refused a session as OpenSSH refuses one too many: SSH_OPEN_CONNECT_FAILED (RFC 4254, 5.1). */
export function isOneTooMany(error: Error): boolean {
  return (error as { reason?: unknown }).reason === 2;
}

/**
 * Commands and uploads that one SSH connection has at a time. A server that takes fewer (MaxSessions) refuses one more, and that
 * one waits until another has ended.
 */
export class Sessions {
  private most = MOST;
  private open = 0;
  private readonly waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    for (let alone = 0; ;) {
      while (this.open >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
      this.open++;
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SessionRefused)) throw error;
        if (this.open > 1) this.most = this.open - 1;
        else if (++alone < ATTEMPTS_ALONE) await pause(PAUSE_MS * alone);
        else throw error.told;
      } finally {
        this.open--;
        this.waiting.splice(0).forEach((wake) => wake());
      }
    }
  }
}
