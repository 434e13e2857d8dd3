import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { webcrypto } from "node:crypto";

/** A certificate (PEM) that is valid until a moment, of a key that nobody keeps. */
export async function certificateUntil(notAfter: Date): Promise<string> {
  return (await selfSignedUntil(notAfter)).cert;
}

/** A certificate without any alternative name, and its key (PEM). */
export async function selfSignedUntil(
  notAfter: Date,
  name = "CN=test",
): Promise<{ cert: string; key: string }> {
  // the same interface; only the declarations of node and of the browser differ
  const crypto = webcrypto as never as NonNullable<
    Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[1]
  >;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const notBefore = new Date(notAfter.getTime() - 365 * 86_400_000);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name, keys, notBefore, notAfter, signingAlgorithm: algorithm, serialNumber: "01" },
    crypto,
  );
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(key, "PRIVATE KEY") };
}
