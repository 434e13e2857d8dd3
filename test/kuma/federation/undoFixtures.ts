import type { Resource } from "../../../kuma";

export const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "provided" }] };
export const mesh: Resource = { type: "Mesh", name: "m", mtls, skipCreatingInitialPolicies: ["*"] };
export const authority: Resource = {
  type: "Secret",
  mesh: "m",
  name: "m.ca-builtin-cert-ca-1",
  data: "eA==",
};
export const route: Resource = { type: "TrafficRoute", mesh: "m", name: "r", conf: {} };
export const license: Resource = { type: "GlobalSecret", name: "license", data: "eA==" };
export const signingKey: Resource = { type: "GlobalSecret", name: "user-token-signing-key-2", data: "eA==" };
export const elsewhere: Resource = { type: "TrafficRoute", mesh: "of-others", name: "r", conf: {} };
export const ALL = [mesh, authority, route, license, signingKey, elsewhere];
export const OF_OTHERS: Resource = { type: "Mesh", name: "of-others" };
export const zone = (name: string, creationTime = "2026-01-01T00:00:00Z"): Resource => ({
  type: "Zone",
  name,
  creationTime,
});
