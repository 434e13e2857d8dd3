import { randomBytes } from "node:crypto";
import type { ControlPlane } from "../../kuma";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { Proxy, findDataPlane } from "../../platforms/universal/dataPlaneProxy";
import { freePortBase } from "../../platforms/universal/ports";
import { isStandIn } from "../../platforms/universal/settings";
import type { ZoneConfig } from "../../stack/settings/controlPlanes";

/** Makes a data plane proxy that nobody calls and that calls nobody, to see whether it can join; nothing of it runs yet. */
export type ProxyMaker = () => Promise<Proxy>;

const NAME = "kuma-federation-drill";
/** Beside the ports of the proxy itself. */
const OUTBOUND = 10;

/** What makes throw-away proxies in a zone, or why there are none. Its token is had beforehand: later nobody may give one. */
export async function throwAwayProxies(
  zone: ControlPlane,
  config: ZoneConfig,
  mesh: string,
): Promise<ProxyMaker | { skipped: string }> {
  if (config.platform !== "universal")
    return { skipped: "a proxy is started for it in zones on this machine alone" };
  const process = new ControlPlaneProcess(config.directory);
  const settings = process.settings();
  if (settings && isStandIn(settings)) return { skipped: "the stand-in has no data plane" };
  const programs = findDataPlane();
  if (!programs)
    return { skipped: "kuma-dp and envoy are not on PATH; the variables KUMA_DP and ENVOY name them" };
  const name = `${NAME}-${randomBytes(3).toString("hex")}`;
  const asked = { mesh, name, type: "dataplane", validFor: "1h" };
  const token = (
    await zone.post("/tokens/dataplane", asked, "a token for a throw-away data plane proxy")
  ).trim();
  return async () => {
    const base = await freePortBase();
    return new Proxy({
      programs,
      controlPlane: { port: process.ports.dataplanes, caFile: process.file("work/kuma-cp.crt") },
      token,
      base,
      // a delegated gateway is no service of the mesh: no other proxy learns of it. Without an outbound it has no listener, and
      // Envoy waits for one for ever (Kuma v2.14.3 answers no request for listeners where there are none)
      dataplane: {
        ...{ name, mesh },
        networking: {
          gateway: { type: "DELEGATED", tags: { "kuma.io/service": NAME } },
          outbound: [{ port: base + OUTBOUND, tags: { "kuma.io/service": NAME } }],
        },
      },
      isGuarded: true,
    });
  };
}
