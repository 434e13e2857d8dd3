import * as pulumi from "@pulumi/pulumi";
import { unitUrl } from "../../platforms/universal/unit/location";
import { otherwise } from "../arguments/otherwise";
import type { ControlPlaneApi, ControlPlaneInstance } from "../membership";
import type { SshArgs } from "./args";

/** How a control plane on hosts is reached: at the first of its instances. */
export function apiOfHosts(
  hosts: readonly [SshArgs, ...SshArgs[]],
  unit: pulumi.Input<string>,
): ControlPlaneApi {
  const [first, ...others] = hosts.map((ssh) => apiAt(ssh, unit));
  return others.length === 0 ? first : { ...first, instances: others };
}

/** How a unit on a host is reached. */
export function apiAt(ssh: SshArgs, unit: pulumi.Input<string>): ControlPlaneInstance {
  const { host, port: givenPort, user: givenUser, ...keys } = ssh;
  const port = otherwise(givenPort, 22);
  const user = otherwise(givenUser, "root");
  return { url: pulumi.output({ host, port, user, unit }).apply(unitUrl), ssh: keys };
}
