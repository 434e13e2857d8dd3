import { ControlPlane, Resource, keyOf } from "../../../kuma";
import { issueAuthority } from "../../../platforms/kdsCertificate";
import { adminTokens } from "../support";

export const DISABLED = { "kuma.io/kds-sync": "disabled" };
export const encoded = (text: string) => Buffer.from(text).toString("base64");
export const everything = [{ match: { "kuma.io/service": "*" } }];
export const legacy = (name: string, labels?: object) => ({
  ...{ type: "Timeout", mesh: "default", name, labels },
  ...{ sources: everything, destinations: everything, conf: { connectTimeout: "4s" } },
});
export const timeout = (name: string, labels?: object, mesh = "default") => ({
  ...{ type: "MeshTimeout", mesh, name, labels },
  spec: { to: [{ targetRef: { kind: "Mesh" }, default: { connectionTimeout: "3s" } }] },
});
export const proxy = (port: number) => ({
  ...{ type: "Dataplane", mesh: "default", name: "billing-1" },
  labels: { app: "billing", "kuma.io/workload": "billing" },
  networking: {
    address: "127.0.0.1",
    inbound: [{ port, name: "web", tags: { "kuma.io/service": "billing", "kuma.io/protocol": "http" } }],
  },
});
/** Names, labels and references that a zone on Universal takes, and that have to be there at the end. */
export async function content(): Promise<object[]> {
  const corp = await issueAuthority("corp");
  const secret = (name: string, text: string) => ({
    type: "Secret",
    mesh: "corp",
    name,
    data: encoded(text),
  });
  const source = (name: string) => ({ secret: name });
  const conf = { cert: source("corp-ca-cert"), key: source("corp-ca-key") };
  return [
    { type: "Mesh", name: "default", meshServices: { mode: "Exclusive" }, labels: { "kuma.io/env": "prod" } },
    {
      ...{ type: "Mesh", name: "corp" },
      mtls: { enabledBackend: "corp-ca", backends: [{ name: "corp-ca", type: "provided", conf }] },
    },
    secret("corp-ca-cert", corp.cert),
    secret("corp-ca-key", corp.key),
    {
      ...{ type: "MeshIdentity", mesh: "default", name: "identity" },
      spec: {
        selector: { dataplane: { matchLabels: {} } },
        provider: {
          type: "Bundled",
          bundled: {
            insecureAllowSelfSigned: true,
            certificateParameters: { expiry: "24h" },
            autogenerate: { enabled: true },
          },
        },
      },
    },
    proxy(8080),
    {
      ...{ type: "MeshService", mesh: "default", name: "shop" },
      labels: { "k8s.kuma.io/namespace": "store", team: "a" },
      spec: {
        selector: { dataplaneTags: { "kuma.io/service": "shop" } },
        ports: [{ port: 80, targetPort: 80 }],
      },
    },
    timeout("imported", { "k8s.kuma.io/namespace": "store", "kuma.io/env": "kubernetes" }),
    timeout("shown", { "kuma.io/display-name": "otherwise", "kuma.io/policy-role": "consumer" }),
    timeout("stays-here", DISABLED),
    legacy("slow", { "k8s.kuma.io/namespace": "kuma-system", "kuma.io/workload": "mine" }),
  ];
}
/** Everything of these types that a control plane holds, as it shows it, by key. */
export async function raw(url: string, types: readonly string[]): Promise<Map<string, Resource>> {
  const api = new ControlPlane({ title: "it", url, tokens: adminTokens(url) });
  const known = (await api.resourceTypes()).filter(({ name }) => types.includes(name));
  const lists = await Promise.all(known.map((type) => api.list(type)));
  api.close();
  return new Map(lists.flat().map((each) => [keyOf(each), each]));
}
