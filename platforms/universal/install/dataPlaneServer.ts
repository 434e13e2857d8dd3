import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import * as tls from "node:tls";
import { ControlPlane, KumaError } from "../../../kuma";
import { valueAt } from "../../../kuma/api/json";
import type { Host } from "../hosts/host";

/** Where proxies reach a control plane, and what they verify it by. */
export interface DataPlaneServer {
  /** `https://host:port` */
  address: string;
  /** PEM. */
  ca: string;
}

const DEFAULT_PORT = 5678;
const ANSWER_MS = 15_000;

/**
 * Looks at the data plane server of a control plane from its own host, which the SSH connection vouches for: so its
 * certificate is taken as it is shown. `names` are those under which a proxy may dial it, the first that the certificate is for
 * is taken.
 */
export async function dataPlaneServerOf(
  host: Host,
  zone: ControlPlane,
  names: readonly string[],
): Promise<DataPlaneServer> {
  const told = valueAt(await zone.getJson("/config", "its configuration"), "dpServer", "port");
  const port = typeof told === "number" ? told : DEFAULT_PORT;
  const [own, ...issuers] = await shownAt(host, port);
  const name = names.find((each) => (isIP(each) ? own.checkIP(each) : own.checkHost(each)) !== undefined);
  if (name === undefined)
    throw new KumaError(
      "invalid",
      `The certificate of the data plane server of ${zone.title} on ${host.title} is for ${own.subjectAltName ?? "no name"}, and not for ${names.join(" or ")}, ` +
        `so no proxy can verify it. Nothing was changed. Give it a certificate for that (general.tlsCertFile of kuma-cp).`,
    );
  const ca = (issuers.at(-1) ?? own).toString();
  return { address: `https://${name.includes(":") ? `[${name}]` : name}:${port}`, ca };
}

/** The certificates that a server on a host's loopback shows, its own first. */
async function shownAt(host: Host, port: number): Promise<[X509Certificate, ...X509Certificate[]]> {
  const channel = await host.connect("127.0.0.1", port);
  return new Promise((resolve, reject) => {
    // nothing is sent: it is only looked at
    const socket = tls.connect({ socket: channel, rejectUnauthorized: false, servername: "localhost" });
    const failed = (why: string) => {
      clearTimeout(timer);
      channel.destroy();
      reject(
        new KumaError(
          "unreachable",
          `The data plane server on ${host.title} (port ${port}) cannot be looked at: ${why}. Nothing was changed.`,
        ),
      );
    };
    const timer = setTimeout(() => failed("no answer"), ANSWER_MS);
    socket.once("error", ({ message }) => failed(message));
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      const shown = chainOf(socket.getPeerX509Certificate());
      socket.destroy();
      channel.destroy();
      resolve(shown);
    });
  });
}

function chainOf(certificate: X509Certificate | undefined): [X509Certificate, ...X509Certificate[]] {
  if (!certificate) throw new KumaError("unreachable", "It shows no certificate.");
  const issuer = certificate.issuerCertificate;
  return !issuer || issuer.raw.equals(certificate.raw) ? [certificate] : [certificate, ...chainOf(issuer)];
}
