import { createHash } from "node:crypto";
import { type ControlPlane, isKumaError } from "../../../../kuma";
import { valueAt } from "../../../../kuma/api/json";
import { until } from "../../../../kuma/until";

/** The leader makes it at its first start. No use to wait for it where it is not shown. */
const MADE_MS = 15_000;

/**
 * Tells the store of a control plane from others, to instances that share it: a digest of the authority that each store has for
 * itself, in a zone as well, where the cluster id is the global's (Kuma v2.14.3, pkg/kds/context/context.go). Undefined where it is not told.
 */
export async function storeIdOf(controlPlane: ControlPlane): Promise<string | undefined> {
  const read = async () => {
    try {
      const data = valueAt(
        await controlPlane.getJson("/globalsecrets/envoy-admin-ca", "what tells its store"),
        "data",
      );
      return typeof data === "string" && data !== ""
        ? createHash("sha256").update(data).digest("hex")
        : "notMade";
    } catch (error) {
      if (isKumaError(error, "notFound")) return "notMade";
      if (isKumaError(error, "unauthenticated", "forbidden", "unreachable")) return "notTold";
      throw error;
    }
  };
  const id = await until(read, {
    deadlineMs: MADE_MS,
    everyMs: 500,
    isThere: (found) => found !== "notMade",
  });
  return id === "notMade" || id === "notTold" ? undefined : id;
}
