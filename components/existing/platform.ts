import * as pulumi from "@pulumi/pulumi";
import { ExistingGlobal } from "../../resources";
import { otherwise } from "../arguments/otherwise";
import { type ControlPlaneApi, globalConnectionOf } from "../membership";
import type { GlobalOptions, GlobalParts, Platform } from "../platform";
import type { ExistingGlobalArgs } from "./args";

/** A global control plane that others run: it is read and written, and never changed itself. */
export const platform: Platform<ExistingGlobalArgs> = { global };

function global(
  { apiUrl, apiCa, kdsAddress, kdsCa }: ExistingGlobalArgs,
  { name, parent, apiToken }: GlobalOptions,
): GlobalParts {
  const api: ControlPlaneApi = {
    url: apiUrl,
    tokens: apiToken ? [apiToken.apply((token) => [token])] : [],
    ...(apiCa !== undefined && { ca: apiCa }),
  };
  const { product, version } = new ExistingGlobal(name, globalConnectionOf(api), { parent });
  return {
    ...{ api, product, version },
    kdsAddress: pulumi.output(kdsAddress),
    kdsCa: pulumi.output(otherwise(kdsCa, "")),
    guiUrl: pulumi.interpolate`${apiUrl}/gui`,
  };
}
