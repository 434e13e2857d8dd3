import { output } from "../../platforms/universal/hosts/host";
import { withHosts } from "../../platforms/universal/hosts/hosts";
import { titleOf } from "../../platforms/universal/hosts/sshAccess";
import { isKnown } from "../provider/handler";
import type { ZonePlace } from "../zone/universal/zoneRuntime";

type Given = Pick<ZonePlace, "proxyHosts">;

/** Fails where a host that is new in the list cannot be looked at; one that is known may be away for a time. */
export async function assertNewHostsAnswer(
  { proxyHosts: former = [] }: Given,
  { proxyHosts = [] }: Given,
): Promise<void> {
  if (!isKnown(proxyHosts)) return;
  const known = new Set(former.map(titleOf));
  await withHosts(
    proxyHosts.filter((each) => !known.has(titleOf(each))),
    (hosts) =>
      Promise.all(
        hosts.map((host) => output(host, ["true"], "look for data plane proxies", { asRoot: true })),
      ),
  );
}
