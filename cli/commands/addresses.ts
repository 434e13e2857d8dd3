import { ControlPlane, ServiceAddress, addressesIn, byAddress, isKumaError, servicesHeld } from "../../kuma";
import { inParallel } from "../../kuma/parallel";
import { openControlPlane } from "../../platforms/openControlPlane";
import type { Arguments } from "../commandLine/arguments";
import { UsageError } from "../commandLine/usageError";
import { Standing, globalAccess } from "../stack/standing/standing";
import { standingNow } from "../stack/standing/standingNow";
import { QUICK, ZONES_AT_ONCE, withMember } from "../status/zone/memberStatus";
import { EXIT_NOT_ALL } from "../terminal/errors";
import { print } from "../terminal/print";
import { formatTable } from "../terminal/table";

/** What `addresses --output json` prints. */
export interface AddressReport {
  addresses: ServiceAddress[];
  /** Zones that could not be asked, one sentence each. */
  problems: string[];
}

export async function addresses(root: string, { stack, output, words = [] }: Arguments): Promise<number> {
  const [service, more] = words;
  if (more !== undefined)
    throw new UsageError(
      `${JSON.stringify(more)} is one argument too many. Nothing was done. npm run addresses takes the name of one service.`,
    );
  const report = await collectAddresses(await standingNow(root, stack), service);
  print(output === "json" ? JSON.stringify(report, undefined, 2) : formatAddresses(report, service));
  return report.problems.length === 0 ? 0 : EXIT_NOT_ALL;
}

/** Asks every zone that is a member of the global, side by side. */
export async function collectAddresses(standing: Standing, service?: string): Promise<AddressReport> {
  const report: AddressReport = { addresses: [], problems: [] };
  const [first] = standing.zones;
  if (!first) return report;
  let global: ControlPlane | undefined;
  try {
    global = await openControlPlane(globalAccess(standing, first), "the global control plane", QUICK);
    const opened = global;
    const all = await servicesHeld(global);
    await inParallel(standing.zones, ZONES_AT_ONCE, async (state) => {
      try {
        const found = await withMember(opened, state, QUICK, ({ zone }) =>
          addressesIn(state.zoneName, zone, all),
        );
        report.addresses.push(...found);
      } catch (error) {
        if (!isKumaError(error)) throw error;
        report.problems.push(`Zone ${state.zoneName} could not be asked. ${error.message}`);
      }
    });
  } catch (error) {
    if (!isKumaError(error)) throw error;
    report.problems.push(error.message);
  } finally {
    global?.close();
  }
  const isAsked = (each: ServiceAddress) => service === undefined || isNamed(each, service);
  return {
    addresses: report.addresses.filter(isAsked).sort(byAddress),
    problems: report.problems.sort(),
  };
}

/** By its whole name, or by that of the Service that its tag is made of in a cluster: `redis` of `redis_apps_svc_6379`. */
function isNamed({ service }: ServiceAddress, name: string): boolean {
  return service === name || service.replace(/_[^_]+_svc(_\d+)?$/, "") === name;
}

export function formatAddresses({ addresses: all, problems }: AddressReport, service?: string): string {
  const rows = all.map(({ mesh, service: name, from, address, proxy, reaches }) => [
    ...[mesh, name, from, proxy === undefined ? address : `${address} (of ${proxy})`],
    reaches.map(described).join(", ") || "nothing",
    reaches.length > 0 && reaches.every(({ zone }) => zone === from) ? "yes" : "no",
  ]);
  const none = `No zone of the stack knows ${service === undefined ? "a service" : `the service ${service}`}.`;
  return [
    rows.length === 0
      ? none
      : formatTable(["MESH", "SERVICE", "FROM ZONE", "ADDRESS", "REACHES", "STAYS IN ZONE"], rows),
    ...problems.map((problem) => `Problem: ${problem}`),
  ].join("\n\n");
}

function described({ zone, healthy, total }: ServiceAddress["reaches"][number]): string {
  if (total === undefined) return zone;
  return healthy === undefined ? `${zone} (${total})` : `${zone} (${healthy} of ${total} healthy)`;
}
