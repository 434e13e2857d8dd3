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
import { Registered, isDynamic, mockPulumi, valueOf } from "../support/pulumi/pulumiMocks";

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: made
contexts: [{ name: made, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "https://192.0.2.1" } }]
users: [{ name: u, user: { token: canary-token } }]
`;
const RANGES = ["203.0.113.0/24"];

/** What the providers give. */
function outputsOf(name: string): Record<string, unknown> {
  if (name.endsWith("-cluster")) return { identities: { [name.replace("-cluster", "")]: `uid of ${name}` } };
  if (name.endsWith("-objects")) return { anew: {}, again: {} };
  if (name.endsWith("-kds-address")) return { host: "10.0.0.7" };
  if (name.endsWith("-kds")) return { ca: "the ca", caKey: "canary", cert: "the cert", key: "canary-key" };
  if (name.endsWith("-serving")) return { product: "Kuma", version: "2.14.3" };
  if (name.endsWith("-installed")) return { values: {}, chartName: "kuma", chartVersion: "2.13.1" };
  if (name.endsWith("-resources"))
    return { ...{ resources: { "Mesh default": "hmac:1" }, snapshot: "canary", adminToken: "canary" } };
  if (name.endsWith("-federation")) return { online: true, version: "2.13.1" };
  return { status: { revision: 7 }, stored: {}, product: "Kuma", version: "2.14.3" };
}

async function run(program: () => unknown): Promise<Registered[]> {
  const registered = await mockPulumi(outputsOf);
  await pulumi.runtime.runInPulumiStack(async () => void (await program()));
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return registered.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

const list = (registered: Registered[]) =>
  registered.map(({ type, name, parent }) => `${type.split(":").at(-1)} ${name} in ${parent}`).sort();
const named = (registered: Registered[], name: string, type?: string) =>
  registered.find((each) => each.name === name && (type ? each.type === type : isDynamic(each.type))) ??
  assert.fail(`no ${type} ${name}`);

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

  describe("of a zone on a host", () => {
    const ssh = { host: "zone-a", user: "admin", privateKey: "canary-key", hostKey: "ssh-ed25519 AAAA" };
    const program = () => {
      const existing = { apiUrl: "https://g:5682", kdsAddress: "grpcs://g:5685" };
      const global = new GlobalControlPlane("mesh", { existing });
      const zone = new ExistingZone("shop", { universal: { ssh, federatedDatabase: "next" } });
      const bridge = new FederationBridge("shop", { zone: zone.zone, join: global.membership });
      new ZoneControlPlane("shop", { adopt: zone.zone, join: bridge.membership });
    };
    let registered: Registered[];
    before(async () => (registered = await run(program)));

    it("look at it, and switch it there", () => {
      const names = list(registered.filter(({ type }) => isDynamic(type))).filter((each) =>
        each.includes("shop"),
      );
      assert.deepEqual(names, [
        "FederatedResources shop-resources in shop",
        "GlobalWayBack shop-global-way-back in shop",
        "HostZone shop-host in shop",
        "UniversalWayBack shop-way-back in shop",
        "UniversalZoneFederation shop-federation in shop",
      ]);
    });

    it("reach it over SSH with a key that stays secret, and move it to its second database", () => {
      for (const name of ["shop-host", "shop-resources", "shop-way-back", "shop-federation"]) {
        const { inputs, secretInputs } = named(registered, name);
        const { privateKey, hostKey } = ssh;
        const url = "ssh://admin@zone-a:22/kuma-cp.service";
        assert.deepEqual(inputs.zone, { url, tokens: [], ssh: { privateKey, hostKey } });
        assert.ok(secretInputs.includes("zone.ssh") && !secretInputs.includes("zone.url"), name);
        if (name !== "shop-resources") assert.equal(inputs.federatedDatabase, "next");
      }
    });

    it("take either a host or ports of this machine", async () => {
      const both = () => new ExistingZone("shop", { universal: { ssh, portBase: 5600 } });
      await assert.rejects(run(both), /Exactly one of \[portBase\] or \[ssh\] must be given/);
    });
  });

  describe("of control planes that are installed on hosts", () => {
    const ssh = (host: string) => ({
      host,
      user: "admin",
      privateKey: "canary-key",
      hostKey: "ssh-ed25519 A",
    });
    const archive = { from: "kuma.tar.gz", sha256: "0".repeat(64) };
    const postgres = { user: "kuma", password: "canary-password", database: "kuma" };
    const program = () => {
      const universal = { ssh: ssh("global-host"), install: { archive, postgres } };
      const global = new GlobalControlPlane("mesh", { universal });
      const install = { config: { license: "canary" } };
      new ZoneControlPlane("shop", {
        universal: { ssh: ssh("shop-host"), unit: "shop", install },
        zoneIngress: { advertisedAddress: "198.51.100.7" },
        zoneEgress: { ssh: ssh("egress-host"), archive },
        join: global.membership,
      });
    };
    let registered: Registered[];
    before(async () => (registered = await run(program)));

    it("make a unit for each, after what the zone needs of its global", () => {
      assert.deepEqual(list(registered.filter(({ type }) => isDynamic(type))), [
        "HostControlPlane mesh in mesh",
        "HostControlPlane shop-control-plane in shop",
        "HostMember shop-member in shop",
        "HostProxy shop-egress in shop",
        "HostProxy shop-ingress in shop",
        "KdsCertificate mesh-kds in mesh",
        "ZoneRegistration shop-registration in shop",
      ]);
      const { inputs, dependencies } = named(registered, "shop-control-plane");
      assert.equal(inputs.url, "ssh://admin@shop-host:22/shop.service");
      assert.equal(inputs.owner, "test/shop-control-plane");
      const kds = { kdsAddress: "grpcs://global-host:5685", kdsCa: "the ca" };
      assert.deepEqual(inputs.role, { kind: "zone", zoneName: "shop", ...kds });
      assert.ok(dependencies.includes("shop-registration"));
    });

    it("reach the global where it runs, with keys and passwords that stay secret", () => {
      const { inputs, secretInputs } = named(registered, "shop-member");
      const { url } = inputs.global as { url: string };
      assert.equal(url, "ssh://admin@global-host:22/kuma-cp.service");
      assert.ok(
        ["global.ssh", "zone.ssh"].every((name) => secretInputs.includes(name)),
        secretInputs.join(),
      );
      const mesh = named(registered, "mesh");
      assert.ok(["ssh", "postgres", "admin"].every((name) => mesh.secretInputs.includes(name)));
      assert.ok(mesh.secretOutputs.includes("role"));
      assert.ok(named(registered, "shop-control-plane").secretInputs.includes("config"));
    });

    it("have a zone ingress and a zone egress once the zone is a member, where they are to run", () => {
      const [ingress, egress] = ["ingress", "egress"].map((kind) => named(registered, `shop-${kind}`));
      const at = ({ inputs: { url, address, port, advertisedAddress } }: Registered) => [
        ...[url, address, port, advertisedAddress],
      ];
      const atHost = (host: string, kind: string) => `ssh://admin@${host}:22/kuma-${kind}.service`;
      assert.deepEqual(at(ingress), [atHost("shop-host", "ingress"), "shop-host", 10_001, "198.51.100.7"]);
      assert.deepEqual(at(egress), [atHost("egress-host", "egress"), "egress-host", 10_002, undefined]);
      for (const { dependencies, secretInputs, secretOutputs } of [ingress, egress]) {
        assert.ok(dependencies.includes("shop-member"));
        assert.ok(secretInputs.includes("ssh") && secretOutputs.includes("token"));
      }
      const elsewhere = () =>
        new ZoneControlPlane("here", {
          adopt: { zoneName: "here", platform: "universal", api: { url: "http://z" } } as never,
          join: { api: { url: "u" }, kdsAddress: "", kdsCa: "", version: "2", carried: {} as never },
          zoneEgress: {},
        });
      return assert.rejects(run(elsewhere), /\[zoneEgress\] is for a zone on a host/);
    });

    it("do not join Konnect by a zone that is installed", async () => {
      const join = { api: { url: "u" }, kdsAddress: "grpcs://g:1", kdsCa: "", version: "2" };
      const konnect = { controlPlaneId: "id" } as never;
      const make = () =>
        new ZoneControlPlane("shop", { universal: { ssh: ssh("h") }, join: { ...join, konnect } });
      await assert.rejects(run(make), /cannot join a control plane in Konnect: install it by yourself/);
    });
  });

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
