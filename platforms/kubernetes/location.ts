/** Where a control plane runs in a cluster. */
export interface ControlPlaneLocation {
  context: string;
  namespace: string;
  service: string;
}

/** `kubernetes://<context>/<namespace>/<service>`: how such a control plane is named where others have a URL. */
export function locationUrl({ context, namespace, service }: ControlPlaneLocation): string {
  return `kubernetes://${encodeURIComponent(context)}/${namespace}/${service}`;
}

export function parseLocation(url: string): ControlPlaneLocation | undefined {
  const match = /^kubernetes:\/\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(url);
  if (!match) return undefined;
  const [, context, namespace, service] = match;
  return { context: decodeURIComponent(context), namespace, service };
}
