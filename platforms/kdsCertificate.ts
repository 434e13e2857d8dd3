import * as net from "node:net";
import { X509Certificate, webcrypto } from "node:crypto";

/** Loaded where one is made: in most runs none is, and it takes as long as all that looks at a certificate. */
function library(): typeof import("@peculiar/x509") {
  require("reflect-metadata");
  const x509 = require("@peculiar/x509") as typeof import("@peculiar/x509");
  // the same interface; only the declarations of node and of the browser differ
  x509.cryptoProvider.set(webcrypto as never);
  return x509;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
/** The authority outlives many certificates: changing it means giving every zone a new file. */
const AUTHORITY_DAYS = 3650;
const SERVER_DAYS = 365;
/** A certificate is renewed when less than this is left of it. */
const RENEW_BEFORE_DAYS = 30;

/** A certificate and its private key, PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

/** Makes an authority that signs the certificates of one global's KDS server. */
export async function issueAuthority(name: string): Promise<KeyPair> {
  const x509 = library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=KDS authority of ${name}`,
    ...validFor(AUTHORITY_DAYS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: cert.toString("pem"), key: await pem(keys.privateKey) };
}

/**
 * Makes a server certificate that is valid for exactly these host names and IP addresses: a zone checks that the host
 * in its KDS address is among them and cannot be told another name.
 */
export async function issueServerCertificate(authority: KeyPair, hosts: readonly string[]): Promise<KeyPair> {
  const x509 = library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const issuer = new x509.X509Certificate(authority.cert);
  const cert = await x509.X509CertificateGenerator.create({
    subject: "CN=kuma-kds-global-server",
    issuer: issuer.subject,
    ...validFor(SERVER_DAYS),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: net.isIP(host) ? "ip" : "dns", value: host }) as const),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: cert.toString("pem"), key: await pem(keys.privateKey) };
}

/** Whether a certificate ends so soon that it should be issued anew. */
export function isDueForRenewal(certificate: string, now = Date.now()): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) - now < RENEW_BEFORE_DAYS * DAY_MS;
}

function validFor(days: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    // a positive number of 16 bytes (RFC 5280, section 4.1.2.2)
    serialNumber: `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString("hex")}`,
    // clocks of zone and global may differ a little
    notBefore: new Date(now - 5 * 60 * 1000),
    notAfter: new Date(now + days * DAY_MS),
  };
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  return library().PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function importKey(pemText: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey("pkcs8", library().PemConverter.decodeFirst(pemText), ALGORITHM, false, [
    "sign",
  ]);
}
