import * as pulumi from "@pulumi/pulumi";

/** How a control plane's REST API is reached. */
export interface ControlPlaneApi {
  /** For example `http://127.0.0.1:5681`. */
  url: pulumi.Output<string>;
  /** Bearer tokens of an admin, secret; empty where the API trusts its own machine. */
  tokens: pulumi.Output<string[]>;
}

/** Where zones connect to a global, and the authority that signed its certificate (PEM). */
export interface Kds {
  /** `grpcs://host:port`. */
  address: pulumi.Output<string>;
  ca: pulumi.Output<string>;
}
