import type { KonnectGlobalConfig } from "../components/konnectConfig";
import { KumaError } from "../kuma";
import { KONNECT_REGIONS, konnectAddresses } from "../kuma/konnect";
import { standInKonnect } from "../platforms/konnect/standIn";
import { ZONE_PROVISIONING } from "../platforms/konnect/zoneAccess";
import { Section, wrong } from "./section";

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
