import { isDueForRenewal, issueAuthority, issueServerCertificate } from "../../platforms/kdsCertificate";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { KdsCertificate } from "./kdsCertificate";

type Inputs = InputsOf<typeof KdsCertificate>;
type Outputs = StateOf<typeof KdsCertificate>;

export const kdsCertificate: HandlerOf<typeof KdsCertificate> = {
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
