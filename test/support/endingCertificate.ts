import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { webcrypto } from "node:crypto";

/** A certificate (PEM) that is valid until a moment, of a key that nobody keeps. */
export async function certificateUntil(notAfter: Date): Promise<string> {
  // the same interface; only the declarations of node and of the browser differ
  const crypto = webcrypto as never as NonNullable<
    Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[1]
  >;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const notBefore = new Date(notAfter.getTime() - 365 * 86_400_000);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name: "CN=test", keys, notBefore, notAfter, signingAlgorithm: algorithm, serialNumber: "01" },
    crypto,
  );
  return certificate.toString("pem");
}
