import * as http from "node:http";
import * as https from "node:https";
import { urlToHttpOptions } from "node:url";
import { HttpsProxyAgent } from "https-proxy-agent";
import { KumaError } from "../../errors";
import { isFolded } from "../../resource/names";
import { oneLine } from "../../printable";
import { proxyFor } from "./proxy";

export interface HttpOptions {
  /** PEM of the authority that signed the server's certificate; the system's authorities when left out. */
  ca?: string;
  /** Makes the connections instead of one of its own, for servers that want a client certificate or a proxy. */
  agent?: http.Agent;
  /**
   * Requests in flight at once, each on its own kept-alive connection. Default 32: over a network it is the round trips
   * that take the time, and a control plane on the same machine is no slower than with 8 (bench/federate).
   */
  concurrency?: number;
  /** How often a request is sent at the most. Default 8, which waits about 10 s in all. */
  attempts?: number;
  /** Milliseconds for one attempt of a request, from sending to the last byte. Default 30,000. */
  requestTimeoutMs?: number;
  /** Milliseconds for a request with all its attempts and the waits between them. Default 120,000. */
  deadlineMs?: number;
  /** Whether an answer of this status is no final one, after so many attempts. Default: 429 and 5xx. */
  isRetried?: (method: string, status: number, attempt: number) => boolean;
  /** Cancels everything that is under way. */
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** A response, or why there is none. */
type Attempt = { response: HttpResponse; failure?: undefined } | { response?: undefined; failure: Error };

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** An answer larger than this is not a page of resources (a page holds 1,000 at the most). */
const LARGEST_BODY = 256 * 1024 * 1024;

/**
 * HTTP with kept-alive connections, bounded concurrency, retries and deadlines.
 *
 * Every request that it is used for can be sent twice without harm (GET, PUT of a whole document, DELETE), so broken
 * connections, 429 and 5xx are tried again with exponential backoff and jitter; a `Retry-After` is honoured (RFC 9110,
 * section 10.2.3). 500 is among them: Kuma answers it when its store is busy.
 */
export class HttpTransport {
  private readonly agent: http.Agent;
  private readonly client: typeof http | typeof https;
  /** Where requests go; not as a URL with the path of each, which would fold it. */
  private readonly place: http.RequestOptions;
  readonly concurrency: number;
  private waiting: (() => void)[] = [];
  private running = 0;
  private closed = false;
  /** Attempts sent, by method, retries included. */
  readonly sent: Record<string, number> = {};

  constructor(
    base: URL,
    private readonly options: HttpOptions = {},
  ) {
    this.concurrency = options.concurrency ?? 32;
    const agentOptions = { keepAlive: true, maxSockets: this.concurrency };
    const secure = base.protocol === "https:";
    this.client = secure ? https : http;
    this.place = urlToHttpOptions(new URL(base.origin));
    const proxy = proxyFor(base);
    this.agent =
      options.agent ??
      (proxy
        ? new HttpsProxyAgent(proxy, agentOptions)
        : secure
          ? new https.Agent({ ...agentOptions, ca: options.ca, rejectUnauthorized: true })
          : new http.Agent(agentOptions));
  }

  /**
   * Closes every connection, and sends nothing from then on: when one of many requests fails, those that were waiting
   * beside it must not go out after the failure was told.
   */
  close(): void {
    this.closed = true;
    this.agent.destroy();
  }

  /**
   * Sends a request until it is answered with something else than 429 or 5xx, or attempts or time are used up; then
   * the last answer is returned, or, where there was none, a `KumaError` "unreachable" is thrown.
   */
  async request(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    body?: string,
  ): Promise<HttpResponse> {
    if (isFolded(path)) {
      throw new KumaError("invalid", `The path ${oneLine(path)} leads to another one. Nothing was sent.`);
    }
    await this.acquire();
    // the wait for a place does not count: a long queue is no sign that the other side does not answer
    const deadline = Date.now() + (this.options.deadlineMs ?? 120_000);
    try {
      for (let attempt = 1; ; attempt++) {
        this.throwIfCancelled();
        const { response, failure } = await this.attempt(method, path, headers, body, deadline - Date.now());
        this.throwIfCancelled();
        const isRetried = this.options.isRetried ?? isRetriedByDefault;
        if (response && !isRetried(method, response.status, attempt)) return response;
        const wait = retryAfterMs(response) ?? backoffMs(attempt);
        const over = attempt >= (this.options.attempts ?? 8) || Date.now() + wait >= deadline;
        if (over || isFinal(failure)) {
          if (response) return response;
          throw new KumaError("unreachable", describeFailure(failure));
        }
        await this.sleep(wait);
      }
    } finally {
      this.release();
    }
  }

  private attempt(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    body: string | undefined,
    msLeft: number,
  ): Promise<Attempt> {
    this.sent[method] = (this.sent[method] ?? 0) + 1;
    return new Promise((resolve) => {
      const request = this.client.request({
        ...this.place,
        path,
        method,
        agent: this.agent,
        // an agent for a proxy takes them from here
        ...(this.client === https &&
          !this.options.agent && { ca: this.options.ca, rejectUnauthorized: true }),
        signal: this.options.signal,
        headers: {
          accept: "application/json",
          ...(body === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      });
      const timer = setTimeout(
        () => request.destroy(new Error("it did not answer in time")),
        Math.max(1, Math.min(this.options.requestTimeoutMs ?? 30_000, msLeft)),
      );
      const done = (attempt: Attempt) => {
        clearTimeout(timer);
        resolve(attempt);
      };
      request.on("error", (failure) => done({ failure }));
      request.on("response", (message) => {
        const chunks: Buffer[] = [];
        let size = 0;
        message.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > LARGEST_BODY) request.destroy(new Error("its answer is larger than 256 MiB"));
          else chunks.push(chunk);
        });
        message.on("error", (failure) => done({ failure }));
        // "close" without "end" is an answer cut short: node reports it as "aborted", sometimes without an error
        message.on("close", () =>
          done({ failure: new Error("the connection broke in the middle of its answer") }),
        );
        message.on("end", () => {
          if (!message.complete) return;
          done({
            response: {
              status: message.statusCode ?? 0,
              headers: message.headers,
              body: Buffer.concat(chunks).toString("utf8"),
            },
          });
        });
      });
      request.end(body);
    });
  }

  private throwIfCancelled(): void {
    if (this.closed || this.options.signal?.aborted)
      throw new KumaError("cancelled", "The operation was cancelled.");
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const signal = this.options.signal;
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener("abort", wake);
    });
  }

  private async acquire(): Promise<void> {
    if (this.running >= this.concurrency) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
  }

  /** Hands the place to the next in line, so that `running` never dips under what is in flight. */
  private release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running--;
  }
}

function isRetriedByDefault(_method: string, status: number): boolean {
  return status === 429 || status >= 500;
}

function backoffMs(attempt: number): number {
  const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** `Retry-After` in milliseconds: seconds or an HTTP date. */
export function retryAfterMs(response: HttpResponse | undefined): number | undefined {
  const value = response?.headers["retry-after"];
  if (!value) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Failures that no second attempt mends: the name or the certificate is wrong. */
function isFinal(failure: Error | undefined): boolean {
  const code = (failure as NodeJS.ErrnoException | undefined)?.code ?? "";
  return /^(ENOTFOUND|ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO|HPE_)/.test(code);
}

function describeFailure(failure: Error): string {
  const { code } = failure as NodeJS.ErrnoException;
  switch (code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ENOTFOUND":
      return "its host name is not known";
    case "ECONNRESET":
      return "the connection was cut";
    default:
      if (code?.startsWith("HPE_")) return "what answers there does not speak HTTP";
      // a certificate's names, for example, are the other side's words
      return oneLine(failure.message);
  }
}
