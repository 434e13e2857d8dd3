import * as https from "node:https";
import type { AddressInfo } from "node:net";
import type { V1ValidatingWebhookConfiguration } from "@kubernetes/client-node";
import { issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";

/** What an API server asks: the object as it would be stored, and who writes it. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly dryRun: boolean;
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly userInfo: { readonly username: string };
  readonly object: { readonly kind: string; readonly metadata: { readonly name: string } };
}

/** Why a write is refused; undefined lets it through. */
export type Verdict = (request: AdmissionRequest) => string | undefined;

/** A validating webhook on the loopback interface, such as a control plane has. It listens only once it is started. */
export class AdmissionWebhook {
  readonly requests: AdmissionRequest[] = [];

  private constructor(
    private readonly server: https.Server,
    private readonly ca: string,
    private readonly port: number,
  ) {}

  /** Makes a webhook with an address and a certificate; nothing listens there yet. */
  static async prepare(verdict: Verdict = () => undefined): Promise<AdmissionWebhook> {
    const authority = await issueAuthority("the test's webhook");
    const server = https.createServer(await issueServerCertificate(authority, ["127.0.0.1"]));
    await listen(server, 0);
    const webhook = new AdmissionWebhook(server, authority.cert, (server.address() as AddressInfo).port);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const review = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { request: AdmissionRequest };
        webhook.requests.push(review.request);
        const message = verdict(review.request);
        const answer = { uid: review.request.uid, allowed: message === undefined, status: { message } };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ ...review, request: undefined, response: answer }));
      });
    });
    await webhook.stop();
    return webhook;
  }

  start(): Promise<void> {
    return listen(this.server, this.port);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** What has an API server ask this webhook before it stores an object of these types; without an answer it refuses. */
  configuration(name: string, group: string, resources: string[]): V1ValidatingWebhookConfiguration {
    return {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name },
      webhooks: [
        {
          name: `${name}.example.com`,
          clientConfig: {
            url: `https://127.0.0.1:${this.port}/validate`,
            caBundle: Buffer.from(this.ca).toString("base64"),
          },
          rules: [{ apiGroups: [group], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources }],
          failurePolicy: "Fail",
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          timeoutSeconds: 5,
        },
      ],
    };
  }
}

function listen(server: https.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
