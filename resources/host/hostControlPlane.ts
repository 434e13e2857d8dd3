import type { Admin } from "../../platforms/universal/adminAccess";
import type { DatabaseServer, Role } from "../../platforms/universal/install/controlPlane";
import { resource } from "../provider/resource";
import type { HostPlace } from "./hostPlace";

export interface HostControlPlaneArgs extends HostPlace {
  /** Secret, as it may hold a key. */
  role: Role;
  /** Secret. Where it keeps what it has; in memory when left out. */
  postgres?: DatabaseServer;
  /** Secret. Empty at first: made when it is checked for the first time. That of the first instance, of another one. */
  admin: Partial<Admin>;
  /** Of an instance beside another one: the id of the store that they share. */
  sharedWith?: string;
  /** Secret. Of the first instance: the others, which are looked at before anything is changed. */
  others?: Pick<HostPlace, "url" | "ssh" | "title" | "owner">[];
  /** Secret, as it may hold some: of its configuration file, under what is set here. */
  config?: Record<string, unknown>;
  /** Its data and its user go with it. */
  removesData?: boolean;
}

export interface HostControlPlaneOutputs {
  product: string;
  version: string;
  /** Of the store that instances share; of the first of several. */
  storeId?: string;
  /** True: the stack has made it. */
  created: boolean;
}

/** A control plane that the stack installs on a host, as a unit of systemd. */
export class HostControlPlane extends resource<HostControlPlaneArgs, HostControlPlaneOutputs>()(
  "hostControlPlane",
  {
    product: "plain",
    version: "plain",
    storeId: "plain",
    created: "plain",
    ssh: "secret",
    role: "secret",
    admin: "secret",
  },
) {}
