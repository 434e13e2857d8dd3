import * as pulumi from "@pulumi/pulumi";
import { konnectAddresses } from "../../kuma/konnect";
import { KonnectControlPlane, KonnectZone } from "../../resources";
import { assertWithin } from "../arguments/bounds";
import { KONNECT_TOKEN_DAYS } from "../arguments/limits";
import { exactlyOne } from "../arguments/exactlyOne";
import { otherwise } from "../arguments/otherwise";
import type { KonnectMembership } from "../membership";
import type { GlobalOptions, GlobalParts, Place, Platform } from "../platform";
import type { KonnectGlobalArgs } from "./args";

const GUI = "https://cloud.konghq.com/mesh-manager";

/** A global control plane that Kong hosts. */
export const platform: Platform<KonnectGlobalArgs> = { global };

function global(args: KonnectGlobalArgs, { name, parent, apiToken }: GlobalOptions): GlobalParts {
  const { region, controlPlane, controlPlaneId: chosenId, systemCaFile } = args;
  const create = otherwise(args.create, false);
  const zoneProvisioning = otherwise(args.zoneProvisioning, "systemAccount");
  const tokenDays = otherwise(args.tokenDays, 90);
  exactlyOne({ controlPlane, controlPlaneId: chosenId }, ["controlPlane", "controlPlaneId"], parent);
  assertWithin(tokenDays, KONNECT_TOKEN_DAYS, "konnect.tokenDays", parent);
  const { apiUrl, identityUrl, kdsAddress } = pulumi
    .output({
      apiUrl: args.apiUrl,
      identityUrl: args.identityUrl,
      kdsAddress: args.kdsAddress,
      region,
    })
    .apply(({ region: where, ...given }) => konnectAddresses(where, given));
  const token = apiToken ?? pulumi.secret("");
  const found = new KonnectControlPlane(
    name,
    {
      ...{ region, name: controlPlane, chosenId, create, provisioning: zoneProvisioning },
      ...{ apiUrl, identityUrl, kdsAddress, token },
    },
    { parent },
  );
  const { controlPlaneId, limits, hostedUrl, product, version } = found;
  const access = { region, apiUrl, identityUrl, token, zoneProvisioning, tokenDays };
  return {
    api: { url: hostedUrl, tokens: apiToken ? [apiToken.apply((each) => [each])] : [] },
    kdsAddress,
    // the authority is left to the zone's system: Konnect's certificate is a public one
    kdsCa: pulumi.output(""),
    ...{ product, version },
    guiUrl: pulumi
      .all([apiUrl, hostedUrl])
      .apply(([konnect, own]) => (isKongs(konnect) ? GUI : `${own}/gui`)),
    konnect: {
      ...{ controlPlaneId, ...access, limits: limits as unknown as pulumi.Output<Record<string, number>> },
      ...(systemCaFile !== undefined && { systemCaFile }),
    },
  };
}

/** A stand-in has a GUI of its own. */
function isKongs(apiUrl: string): boolean {
  return new URL(apiUrl).hostname.endsWith(".konghq.com");
}

/** What lets a zone connect with Konnect; removed after the zone has left. */
export function accessOf(
  zoneName: pulumi.Input<string>,
  konnect: KonnectMembership,
  { name, parent }: Place,
): KonnectZone {
  const { controlPlaneId, region, apiUrl, identityUrl, token, zoneProvisioning, tokenDays } = konnect;
  return new KonnectZone(
    `${name}-konnect-access`,
    {
      ...{ zoneName, controlPlaneId, region, apiUrl, identityUrl, token, tokenDays },
      provisioning: zoneProvisioning as pulumi.Input<"systemAccount" | "wizard">,
    },
    { parent },
  );
}

/** Secret: what a zone outside of clusters is told to connect with Konnect. */
export function konnectOf({ controlPlaneId, systemCaFile }: KonnectMembership, { zoneToken }: KonnectZone) {
  return pulumi.secret(
    pulumi
      .all([controlPlaneId, zoneToken, systemCaFile])
      .apply(([id, token, file]) => ({ controlPlaneId: id, token, ...(file && { systemCaFile: file }) })),
  );
}
