import { KumaError, capital, isKumaError } from "../../../kuma";
import { dial } from "../../../kuma/preflight/dial";
import { tellsOfZone, told } from "../../failedSwitch";
import type { Host } from "../hosts/host";
import { errorsFrom } from "../unit/untilUp";

/** A zone that is to be installed, and where it is to join. */
interface Joining {
  title: string;
  kdsAddress: string;
  kdsCa: string;
}

/** Fails where the host does not get through to the global that its zone is to join: nothing is installed then. */
export async function assertReachesGlobal(host: Host, { title, kdsAddress, kdsCa }: Joining): Promise<void> {
  const { title: from } = host;
  const { unreachable, tls } = await dial(kdsAddress, kdsCa, host);
  const why =
    unreachable !== undefined
      ? `cannot be reached from ${from}: ${unreachable}`
      : tls?.failed !== undefined
        ? `accepts connections from ${from}, but no TLS handshake: ${tls.failed}`
        : undefined;
  if (why === undefined) return;
  throw new KumaError(
    "unreachable",
    `${capital(title)} was not installed, and nothing was changed on its host: the KDS address of the global, ${kdsAddress}, ${why}. ` +
      `Check that the global runs, and that this is an address under which the zone reaches it; then run it again.`,
  );
}

/** Has a failure to become a member tell what the zone's control plane says of it meanwhile. */
export async function tellingWhy<T>(host: Host, unit: string, join: () => Promise<T>): Promise<T> {
  const said = await errorsFrom(host, unit);
  try {
    return await join();
  } catch (error) {
    if (!isKumaError(error) || !tellsOfZone(error)) throw error;
    throw new KumaError(error.code, `${error.message}${told(await said())}`);
  }
}
