import * as pulumi from "@pulumi/pulumi";
import {
  ExistingZone,
  FederationBridge,
  GlobalControlPlane,
  MeshPolicies,
  ZoneControlPlane,
} from "kuma-federation";

const config = new pulumi.Config();
const zoneContext = config.get("zoneContext") ?? "";
const portBase = config.requireNumber("portBase");
// what is left out has a default: the name of the resource, and the published chart
const zoneName = config.get("zoneName") || undefined;
const chart = config.get("chart") || undefined;

// in a program of yours a kubeconfig may be the output of the cluster that it makes
const global = new GlobalControlPlane(
  "global",
  zoneContext
    ? {
        kubernetes: {
          context: config.require("globalContext"),
          chart,
          kds: { sourceRanges: config.require("sourceRanges").split(",") },
        },
      }
    : { universal: { portBase } },
);
// to take a zone back: an `up` with false, which leaves out what federates it; before a `destroy` for a zone in a cluster
const federated = config.getBoolean("federated") ?? true;
const existing = new ExistingZone("zone-1", {
  zoneName,
  federated,
  ...(zoneContext
    ? { kubernetes: { context: zoneContext, chart } }
    : { universal: { portBase: portBase + 100, content: "zone" } }),
});
const { bridge, zone } = federated ? federate() : {};

function federate() {
  const bridge = new FederationBridge("zone-1", { zone: existing.zone, join: global.membership });
  const zone = new ZoneControlPlane("zone-1", { adopt: existing.zone, join: bridge.membership });
  const timeouts = {
    type: "MeshTimeout",
    mesh: "default",
    name: "all",
    spec: {
      targetRef: { kind: "Mesh" },
      to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout: "1h" } }],
    },
  };
  const args = { policies: [timeouts], join: zone.membership };
  new MeshPolicies("timeouts", args, { dependsOn: zone });
  return { bridge, zone };
}

export const kdsAddress = global.kdsAddress;
export const carried = bridge?.counts;
export const online = zone?.online;
