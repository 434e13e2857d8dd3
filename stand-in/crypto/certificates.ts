import "reflect-metadata";

import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";

import * as x509 from "@peculiar/x509";

import { RSA_BITS } from "./rsaBits";

x509.cryptoProvider.set(webcrypto);

export interface KeyPairPem {
  cert: string;
  key: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Clocks differ: a certificate is valid a little before it is made. */
const CLOCK_SKEW_MS = 10_000;

const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: RSA_BITS,
} as const;
/** For certificates that nothing but the stand-in itself uses: made in a millisecond, where RSA takes a tenth of a second. */
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * A certificate authority that signs itself, with the subject and the ten years of a mesh's builtin one.
 * Source: Kuma v2.14.3 pkg/plugins/ca/builtin/ca.go.
 */
export async function createAuthority(
  commonName: string,
  kind: "rsa" | "ec",
  days = 3650,
): Promise<KeyPairPem> {
  const algorithm = kind === "rsa" ? RSA : EC;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "00",
    name: `O=Kuma, OU=Mesh, CN=${escapeName(commonName)}`,
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: `spiffe://${commonName}` }]),
    ],
  });
  return pem(cert, keys.privateKey);
}

/** The certificate of a server that was given none: for this machine's names and addresses, as the real one makes it. */
export async function createServerCertificate(): Promise<KeyPairPem> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const names = [...new Set(["localhost", hostname(), ...localAddresses()])];
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(8).toString("hex")}`,
    name: "CN=kuma-control-plane",
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value })),
      ),
    ],
  });
  return pem(cert, keys.privateKey);
}

/** Such a certificate as `<name>.crt` and `<name>.key` in a directory, made once. */
export async function ownCertificate(directory: string, name: string): Promise<KeyPairPem> {
  const [cert, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
  if (!existsSync(cert) || !existsSync(key)) {
    const pair = await createServerCertificate();
    writeFileSync(cert, pair.cert, { mode: 0o644 });
    writeFileSync(key, pair.key, { mode: 0o600 });
  }
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

function localAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [
    "127.0.0.1",
    "::1",
    ...all.map((entry) => entry.address).filter((address) => !address.includes("%")),
  ];
}

function escapeName(value: string): string {
  return value.replace(/([,+"\\<>;=])/g, "\\$1");
}

async function pem(cert: x509.X509Certificate, privateKey: webcrypto.CryptoKey): Promise<KeyPairPem> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey));
  const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
  return { cert: `${cert.toString("pem")}\n`, key: key.export({ format: "pem", type }).toString() };
}
