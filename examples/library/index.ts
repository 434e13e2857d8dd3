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

// in a program of yours a kubeconfig may be the output of the cluster that it makes
const global = new GlobalControlPlane(
  "global",
  zoneContext
    ? {
        kubernetes: {
          context: config.require("globalContext"),
          kds: { sourceRanges: config.require("sourceRanges").split(",") },
        },
      }
    : { universal: { portBase } },
);
const existing = new ExistingZone(
  "zone-1",
  zoneContext
    ? { kubernetes: { context: zoneContext } }
    : { universal: { portBase: portBase + 100, content: "zone" } },
);
const bridge = new FederationBridge("zone-1", { zone: existing.zone, join: global.membership });
const zone = new ZoneControlPlane("zone-1", { adopt: existing.zone, join: bridge.membership });

new MeshPolicies(
  "timeouts",
  {
    policies: [
      {
        type: "MeshTimeout",
        mesh: "default",
        name: "all",
        spec: {
          targetRef: { kind: "Mesh" },
          to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout: "1h" } }],
        },
      },
    ],
    join: zone.membership,
  },
  { dependsOn: zone },
);

export const kdsAddress = global.kdsAddress;
export const carried = bridge.counts;
export const online = zone.online;
