import { KumaError } from "../../errors";
import type { HttpOptions } from "./transport";
import { isPrivate, withoutCredentials } from "./tls";

export interface ControlPlaneAddress extends HttpOptions {
  /** How messages call it, for example "the zone control plane". */
  title: string;
  /** Base of the REST API, for example `http://localhost:5681`. */
  url: string;
  /** What stands for the URL in messages, where that leads through a port of this process's own. */
  reference?: string;
  /** Bearer tokens; when one is refused (401, 403) the others are tried, and the one that is accepted goes on serving. */
  tokens?: string[];
  /** Milliseconds for a whole list. Default 300,000. */
  listDeadlineMs?: number;
}

/** Fails where it is no URL, or leads across a network without TLS. */
export function parseUrl({ url, title }: ControlPlaneAddress): URL {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // told below
  }
  if (!parsed || !["http:", "https:"].includes(parsed.protocol)) {
    throw new KumaError(
      "invalid",
      `The address of ${title} must be a URL such as http://localhost:5681, not ${JSON.stringify(withoutCredentials(url))}.`,
    );
  }
  if (isPrivate(parsed)) return parsed;
  throw new KumaError(
    "invalid",
    `The address of ${title}, ${withoutCredentials(url)}, is without TLS: tokens and keys would cross the network in clear. ` +
      `Nothing was sent. Use https://, with apiCaFile where its authority is not one of the system's; http:// leads to this machine only.`,
  );
}
