import { setTimeout as sleep } from "node:timers/promises";
import type { EnvHttpProxyAgent } from "undici";
import { ToolchainError } from "../errors";

/** Time limits and retries of a GET; all times in milliseconds. */
export interface GetOptions {
  /** Until the response's headers are there, redirects included. Default 5 s: a blocked host must not hold up. */
  readonly responseTimeoutMs?: number;
  /** Longest pause between two pieces of the body. Default 30 s. */
  readonly idleTimeoutMs?: number;
  /** For everything together, retries and waiting included. Default 15 minutes. */
  readonly deadlineMs?: number;
  /** Tries in all. Default 4. */
  readonly attempts?: number;
  /** Before the second try; doubles each time. Default 500. */
  readonly backoffMs?: number;
  readonly signal?: AbortSignal;
}

/** Receives a response's body; called anew, from the start, with each try. */
export type BodyReader<T> = (chunks: AsyncIterable<Uint8Array>, totalBytes: number | undefined) => Promise<T>;

/** Longest that a Retry-After header is obeyed, in milliseconds. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Failures after the host has answered the connection: worth another try. */
const BROKEN_CONNECTION = new Set(["ECONNRESET", "ECONNABORTED", "EPIPE", "UND_ERR_SOCKET"]);

class Retryable extends Error {
  constructor(
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/**
 * GETs a URL over http or https and hands its body to `read`. Broken connections, bodies cut short or stalled,
 * and the answers 429 and 5xx are tried again, after the server's Retry-After where given. A host that
 * cannot be reached is not: the caller has other ways, and should go on to them at once.
 *
 * @throws ToolchainError with the URL and the last reason. An abort through `signal` throws its reason.
 */
export async function httpGet<T>(url: string, read: BodyReader<T>, options: GetOptions = {}): Promise<T> {
  const { attempts = 4, backoffMs = 500, deadlineMs = 15 * 60_000 } = options;
  const deadline = AbortSignal.timeout(deadlineMs);
  const stop = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  for (let attempt = 1; ; attempt++) {
    try {
      return await getOnce(url, read, options, stop);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (deadline.aborted) {
        throw new ToolchainError(`${url}: not finished in ${deadlineMs / 1000} s`);
      }
      if (!(error instanceof Retryable)) {
        throw error;
      }
      if (attempt >= attempts) {
        throw new ToolchainError(`${url}: ${error.message} (${attempts} tries)`);
      }
      const wait = error.retryAfterMs ?? backoffMs * 2 ** (attempt - 1);
      // An abort during the pause is dealt with by the next try, which fails at once.
      await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

async function getOnce<T>(
  url: string,
  read: BodyReader<T>,
  { responseTimeoutMs = 5_000, idleTimeoutMs = 30_000 }: GetOptions,
  stop: AbortSignal,
): Promise<T> {
  const watchdog = new Watchdog();
  try {
    watchdog.restart(responseTimeoutMs);
    const response = await request(url, responseTimeoutMs, watchdog, stop);
    await checkStatus(url, response);
    watchdog.restart(idleTimeoutMs);
    return await read(watched(response, watchdog, idleTimeoutMs), contentLength(response));
  } finally {
    watchdog.clear();
  }
}

let throughProxies: EnvHttpProxyAgent | undefined;

/** Loaded only where it is of use: that takes 70 ms, and every command has this file. */
async function proxies(): Promise<EnvHttpProxyAgent | undefined> {
  if (!["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].some((name) => process.env[name]))
    return undefined;
  const { EnvHttpProxyAgent: Agent } = await import("undici");
  return (throughProxies ??= new Agent());
}

async function request(
  url: string,
  responseTimeoutMs: number,
  watchdog: Watchdog,
  stop: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, {
      signal: AbortSignal.any([stop, watchdog.signal]),
      // The digest is that of the archive as published, so nothing may be packed or unpacked on the way.
      headers: { "accept-encoding": "identity" },
      // by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which Node's own fetch does not read before Node 24
      dispatcher: await proxies(),
    } as RequestInit);
  } catch (error) {
    if (watchdog.signal.aborted) {
      throw new ToolchainError(`${url}: no answer in ${responseTimeoutMs / 1000} s`);
    }
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    const why = cause?.code ?? cause?.message ?? (error as Error).message;
    if (BROKEN_CONNECTION.has(why)) {
      throw new Retryable(`connection broken (${why})`);
    }
    throw new ToolchainError(`${url}: cannot be reached (${why})`);
  }
}

async function checkStatus(url: string, response: Response): Promise<void> {
  const downgraded = url.startsWith("https:") && !response.url.startsWith("https:");
  if (response.ok && !downgraded) {
    return;
  }
  // Lets the connection go; the body of an error page is of no use.
  await response.body?.cancel().catch(() => undefined);
  if (response.status === 429 || response.status >= 500) {
    throw new Retryable(`HTTP status ${response.status}`, retryAfterMs(response.headers.get("retry-after")));
  }
  throw new ToolchainError(
    downgraded
      ? `${url}: redirected to an address without TLS, which is refused`
      : `${url}: HTTP status ${response.status}`,
  );
}

/** The body's pieces; a pause beyond the limit or a connection cut in the middle is worth another try. */
async function* watched(
  response: Response,
  watchdog: Watchdog,
  idleTimeoutMs: number,
): AsyncIterable<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    while (reader) {
      let piece;
      try {
        piece = await reader.read();
      } catch {
        const stalled = watchdog.signal.aborted;
        throw new Retryable(stalled ? `no data for ${idleTimeoutMs / 1000} s` : "cut off before the end");
      }
      if (piece.done) {
        return;
      }
      watchdog.restart(idleTimeoutMs);
      yield piece.value as Uint8Array;
    }
  } finally {
    // When the reader of the pieces gives up (a full disk), the connection is not to hang on.
    await reader?.cancel().catch(() => undefined);
  }
}

/** Retry-After is a number of seconds or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (!header) {
    return undefined;
  }
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

function contentLength(response: Response): number | undefined {
  const header = response.headers.get("content-length");
  return header === null ? undefined : Number(header);
}

/** Aborts its signal unless restarted in time. */
class Watchdog {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  restart(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(), ms);
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}
