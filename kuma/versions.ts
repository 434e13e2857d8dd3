import { ControlPlane, ControlPlaneInfo, capital } from "./client";
import { KumaError } from "./errors";

/**
 * Kuma and Kong Mesh 2.x. A 3.x global does not run on Kubernetes and knows no `Mesh.mtls`, so what is carried from a
 * 2.x zone would be lost there. Previews of 2.x call themselves 0.0.0-preview.
 */
export function assertSupported(controlPlane: ControlPlane, { product, version }: ControlPlaneInfo): void {
  const major = /^v?(\d+)\./.exec(version)?.[1];
  if (major === "2" || version.startsWith("0.0.0-preview")) return;
  throw new KumaError(
    "unsupportedVersion",
    `${capital(controlPlane.title)} runs ${product} ${version}; only 2.x can be federated by this program. Nothing was changed.`,
  );
}
