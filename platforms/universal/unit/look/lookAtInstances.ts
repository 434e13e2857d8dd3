import type { ControlPlane } from "../../../../kuma";
import { type UnitFacts, lookAtUnit } from "./lookAtUnit";
import { assertOneStore } from "./oneStore";
import { storeIdOf } from "./storeId";
import type { UnitOnHost } from "../unitHost";

/** An instance of a zone's control plane. */
export interface Instance extends UnitOnHost {
  zone: ControlPlane;
}

/**
 * Looks at all instances of a zone that is to be switched, and changes nothing; gives what each is, the first one first. Fails
 * with one sentence where one of them could not be switched, or is not of the same zone.
 */
export async function lookAtInstances(
  instances: readonly Instance[],
  federatedDatabase: string | undefined,
): Promise<UnitFacts[]> {
  const looked = await Promise.all(
    instances.map(async ({ host, unit, zone }) => {
      const facts = await lookAtUnit(host, unit, zone, federatedDatabase);
      const storeId = instances.length > 1 ? await storeIdOf(zone) : undefined;
      return { facts, storeId, title: `${unit} on ${host.title}` };
    }),
  );
  // of a zone that is half switched one instance is on the next database already, which is another store
  const now = looked[0].facts.database?.name;
  const stores = looked.map(({ facts: { storeType, database }, storeId, title }) => ({
    ...{ title, storeType },
    ...(database?.name === now && storeId !== undefined && { storeId }),
  }));
  assertOneStore(stores);
  return looked.map(({ facts }) => facts);
}
