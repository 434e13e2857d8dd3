import { KumaError } from "../kuma";
import { KONNECT_REGIONS, KonnectAddresses, KonnectRegion, konnectAddresses } from "../kuma/konnect";
import { standInKonnect } from "../platforms/konnect/standIn";
import { ZONE_PROVISIONING, ZoneProvisioning } from "../platforms/konnect/zoneAccess";
import { Section, wrong } from "./section";

/** A control plane that Kong hosts. */
export interface KonnectGlobalConfig {
  platform: "konnect";
  region: KonnectRegion;
  /** Either the name of a control plane, or an id. */
  controlPlane?: string;
  controlPlaneId?: string;
  /** Make it when the region has none of this name. */
  create: boolean;
  zoneProvisioning: ZoneProvisioning;
  /** Days until a zone's token ends; it is renewed before. */
  tokenDays: number;
  addresses: KonnectAddresses;
  /** See `KonnectMembership`; not needed for Konnect itself. */
  systemCaFile?: string;
  /** Where a stand-in for Konnect runs on this machine, in place of Kong's. */
  standIn?: { directory: string; portBase: number };
}

const KONNECT_SETTINGS = [
  "region",
  "controlPlane",
  "controlPlaneId",
  "create",
  "zoneProvisioning",
  "tokenDays",
];
const KONNECT_ADDRESSES = ["apiUrl", "identityUrl", "kdsAddress", "systemCaFile"];

/** `directory` is where a stand-in keeps its files. */
export function readKonnect(section: Section, directory: string): KonnectGlobalConfig {
  section.allowOnly(["platform", ...KONNECT_SETTINGS, ...KONNECT_ADDRESSES, "standIn"]);
  const region = section.oneOf("region", KONNECT_REGIONS);
  const standIn = readStandIn(section, directory);
  const [controlPlane, controlPlaneId] = [
    section.optionalText("controlPlane"),
    section.optionalText("controlPlaneId"),
  ];
  const create = section.flag("create", false);
  if ((controlPlane === undefined) === (controlPlaneId === undefined)) {
    throw new KumaError(
      "invalid",
      "Give either the setting global.controlPlane (a name) or global.controlPlaneId, so that it is clear which control plane in Konnect is meant.",
    );
  }
  if (controlPlaneId !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(controlPlaneId))
    throw wrong(section.key("controlPlaneId"), controlPlaneId, "a UUID, as Konnect shows it");
  if (controlPlaneId !== undefined && create)
    throw wrong(
      section.key("create"),
      create,
      "false where global.controlPlaneId is given: an id cannot be chosen",
    );
  const stated = standIn && standInKonnect(standIn);
  return {
    platform: "konnect",
    region,
    controlPlane,
    controlPlaneId,
    create,
    zoneProvisioning: section.oneOf("zoneProvisioning", ZONE_PROVISIONING, "systemAccount"),
    tokenDays: section.integer("tokenDays", 1, 365, 90),
    addresses: konnectAddresses(region, {
      apiUrl: section.has("apiUrl") ? section.secureUrl("apiUrl") : stated?.apiUrl,
      identityUrl: section.has("identityUrl") ? section.secureUrl("identityUrl") : stated?.identityUrl,
      kdsAddress: section.has("kdsAddress") ? section.kdsAddress("kdsAddress") : stated?.kdsAddress,
    }),
    systemCaFile: section.optionalText("systemCaFile") ?? stated?.systemCaFile,
    standIn,
  };
}

function readStandIn(section: Section, directory: string): KonnectGlobalConfig["standIn"] {
  if (!section.has("standIn")) return undefined;
  const inner = section.section("standIn");
  inner.allowOnly(["portBase"]);
  return { directory, portBase: inner.integer("portBase", 1024, 65_400) };
}
