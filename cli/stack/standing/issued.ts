import { X509Certificate } from "node:crypto";
import type { Ending } from "../../../kuma";
import type { Part } from "./parts";

/**
 * Certificates and tokens of zones that the stack has made, by what its state knows of them. A run makes them anew before
 * they end (`resources/`); where none comes in time, nobody else does.
 */
export function issuedIn(parts: readonly Part[]): Ending[] {
  return parts.flatMap((part): Ending[] => {
    const { name, outputs } = part;
    const { zoneName = "", ends, kind, account, cert } = outputs as Partial<Issued>;
    switch (part.type.split(":").at(-1)) {
      case "HostProxy":
        return ending(`token of the zone ${kind} ${outputs.name} of zone ${zoneName}`, zoneName, ends);
      case "CpToken":
        return ending(`token that zone ${zoneName} shows its global`, zoneName, ends);
      case "KonnectZone":
        return ending(`token that zone ${zoneName} shows Konnect`, zoneName, account?.expiresAt);
      case "KdsCertificate": {
        if (part.component !== "ZoneControlPlane" || cert === undefined) return [];
        const zone = zoneOf(parts, name);
        return ending(`certificate of the control plane of zone ${zone}`, zone, endOf(cert));
      }
      default:
        return [];
    }
  });
}

interface Issued {
  zoneName: string;
  ends?: string;
  kind?: string;
  account?: { expiresAt: string };
  cert?: string;
}

function ending(what: string, zone: string, ends: string | undefined): Ending[] {
  return ends === undefined ? [] : [{ what, zone, ends, renewed: false }];
}

function endOf(certificate: string): string {
  return new Date(new X509Certificate(certificate).validTo).toISOString();
}

/** A component's resources are called after it; its member tells of which zone it is. */
function zoneOf(parts: readonly Part[], certificate: string): string {
  const component = certificate.replace(/-server$/, "");
  const member = parts.find(({ name }) => name === `${component}-member`);
  return (member?.outputs.zoneName as string | undefined) ?? component;
}
