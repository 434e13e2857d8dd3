import { isDueForRenewal, issueAuthority, issueServerCertificate } from "../../platforms/kdsCertificate";
import { Handler } from "../handler";

interface Inputs {
  /** What the authority is called. */
  name: string;
  /** Host names and IP addresses that zones dial. */
  hosts: string[];
}

interface Outputs extends Inputs {
  ca: string;
  /** Secret: it signs the next certificate, so that zones can go on trusting the same authority. */
  caKey: string;
  cert: string;
  /** Secret. */
  key: string;
}

export const kdsCertificate: Handler<Inputs, Outputs> = {
  diff: async (_, olds, news) => ({
    changes:
      JSON.stringify(olds.hosts) !== JSON.stringify(news.hosts) ||
      isDueForRenewal(olds.cert) ||
      isDueForRenewal(olds.ca),
  }),
  async create(inputs) {
    const authority = await issueAuthority(inputs.name);
    return { id: inputs.name, outs: await withCertificate(inputs, authority.cert, authority.key) };
  },
  async update(_, olds, news) {
    if (!isDueForRenewal(olds.ca)) return withCertificate(news, olds.ca, olds.caKey);
    const authority = await issueAuthority(news.name);
    return withCertificate(news, authority.cert, authority.key);
  },
  // nothing exists outside the state
  delete: async () => {},
};

async function withCertificate(inputs: Inputs, ca: string, caKey: string): Promise<Outputs> {
  const { cert, key } = await issueServerCertificate({ cert: ca, key: caKey }, inputs.hosts);
  return { ...inputs, ca, caKey, cert, key };
}
