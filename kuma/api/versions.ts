import { ControlPlaneInfo } from "./answers";
import { ControlPlane } from "./client";
import { capital } from "../printable";
import { KumaError } from "../errors";

/** Major and minor of a released version; undefined for previews and builds of one's own. */
export function parseVersion(version: string): { major: number; minor: number } | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  return major === undefined || version.includes("preview")
    ? undefined
    : { major: Number(major), minor: Number(minor) };
}

/**
 * Kuma and Kong Mesh 2.x. A 3.x global does not run on Kubernetes and knows no `Mesh.mtls`, so what is carried from a
 * 2.x zone would be lost there. Previews of 2.x call themselves 0.0.0-preview.
 */
export function isSupported(version: string): boolean {
  return /^v?2\./.test(version) || version.startsWith("0.0.0-preview");
}

export function assertSupported(controlPlane: ControlPlane, { product, version }: ControlPlaneInfo): void {
  if (isSupported(version)) return;
  throw new KumaError(
    "unsupportedVersion",
    `${capital(controlPlane.title)} runs ${product} ${version}; only 2.x can be federated by this program. Nothing was changed.`,
  );
}
