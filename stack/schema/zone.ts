import * as v from "valibot";
import { TOKEN_DAYS } from "../../components/arguments/limits";
import { PROFILES } from "../../kuma/api/resourceTypes";
import { FEDERATED_ZONE_NAME, FEDERATED_ZONE_NAME_IN_WORDS } from "../../kuma/resource/names";
import { choice, flag, integer, object, optional, otherwise, setting, text } from "./fields";

const NAME = v.pipe(text(), v.regex(FEDERATED_ZONE_NAME, FEDERATED_ZONE_NAME_IN_WORDS));

export const ZONE_NAME = setting("the name that the zone has", NAME);
/** What each zone has beside its name, wherever it runs. */
export const ZONE = {
  federated: setting(
    "`false` takes the zone off the global and lets it run alone again",
    otherwise(true, flag()),
    "docs/undo.md",
  ),
  enabled: setting(
    "`false` disables the zone on the global: other zones no longer get its services and its zone ingress; left as it is there when left out",
    optional(flag()),
    "docs/zones.md",
  ),
  remove: setting(
    "`force` for a zone that has died for ever: it is taken off the global and out of the state, and its control plane is not asked",
    optional(choice(["force"])),
    "docs/zones.md#a-zone-that-died",
  ),
  cpToken: setting(
    "for a global of Kong Mesh that asks zones for a token (`cpToken`): the global issues it, `{}` for one of a year",
    optional(
      object({
        tokenDays: setting(
          "days until it ends; it is renewed 30 days before, and the zone restarted with it",
          otherwise(365, integer(...TOKEN_DAYS)),
        ),
      }),
    ),
    "docs/security.md#tokens-of-zones",
  ),
  profile: setting(
    "which of its resources become the global's; `federation` when left out, and with `federation-with-policies` also its policies",
    optional(choice(PROFILES)),
    "docs/profiles.md",
  ),
};
