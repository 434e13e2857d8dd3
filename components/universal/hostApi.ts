import * as pulumi from "@pulumi/pulumi";
import { unitUrl } from "../../platforms/universal/unit/location";
import type { ControlPlaneApi } from "../membership";
import type { SshArgs } from "./args";

/** How a unit on a host is reached. */
export function apiAt(ssh: SshArgs, unit: pulumi.Input<string>): ControlPlaneApi {
  const { host, port = 22, user = "root", ...keys } = ssh;
  return { url: pulumi.output({ host, port, user, unit }).apply(unitUrl), ssh: keys };
}
