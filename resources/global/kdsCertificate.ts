import { resource } from "../provider/resource";

export interface KdsCertificateArgs {
  /** What the authority is called. */
  name: string;
  /** Host names and IP addresses that zones dial. */
  hosts: string[];
}

export interface KdsCertificateOutputs {
  /** PEM, like all that follow. */
  ca: string;
  /** Secret: it signs the next certificate, so that zones can go on trusting the same authority. */
  caKey: string;
  cert: string;
  /** Secret. */
  key: string;
}

/** An authority and a server certificate of its own for a global's KDS server; renewed 30 days before its end. */
export class KdsCertificate extends resource<KdsCertificateArgs, KdsCertificateOutputs>()("kdsCertificate", {
  ca: "plain",
  caKey: "secret",
  cert: "plain",
  key: "secret",
}) {}
