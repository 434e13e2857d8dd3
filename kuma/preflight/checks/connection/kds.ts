import { Check, Finding } from "../../check";
import { Dialled } from "../../dial";
import { Facts } from "../../facts";
import { NotYet } from "../../notYet";

const seenFrom = ({ host, port, from }: Dialled) => [`${host}, port ${port}, dialled from ${from}`];

/** From elsewhere than the zone's own machine a connection that fails says nothing of the zone's. */
function failed(facts: Facts, finding: Omit<Finding, "verdict">): Finding {
  return { verdict: facts.dialsAsZone ? "blocker" : "inconclusive", ...finding };
}

export const kdsReachable: Check = {
  code: "kds-reachable",
  title: "The address that the zone is to dial can be reached",
  always: true,
  async run(facts) {
    const dialled = await facts.kds();
    const evidence = seenFrom(dialled);
    if (dialled.unreachable === undefined) {
      return { verdict: "ok", sentence: "The KDS address of the global accepts connections.", evidence };
    }
    return failed(facts, {
      sentence: `The KDS address of the global cannot be reached from ${facts.vantage?.title ?? "this machine"}: ${dialled.unreachable}.`,
      evidence,
      remedy: facts.dialsAsZone
        ? "Check that the global runs, and that the KDS address is the one under which the zone reaches it."
        : "The zone runs elsewhere and may reach it: try it from there, for example with openssl s_client.",
      error: "unreachable",
    });
  },
};

const DAY_MS = 24 * 60 * 60 * 1000;
/** Days before its end from which on a certificate is warned of. */
const SOON_DAYS = 14;

export const kdsTls: Check = {
  code: "kds-tls",
  title: "The certificate at the KDS address is valid for that address, and the zone will trust it",
  always: true,
  async run(facts) {
    const { kdsAddress, kdsCa } = facts.federation;
    if (kdsAddress === undefined) throw new NotYet();
    if (!kdsAddress.startsWith("grpcs:")) {
      return {
        verdict: "warning",
        sentence:
          "The KDS address is one without TLS: what is synchronised, keys among it, crosses the network in clear text.",
        remedy: "Use an address that begins with grpcs://.",
      };
    }
    const dialled = await facts.kds();
    const { tls, host } = dialled;
    if (tls === undefined) {
      return {
        verdict: "inconclusive",
        sentence: "The certificate could not be looked at, as there is no connection to the KDS address.",
        evidence: seenFrom(dialled),
        remedy: "See kds-reachable.",
      };
    }
    const trusted =
      kdsCa === ""
        ? "the authorities of Node; the zone uses those of its system"
        : "the authority that the zone gets";
    const evidence = [
      ...seenFrom(dialled),
      `certificate for ${tls.names.join(", ") || "no name"}${tls.issuer === undefined ? "" : `, issued by ${tls.issuer}`}`,
      `checked with ${trusted}`,
    ];
    if (tls.failed !== undefined) {
      return failed(facts, {
        sentence: `The KDS address of the global accepts connections, but no TLS handshake: ${tls.failed}.`,
        evidence: seenFrom(dialled),
        remedy: "Is that the port of the KDS server (5685 by default)?",
      });
    }
    const isForeign =
      tls.rejected !== undefined && kdsCa === "" && !/ALTNAME|EXPIRED|NOT_YET/.test(tls.rejected);
    if (isForeign) {
      return {
        verdict: "inconclusive",
        sentence: `The certificate at the KDS address is signed by an authority that is not known here (${tls.rejected}); the zone's system may know it.`,
        evidence,
        remedy: "Name the file with the authority in the stack (kdsCaFile), then the zone gets it.",
      };
    }
    // other than Node, a control plane takes no name from the subject
    const rejected =
      tls.rejected ?? (tls.names.length === 0 ? "it holds no name that it is valid for" : undefined);
    if (rejected !== undefined) {
      return {
        verdict: "blocker",
        sentence: `The zone would refuse the certificate at the KDS address ${host}: ${inWords(rejected, host)}.`,
        evidence,
        remedy:
          "Give the global a certificate with that host name or IP address among its names, and the zone the authority that signed it.",
      };
    }
    if (tls.protocol !== "h2") {
      return {
        verdict: "warning",
        sentence: `What answers at the KDS address ${host} does not agree to HTTP/2 (ALPN), which KDS, being gRPC, goes by: a zone with Kuma 2.14 refuses it ("missing selected ALPN property").`,
        evidence,
        remedy:
          "Have the Ingress or load balancer before the global pass TCP through to the KDS server, or speak gRPC (HTTP/2) on both of its sides.",
      };
    }
    const daysLeft = tls.notAfter === undefined ? undefined : (tls.notAfter.getTime() - Date.now()) / DAY_MS;
    if (daysLeft !== undefined && daysLeft < SOON_DAYS) {
      return {
        verdict: "warning",
        sentence: `The certificate at the KDS address ends in ${Math.floor(daysLeft)} day(s); the zone loses its global then.`,
        evidence,
        remedy: "Renew it; a control plane reads a new one when it is started.",
      };
    }
    return { verdict: "ok", sentence: "The zone will accept the certificate at the KDS address.", evidence };
  },
};

function inWords(rejected: string, host: string): string {
  if (rejected.includes("ALTNAME")) return `it is not valid for ${host}`;
  if (rejected.includes("EXPIRED")) return "it has expired";
  if (rejected.includes("NOT_YET")) return "it is not valid yet";
  return /^[A-Z_]+$/.test(rejected)
    ? `it was not signed by the authority that the zone gets (${rejected})`
    : rejected;
}
