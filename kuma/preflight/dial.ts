import { promises as dns } from "node:dns";
import * as net from "node:net";
import * as os from "node:os";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import type { Vantage } from "../api/vantage";

/** Milliseconds for a connection, and as many for the TLS handshake. */
const PATIENCE_MS = 5_000;

/** What became of an attempt to connect to a KDS server as a zone would. */
export interface Dialled {
  host: string;
  port: number;
  /** Where the attempt was made from. */
  from: string;
  /** Why there is no connection: the name is not known, it is refused, nobody answers. */
  unreachable?: string;
  /** Absent for an address without TLS, and where there is no connection. */
  tls?: {
    /** Why there was no handshake. */
    failed?: string;
    /** Why the certificate is not accepted, as a code of OpenSSL's or of Node's. */
    rejected?: string;
    issuer?: string;
    /** Names and addresses that the certificate is valid for. */
    names: string[];
    notAfter?: Date;
    /** What was agreed on of the protocols that were offered, which is HTTP/2 alone; undefined where nothing was. */
    protocol?: string;
  };
}

/**
 * Connects to `grpcs://host:port`, from another machine where one is given, and checks its certificate against an authority
 * (PEM; "" for the system's).
 */
export async function dial(
  address: string,
  ca: string,
  vantage?: Pick<Vantage, "title" | "connect">,
): Promise<Dialled> {
  const url = new URL(address.replace(/^grpcs?:/, "https:"));
  const host = url.hostname.replace(/[[\]]/g, "");
  const port = Number(url.port || 443);
  const dialled = { host, port, from: vantage?.title ?? `this machine (${os.hostname()})` };
  let socket: Duplex;
  try {
    // told apart from a server that does not answer
    if (!vantage && net.isIP(host) === 0) await dns.lookup(host);
    socket = await (vantage ?? { connect }).connect(host, port);
  } catch (error) {
    return { ...dialled, unreachable: reasonOf(error as NodeJS.ErrnoException) };
  }
  try {
    if (!address.startsWith("grpcs:")) return dialled;
    return { ...dialled, tls: await shakeHands(socket, host, ca) };
  } finally {
    socket.destroy();
  }
}

function connect(host: string, port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("it did not answer in time")));
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

function shakeHands(socket: Duplex, host: string, ca: string): Promise<NonNullable<Dialled["tls"]>> {
  return new Promise((resolve) => {
    const failed = (reason: string) => resolve({ failed: reason, names: [] });
    const secure = tls.connect({
      socket,
      host,
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      // empty is none, and Node then takes the system's
      ca,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["h2"],
      // told in words below, with what the certificate holds
      rejectUnauthorized: false,
    });
    const timer = setTimeout(() => failed("it did not answer in time"), PATIENCE_MS);
    secure.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      failed(reasonOf(error));
    });
    secure.once("secureConnect", () => {
      clearTimeout(timer);
      const certificate = secure.getPeerCertificate();
      const names = (certificate.subjectaltname ?? "")
        .split(", ")
        .filter(Boolean)
        .map((name) => name.replace(/^(DNS|IP Address):/, ""));
      const { authorizationError, alpnProtocol } = secure;
      resolve({
        rejected: authorizationError ? String(authorizationError) : undefined,
        issuer: certificate.issuer?.CN?.toString(),
        names,
        notAfter: certificate.valid_to === undefined ? undefined : new Date(certificate.valid_to),
        ...(typeof alpnProtocol === "string" && alpnProtocol !== "" && { protocol: alpnProtocol }),
      });
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "its host name is not known";
    case "ECONNRESET":
      return "the connection was cut";
    default:
      return error.code?.startsWith("ERR_SSL") ? "what answers there does not speak TLS" : error.message;
  }
}
