import type * as pulumi from "@pulumi/pulumi";

/** A global control plane that others run. An admin's token for it is given as `apiToken`. */
export interface ExistingGlobalArgs {
  /** Address of its API: `https://`, or `http://` to this machine. */
  apiUrl: pulumi.Input<string>;
  /**
   * PEM of the authority that signed the certificate of its API.
   *
   * @default the system's authorities
   */
  apiCa?: pulumi.Input<string>;
  /** What zones dial: `grpcs://host:port`. */
  kdsAddress: pulumi.Input<string>;
  /**
   * PEM of the authority that signed the certificate of its KDS server.
   *
   * @default the system's authorities
   */
  kdsCa?: pulumi.Input<string>;
}
