import { ControlPlane, ServiceAddress, addressesIn, isKumaError } from "../../kuma";
import type { HttpOptions } from "../../kuma/api/http/transport";
import { inParallel } from "../../kuma/parallel";
import { openControlPlane } from "../../platforms/openControlPlane";
import type { Arguments } from "../commandLine/arguments";
import { UsageError } from "../commandLine/usageError";
import { assertBegun, notUp } from "../stack/begun";
import { withoutSecrets } from "../stack/stackFile";
import { Standing, globalAccess, readStanding } from "../stack/standing";
import { openWithEngine } from "../stack/workspace";
import { withMember } from "../status/memberStatus";
import { EXIT_NOT_ALL } from "../terminal/errors";
import { print, tell } from "../terminal/print";
import { formatTable } from "../terminal/table";

const QUICK: HttpOptions = { attempts: 3, requestTimeoutMs: 10_000 };
const ZONES_AT_ONCE = 10;

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
  assertBegun(root, stack);
  tell(`Reading the state of stack ${stack}…`);
  const standing = await readStanding(await openWithEngine(root, stack, withoutSecrets));
  if (!standing) throw notUp(stack);
  const report = await collectAddresses(standing, service);
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
    await inParallel(standing.zones, ZONES_AT_ONCE, async (state) => {
      try {
        const found = await withMember(opened, state, QUICK, ({ zone }) =>
          addressesIn(state.zoneName, zone, opened),
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
  const isAsked = (each: ServiceAddress) => service === undefined || each.service === service;
  const key = ({ mesh, service: name, from, address }: ServiceAddress) =>
    [mesh, name, from, address].join(" ");
  return {
    addresses: report.addresses.filter(isAsked).sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    problems: report.problems.sort(),
  };
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
