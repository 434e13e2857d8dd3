import * as pulumi from "@pulumi/pulumi";
import type { GlobalMembership } from "./membership";

/** A value that comes once a resource is there. The URN of a resource is known in previews as well. */
export function after<T>({ urn }: pulumi.Resource, value: pulumi.Input<T>): pulumi.Output<T> {
  return pulumi.all([value, urn]).apply(([each]) => each) as pulumi.Output<T>;
}

/** A membership that whoever joins next has once a resource is there. */
export function membershipAfter(
  resource: pulumi.Resource,
  { api, konnect, ...join }: GlobalMembership,
): GlobalMembership {
  return {
    ...join,
    api: { ...api, url: after(resource, api.url) },
    ...(konnect && { konnect: { ...konnect, controlPlaneId: after(resource, konnect.controlPlaneId) } }),
  };
}
