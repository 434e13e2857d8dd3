import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  ExistingZone,
  ExistingZoneArgs,
  FederationBridge,
  GlobalControlPlane,
  GlobalControlPlaneArgs,
  GlobalMembership,
  MeshPolicies,
  RolloutWave,
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

  it("takes an output that comes to nothing for an argument that is left out", async () => {
    const programs = (left: { [name: string]: pulumi.Output<never> | undefined }) => () => {
      const { none } = left;
      const kds = { type: "NodePort", host: "192.0.2.1", timeout: none } as const;
      const inCluster = { context: "c", product: none, namespace: none, chart: none, kds, replicas: none };
      new GlobalControlPlane("k", { kubernetes: inCluster, createDefaultMesh: none, zones: none });
      const here = { portBase: 5600, kumaCp: none, store: none, directory: none, kdsHost: none };
      const global = new GlobalControlPlane("g", { universal: here });
      const access = { host: "h", user: none, port: none };
      const existing = [
        { universal: { portBase: 6600, kumaCp: none, store: none } },
        { universal: { ssh: access, unit: none } },
        { kubernetes: { context: "z" } },
      ].map(
        (each, at) =>
          new ExistingZone(`z${at}`, { ...each, zoneName: none, federated: none, directory: none }),
      );
      let join: GlobalMembership = global.membership;
      for (const [at, { zone }] of existing.entries()) {
        const choices = { onConflict: none, conflictRules: none, onDrift: none, onUndo: none };
        const bridge = new FederationBridge(`z${at}`, { zone, join, ...choices });
        const args = {
          adopt: zone,
          join: bridge.membership,
          ingress: none,
          onConflict: none,
          onFailedSwitch: none,
        };
        ({ membership: join } = new ZoneControlPlane(`z${at}`, args));
      }
      new RolloutWave("w", { join, zoneNames: ["z0"], settle: none, laterZones: none });
    };
    const inputsOf = (registered: Registered[]) =>
      registered.map(({ type, name, inputs }) => JSON.stringify([type, name, inputs])).sort();
    const leftOut = inputsOf(await run(programs({})));
    await cleanUp();
    const none = pulumi.output(undefined) as unknown as pulumi.Output<never>;
    assert.deepEqual(inputsOf(await run(programs({ none }))), leftOut);
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
        "a provider that does not tell its cluster, and none beside it",
        () => {
          const k8s = require("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes");
          const provider = new k8s.Provider("own", { kubeconfig: KUBECONFIG });
          return new ExistingZone("z", { kubernetes: {} }, { provider });
        },
        "The options have a provider for Kubernetes, and neither [kubernetes.kubeconfig] nor [kubernetes.context] is given: " +
          "what this component reads itself would come from the current context, which may be another cluster. Give that provider's.",
      ],
      [
        "a policy without a name",
        () =>
          new MeshPolicies("own", {
            policies: [{ type: "MeshTimeout", mesh: "default" }],
            join: global().membership,
          }),
        "policies[0]: the name is missing. Nothing was changed. Resources in Kuma's universal form are expected there.",
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
      ["no arguments", () => new GlobalControlPlane("g", undefined as never), /none is\.$/],
      [
        "a zone that is given without a global, and one that is no zone's output",
        () => new FederationBridge("b", { zone: null } as never),
        "[zone] must be an object. [join] must be given.",
      ],
      [
        "components in the place of their outputs",
        () => {
          const zone = new ExistingZone("z", { universal: { portBase: 6600 } });
          new FederationBridge("b", { zone, join: global(), followers: [zone] } as never);
        },
        "[zone] is a component, and has to be its output [zone]. [join] is a component, and has to be its output [membership]. " +
          "[followers[0]] is a component, and has to be its output [zone].",
      ],
      [
        "a choice that there is not, a text for a number and a name that is misspelt",
        () =>
          new GlobalControlPlane("g", {
            ...{ apitoken: "canary", createDefaultMesh: "no" },
            universal: { portBase: "5600", kumaCp: "canary" },
          } as never),
        "[universal.portBase] must be a number. [universal.kumaCp] must be one of auto, embedded, path, download. " +
          "[createDefaultMesh] must be a boolean. " +
          "[apitoken] is no argument; there are kubernetes, universal, konnect, existing, apiToken, createDefaultMesh, zones.",
      ],
      [
        "a host without a name, within a list",
        () =>
          new ExistingZone("z", { universal: { ssh: { host: "a" }, instances: [{ user: "b" }] } } as never),
        "[universal.instances[0].host] must be given.",
      ],
      [
        "a profile that there is not",
        () => new ExistingZone("z", { universal: { portBase: 6600 }, profile: "all" } as never),
        "[profile] must be one of federation, federation-with-policies.",
      ],
      [
        "a port from which no ports can be counted",
        () => new ExistingZone("z", { universal: { portBase: 99_999 } }),
        "[universal.portBase] must be a whole number from 1024 to 65400.",
      ],
      [
        "another name for a zone that ran alone",
        () => {
          const { zone } = new ExistingZone("z", { universal: { portBase: 6600 } });
          new ZoneControlPlane("z", { adopt: zone, join: global().membership, zoneName: "other" });
        },
        "[zoneName] is for a zone that is installed; give it to the ExistingZone that [adopt] comes from.",
      ],
      [
        "a control plane in Konnect by its name and its id",
        () =>
          new GlobalControlPlane("g", {
            konnect: { region: "eu", controlPlane: "mesh", controlPlaneId: "id" },
          }),
        "Exactly one of [controlPlane] or [controlPlaneId] must be given; [controlPlane] and [controlPlaneId] are.",
      ],
      [
        "policies in a directory that is not there",
        () => new MeshPolicies("p", { directory: "./nowhere", join: global().membership }),
        /\.\/nowhere, which cannot be read: there is no such directory\./,
      ],
      [
        "zones that settle for less than no time",
        () => new RolloutWave("w", { join: global().membership, zoneNames: ["z"], settle: -1 }),
        "[settle] must be a whole number from 0 to 3600.",
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
