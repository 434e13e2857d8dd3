import { KumaError } from "../../errors";

/** Whether what is sent to this address stays between the two: by TLS, or on this machine. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** What stands between `//` and `@` may be a password. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/]*@/, "//");
}

/**
 * Node's own switch takes the check of every certificate away, in this process and in those that it starts: whoever is on
 * the way to a control plane would get tokens and keys.
 */
export function assertTlsVerified(environment: NodeJS.ProcessEnv = process.env): void {
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED !== "0") return;
  throw new KumaError(
    "invalid",
    "The variable NODE_TLS_REJECT_UNAUTHORIZED is 0, so that no certificate would be checked. Nothing was done. " +
      "Unset it, and name the authority of a control plane with the setting apiCaFile of the global (the component's argument apiCa), or with NODE_EXTRA_CA_CERTS.",
  );
}
