import * as v from "valibot";
import { KONNECT_TOKEN_DAYS } from "../../components/arguments/limits";
import { KONNECT_REGIONS } from "../../kuma/konnect/regions";
import type { ZoneProvisioning } from "../../platforms/konnect/zoneAccess";
import {
  choice,
  flag,
  integer,
  kdsAddress,
  object,
  optional,
  otherwise,
  portBase,
  secureUrl,
  setting,
  text,
} from "./fields";

const WHY_SECURE = "the Konnect token is sent there";

const STAND_IN = object({ portBase: setting("number from which its ports count", portBase()) });

const ID = v.pipe(
  text(),
  v.regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "a UUID, as Konnect shows it"),
);

/** A control plane that Kong hosts. */
export const KONNECT_GLOBAL = v.pipe(
  object({
    platform: setting("one that Kong hosts", v.literal("konnect"), "docs/konnect.md#settings"),
    region: setting("of the control plane; each is in one only", choice(KONNECT_REGIONS)),
    controlPlane: setting("its name; either this or `controlPlaneId`", optional(text())),
    controlPlaneId: setting("its id", optional(ID)),
    create: setting(
      "makes it when there is none of this name; `destroy` deletes it then",
      otherwise(false, flag()),
    ),
    zoneProvisioning: setting(
      "how a zone gets its token. `wizard` uses the call that Konnect's web wizard makes: Kong does not document it, it may " +
        "change any day, and its token has an end that cannot be chosen or renewed",
      otherwise("systemAccount", choice<ZoneProvisioning>(["systemAccount", "wizard"])),
    ),
    tokenDays: setting(
      "days until a zone's token ends, 365 at the most; it is renewed before",
      otherwise(90, integer(...KONNECT_TOKEN_DAYS)),
      "docs/konnect.md#tokens",
    ),
    apiUrl: setting(
      "default the region's; of a stand-in or a proxy of your own",
      optional(secureUrl(WHY_SECURE)),
    ),
    identityUrl: setting("the same, of the organisation's API", optional(secureUrl(WHY_SECURE))),
    kdsAddress: setting("the same, what zones dial", optional(kdsAddress())),
    systemCaFile: setting(
      "stands in for the system's authorities in the zone's process (`SSL_CERT_FILE`), where a network has a TLS proxy. With " +
        "Konnect itself it is not needed, and an authority for the global alone is refused",
      optional(text()),
    ),
    standIn: setting(
      "runs a stand-in for Konnect on this machine, in place of Kong's",
      optional(STAND_IN),
      "docs/konnect-stand-in.md",
    ),
  }),
  v.partialCheck(
    [["controlPlane"], ["controlPlaneId"]],
    ({ controlPlane, controlPlaneId }) => (controlPlane === undefined) !== (controlPlaneId === undefined),
    "Give either the setting {key}.controlPlane (a name) or {key}.controlPlaneId, so that it is clear which control plane in Konnect is meant.",
  ),
  v.forward(
    v.partialCheck(
      [["controlPlaneId"], ["create"]],
      ({ controlPlaneId, create }) => controlPlaneId === undefined || !create,
      "false where global.controlPlaneId is given: an id cannot be chosen",
    ),
    ["create"],
  ),
);
