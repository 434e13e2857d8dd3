import * as assert from "node:assert/strict";
import { ZoneControlPlane } from "../../../components";
import { cleanUp } from "../../support/cleanUp";
import { RELEASE, named, run } from "../../support/kubernetes/kubernetesStack";
import { zoneValues } from "../../support/kubernetes/wantedValues";
import { named as inLibrary, run as runProgram } from "../../support/pulumi/libraryProgram";

describe("index.ts on Kubernetes: zone ingress and egress", () => {
  afterEach(cleanUp);

  it("tells the chart of an adopted release what the stack says, and which values those are", async () => {
    const registered = await run(
      {},
      { ingress: { replicas: 2, advertisedAddress: "203.0.113.7" }, egress: { port: 10_300 } },
    );
    assert.deepEqual(named(registered, "default-release", RELEASE).inputs.values, {
      ...zoneValues(),
      ingress: {
        ...{ enabled: true, replicas: 2 },
        podAnnotations: {
          "kuma.io/ingress-public-address": "203.0.113.7",
          "kuma.io/ingress-public-port": "10001",
        },
      },
      egress: { enabled: true, service: { port: 10_300 } },
      setByKumaFederation: [
        ["ingress", "replicas"],
        ["ingress", "podAnnotations", "kuma.io/ingress-public-address"],
        ["ingress", "podAnnotations", "kuma.io/ingress-public-port"],
        ["egress", "service", "port"],
      ],
    });
  });

  const join = { api: { url: "https://g" }, kdsAddress: "grpcs://g:1", kdsCa: "", version: "2.14.3" };
  const inCluster = { context: "z" };

  it("refuses for a cluster what is for hosts, and for a host what is for clusters", async () => {
    const cluster = (args: object) => () =>
      new ZoneControlPlane("z", { kubernetes: inCluster, join, ...args });
    const ssh = { host: "h", privateKey: "canary" };
    await assert.rejects(
      runProgram(cluster({ zoneIngress: { ssh } })),
      /\[zoneIngress\.ssh\] is for a zone on a host, and the zone runs in a cluster\./,
    );
    await assert.rejects(
      runProgram(cluster({ zoneEgress: { tokenDays: 90 } })),
      /\[zoneEgress\.tokenDays\] is for a zone on a host/,
    );
    const host = () => new ZoneControlPlane("z", { universal: { ssh }, join, zoneIngress: { replicas: 2 } });
    await assert.rejects(
      runProgram(host),
      /\[zoneIngress\.replicas\] is for a zone in a cluster, and the zone runs on a host\./,
    );
  });

  it("tells the chart of a release that the program makes", async () => {
    const registered = await runProgram(
      () =>
        new ZoneControlPlane("z", {
          kubernetes: inCluster,
          join,
          zoneIngress: { service: { type: "NodePort" } },
        }),
    );
    const { values } = inLibrary(registered, "z-release", RELEASE).inputs as { values: { ingress: object } };
    assert.deepEqual(values.ingress, { enabled: true, service: { type: "NodePort" } });
  });
});
