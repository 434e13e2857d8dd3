import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  ExistingZone,
  ExistingZoneArgs,
  FederationBridge,
  GlobalControlPlane,
  GlobalControlPlaneArgs,
  MeshPolicies,
  ZoneControlPlane,
  ZoneControlPlaneArgs,
} from "../../components";
import { cleanUp } from "../support/cleanUp";
import { list, named, outputsOf, run } from "../support/pulumi/libraryProgram";
import { Registered, mockPulumi, valueOf } from "../support/pulumi/pulumiMocks";

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: made
contexts: [{ name: made, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "https://192.0.2.1" } }]
users: [{ name: u, user: { token: canary-token } }]
`;
const RANGES = ["203.0.113.0/24"];

/** A program of somebody else's: a kubeconfig is the output of a resource that the same program makes. */
function federation(asGiven: <T>(value: T) => pulumi.Input<T> = (value) => value) {
  const cluster = new pulumi.ComponentResource("eks:index:Cluster", "cluster");
  const kubeconfig = cluster.urn.apply(() => KUBECONFIG);
  const global = new GlobalControlPlane("mesh", {
    kubernetes: { kubeconfig, namespace: "mesh-system", kds: { sourceRanges: RANGES } },
  });
  const existing = new ExistingZone("shop", { kubernetes: { context: "shop-context" } });
  const bridge = new FederationBridge("shop", {
    zone: asGiven(existing.zone),
    join: asGiven(global.membership),
  });
  const zone = new ZoneControlPlane("shop", {
    adopt: asGiven(existing.zone),
    join: asGiven(bridge.membership),
  });
  return { global, existing, bridge, zone };
}

describe("components", () => {
  afterEach(cleanUp);

  describe("in a program of somebody else's", () => {
    let registered: Registered[];
    before(async () => (registered = await run(() => federation())));

    it("names everything after the components", () => {
      assert.deepEqual(
        list(registered),
        [
          "Cluster cluster in kuma-federation-test",
          "GlobalControlPlane mesh in kuma-federation-test",
          "KubernetesClusters mesh-cluster in mesh",
          "kubernetes mesh-cluster in mesh",
          "KubernetesObjects mesh-objects in mesh",
          "KubernetesNamespace mesh-namespace in mesh",
          "Service mesh-kds-service in mesh",
          "KubernetesKdsAddress mesh-kds-address in mesh",
          "KdsCertificate mesh-kds in mesh",
          "Secret mesh-kds-certificate in mesh",
          "KubernetesInstallation mesh-installation in mesh",
          "Release mesh in mesh",
          "KubernetesGlobal mesh-serving in mesh",
          "ExistingZone shop in kuma-federation-test",
          "KubernetesClusters shop-cluster in shop",
          "KubernetesRelease shop-installed in shop",
          "FederationBridge shop in kuma-federation-test",
          "GlobalWayBack shop-global-way-back in shop",
          "FederatedResources shop-resources in shop",
          "ZoneControlPlane shop in kuma-federation-test",
          "KubernetesWayBack shop-way-back in shop",
          "kubernetes shop-cluster in shop",
          "KubernetesUpgrade shop-upgrade in shop",
          "Release shop-release in shop",
          "KubernetesZoneFederation shop-federation in shop",
        ].sort(),
      );
    });

    it("reaches a cluster that the same program makes, in its current context, and keeps its kubeconfig secret", () => {
      const provider = named(registered, "mesh-cluster", "pulumi:providers:kubernetes");
      assert.deepEqual(
        [provider.inputs.kubeconfig, provider.inputs.context, provider.inputs.clusterIdentifier],
        [KUBECONFIG, "made", "uid of mesh-cluster"],
      );
      assert.ok(provider.secretInputs.includes("kubeconfig") && !provider.secretInputs.includes("context"));
      const { inputs, secretInputs } = named(registered, "shop-resources");
      const { zone, global } = inputs as Record<"zone" | "global", { url: string }>;
      assert.equal(global.url, "kubernetes://made/mesh-system/kuma-control-plane");
      assert.ok(secretInputs.includes("global.kubeconfig"));
      assert.equal(zone.url, "kubernetes://shop-context/kuma-system/kuma-control-plane");
    });

    it("puts each resource where its control plane is", () => {
      const provided = registered.filter(({ type }) => type.startsWith("kubernetes:"));
      for (const { name, provider } of provided)
        assert.equal(provider, name.startsWith("mesh") ? "mesh-cluster" : "shop-cluster", name);
    });
  });

  it("makes the same of outputs, which is how programs in other languages hand things over", async () => {
    const plain = await run(() => federation());
    await cleanUp();
    let made = {} as ReturnType<typeof federation>;
    const asOutputs = await run(() => {
      made = federation((value) => pulumi.output(value) as unknown as pulumi.Input<never>);
    });
    assert.deepEqual((await valueOf<object>(made.bridge.counts)).value, { Mesh: 1 });
    // what the next zone is handed
    const next = await valueOf<{ kdsAddress: string; carried?: object }>(made.zone.membership as never);
    assert.deepEqual([next.value.kdsAddress, next.value.carried], ["grpcs://10.0.0.7:5685", undefined]);
    assert.equal((await valueOf(made.zone.online)).value, true);
    assert.deepEqual(list(asOutputs), list(plain));
    for (const name of ["shop-resources", "shop-federation", "shop-upgrade", "shop-way-back"]) {
      const { inputs, secretInputs } = named(asOutputs, name);
      assert.deepEqual(inputs, named(plain, name).inputs, name);
      for (const secret of named(plain, name).secretInputs)
        assert.ok(secretInputs.includes(secret), `${name}: ${secret}`);
    }
    assert.ok(named(asOutputs, "shop-way-back").dependencies.includes("shop-resources"));
  });

  it("makes a global of an output as well", async () => {
    const existing = { apiUrl: "https://g.example.com", kdsAddress: "grpcs://g.example.com:5685" };
    let global: GlobalControlPlane | undefined;
    await run(() => {
      global = new GlobalControlPlane("g", { existing: pulumi.output(existing) as never });
    });
    assert.equal((await valueOf(global?.kdsAddress as pulumi.Output<string>)).value, existing.kdsAddress);
    assert.equal((await valueOf(global?.product as pulumi.Output<string>)).value, "Kuma");
  });

  it("takes the provider, the parent and protection of its options for all that it makes", async () => {
    const registered = await run(() => {
      const k8s = require("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes");
      const provider = new k8s.Provider("own", { context: "own" });
      const team = new pulumi.ComponentResource("team:index:Mesh", "team");
      const kds = { type: "NodePort", host: "192.0.2.1" } as const;
      new GlobalControlPlane("mesh", { kubernetes: { context: "own", kds } }, { provider, parent: team });
    });
    assert.ok(!registered.some(({ name, type }) => name === "mesh-cluster" && type.includes("providers")));
    assert.equal(named(registered, "mesh-kds-service", "kubernetes:core/v1:Service").provider, "own");
    assert.equal(named(registered, "mesh", "kuma-federation:index:GlobalControlPlane").parent, "team");
  });

  it("writes policies that a program gives as they are", async () => {
    const policy = { type: "MeshTimeout", mesh: "default", name: "all", spec: {} };
    const registered = await run(() => {
      const { zone } = federation();
      new MeshPolicies("own", { policies: [policy], join: zone.membership }, { dependsOn: zone });
    });
    assert.deepEqual(named(registered, "own").inputs.available, [
      { policy, isFor: {}, place: "policies[0]" },
    ]);
  });

  describe("with wrong arguments", () => {
    const existing = { apiUrl: "https://g.example.com", kdsAddress: "grpcs://g.example.com:5685" };
    const global = () => new GlobalControlPlane("g", { existing });
    for (const [what, make, message] of [
      [
        "no kind of global",
        () => new GlobalControlPlane("g", {}),
        "Exactly one of [kubernetes], [universal], [konnect] or [existing] must be given; none is.",
      ],
      [
        "two kinds of global",
        () =>
          new GlobalControlPlane("g", { existing, universal: { portBase: 5600 } } as GlobalControlPlaneArgs),
        "Exactly one of [kubernetes], [universal], [konnect] or [existing] must be given; [universal] and [existing] are.",
      ],
      [
        "a load balancer for nobody knows whom",
        () => new GlobalControlPlane("g", { kubernetes: { context: "c", kds: {} } }),
        /^\[kds\.sourceRanges\] must be given for a load balancer: .* \["everyone"\]/,
      ],
      [
        "no kind of zone",
        () => new ExistingZone("z", {} as ExistingZoneArgs),
        "Exactly one of [kubernetes] or [universal] must be given; none is.",
      ],
      [
        "a zone that joins and is none",
        () => new ZoneControlPlane("z", { join: global().membership } as ZoneControlPlaneArgs),
        "Exactly one of [adopt], [kubernetes] or [universal] must be given; none is.",
      ],
      [
        "a zone whose bridge is left out",
        () => {
          const { zone } = new ExistingZone("z", { universal: { portBase: 6600 } });
          new ZoneControlPlane("z", { adopt: zone, join: global().membership });
        },
        /^\[join\] has to be the membership of the bridge that has carried the zone/,
      ],
      [
        "policies from nowhere",
        () => new MeshPolicies("p", { join: global().membership }),
        "Exactly one of [directory] or [policies] must be given; none is.",
      ],
    ] as const)
      it(`refuses ${what}, and names the argument`, async () => {
        await mockPulumi(outputsOf);
        assert.throws(make, (error: Error) => {
          assert.ok(pulumi.ResourceError.isInstance(error), String(error));
          if (typeof message === "string") assert.equal(error.message, message);
          else assert.match(error.message, message);
          return true;
        });
      });
  });
});
