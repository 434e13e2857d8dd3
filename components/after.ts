import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../resources/connections";
import type { GlobalMembership } from "./membership";

/** A value that comes once a resource is there. The URN of a resource is known in previews as well. */
export function after<T>({ urn }: pulumi.Resource, value: pulumi.Input<T>): pulumi.Output<T> {
  return pulumi.all([value, urn]).apply(([each]) => each) as pulumi.Output<T>;
}

/**
 * A membership that whoever joins next has once a resource is there. The address is the resource's own property, known as it was
 * given: so what comes next depends on this resource alone, and the state does not name all that came before with each.
 */
export function membershipAfter(
  resource: pulumi.Resource & { readonly global: pulumi.Output<Connection> },
  { api, konnect, ...join }: GlobalMembership,
): GlobalMembership {
  return {
    ...join,
    api: { ...api, url: pulumi.unsecret(resource.global.url) },
    ...(konnect && { konnect: { ...konnect, controlPlaneId: after(resource, konnect.controlPlaneId) } }),
  };
}
