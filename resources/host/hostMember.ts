import type { Connections } from "../connections";
import { resource } from "../provider/resource";

export interface HostMemberArgs extends Connections {
  kdsAddress: string;
}

export interface HostMemberOutputs {
  /** True: the resource exists only once the zone stayed online; `npm run status` tells how it is. */
  online: boolean;
  version: string;
}

/** A zone that was installed on a host as a member of its global: online in several samples, both sides equal. */
export class HostMember extends resource<HostMemberArgs, HostMemberOutputs>()("hostMember", {
  online: "plain",
  version: "plain",
}) {}
