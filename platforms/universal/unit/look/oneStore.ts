import { KumaError } from "../../../../kuma";

/** Where an instance of a control plane keeps what it has. */
export interface InstanceStore {
  /** How messages call the instance: "kuma-cp.service on host mesh@zone-a". */
  title: string;
  storeType: string;
  /** Where that is Postgres. */
  database?: string;
  /** Each store has its own. */
  storeId?: string;
}

/** Fails where the instances are not those of one control plane, as what each has is another's. */
export function assertOneStore(instances: readonly InstanceStore[]): void {
  if (instances.length < 2) return;
  const own = instances.find(({ storeType }) => storeType !== "postgres");
  if (own)
    throw new KumaError(
      "invalid",
      `${own.title} is one of ${instances.length} instances in the setting ssh, and keeps what it has ${own.storeType === "memory" ? "in memory, which no other one shares" : `in a store of the type ${own.storeType}`}. ` +
        `Nothing was changed. Several instances of a control plane need one PostgreSQL database; with another store name one host.`,
    );
  const [first, ...others] = instances;
  const apart = others.find((each) => differ(each.database, first.database));
  if (apart) throw notShared(first, apart, ` (${first.database} and ${apart.database})`);
  const stranger = others.find((each) => differ(each.storeId, first.storeId));
  if (stranger) throw notShared(first, stranger, ": each has a store of its own");
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function notShared(first: InstanceStore, other: InstanceStore, how: string): KumaError {
  return new KumaError(
    "invalid",
    `${first.title} and ${other.title} do not share a database${how}, so they are not instances of one control plane. Nothing was changed. ` +
      `Name hosts in the setting ssh whose control planes are on the same database.`,
  );
}
