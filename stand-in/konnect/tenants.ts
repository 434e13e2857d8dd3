import type { ControlPlaneRecord, Organization } from "./organization";
import { Tenant } from "./tenant";

/** The hosted control planes, by id. */
export class Tenants {
  private readonly byId = new Map<string, Tenant>();

  constructor(
    private readonly organization: Organization,
    private readonly workDir: string,
  ) {}

  async open(): Promise<void> {
    for (const record of this.organization.controlPlanes) {
      await this.load(record);
    }
  }

  close(): void {
    for (const tenant of this.byId.values()) {
      tenant.close();
    }
  }

  get(id: string): Tenant | undefined {
    return this.byId.get(id);
  }

  async create(record: ControlPlaneRecord): Promise<ControlPlaneRecord> {
    await this.load(record);
    this.organization.addControlPlane(record);
    return record;
  }

  remove(id: string): void {
    this.byId.get(id)?.remove();
    this.byId.delete(id);
    this.organization.removeControlPlane(id);
  }

  private async load(record: ControlPlaneRecord): Promise<void> {
    const tenant = new Tenant(record, this.workDir);
    await tenant.open();
    this.byId.set(record.id, tenant);
  }
}
