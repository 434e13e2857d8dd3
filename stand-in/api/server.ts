import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import type { Config } from "../config";
import { ApiError, errorBody } from "../errors";
import { Faults, type FaultSpec } from "../faults";
import { closeServer, listen } from "../listen";
import { RequestLog } from "../requestLog";
import { type ApiResponse, ok, plainError, readBody, send, toResponse } from "./http";

/** Answers one request; what it throws is answered as an error. */
export type Answer = (request: IncomingMessage) => Promise<ApiResponse>;

/** The REST API over HTTP, with the faults that tests ask for. */
export class ApiServer {
  private readonly server: Server;
  private readonly faults = new Faults();
  private readonly requests = new RequestLog();

  constructor(
    private readonly answer: Answer,
    private readonly config: Pick<Config, "api" | "standIn">,
    /** Switches for tests beside those for faults. */
    private readonly switches: Readonly<Record<string, Answer>> = {},
  ) {
    this.server = createServer((request, response) => void this.handle(request, response));
    // A client that keeps its connections open is not disturbed between two requests of one run.
    this.server.keepAliveTimeout = 120_000;
  }

  async start(): Promise<void> {
    await listen(this.server, this.config.api.port, this.config.api.interface);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await closeServer(this.server);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const path = (request.url ?? "/").split("?")[0];
    try {
      if (this.config.standIn.control && path.startsWith("/stand-in/")) {
        send(response, await this.control(method, path, request));
        return;
      }
      this.requests.record(method, path);
      const fault = this.faults.next(method, path);
      if (fault.latencyMs > 0) {
        await delay(fault.latencyMs);
      }
      if (fault.freeze) {
        return;
      }
      if (fault.cut === "before") {
        request.socket.destroy();
        return;
      }
      if (fault.error) {
        // A refused request's body is read to its end, or the connection could not be used again.
        request.resume();
        send(response, refusal(fault.error.status, fault.error.retryAfter));
        return;
      }
      const answer = await this.answer(request).catch(toResponse);
      if (fault.cut === "after") {
        request.socket.destroy();
        return;
      }
      send(response, answer);
    } catch (error) {
      send(response, toResponse(error));
    }
  }

  private async control(method: string, path: string, request: IncomingMessage): Promise<ApiResponse> {
    const own = this.switches[`${method} ${path}`];
    if (own) {
      return own(request);
    }
    switch (`${method} ${path}`) {
      case "PUT /stand-in/faults":
        try {
          this.faults.set(JSON.parse(await readBody(request)) as FaultSpec);
        } catch (error) {
          throw new ApiError(400, "Invalid faults", (error as Error).message);
        }
        return ok({});
      case "DELETE /stand-in/faults":
        this.faults.clear();
        return ok({});
      case "GET /stand-in/requests":
        return ok(this.requests.summary());
      case "DELETE /stand-in/requests":
        this.requests.reset();
        return ok({});
      default:
        return plainError(404);
    }
  }
}

function refusal(status: number, retryAfter: number | undefined): ApiResponse {
  return {
    status,
    ...(retryAfter === undefined ? {} : { headers: { "Retry-After": String(retryAfter) } }),
    body: errorBody(new ApiError(status, "Fault", "the stand-in was asked to refuse this request")),
  };
}
