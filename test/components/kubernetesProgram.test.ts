import * as assert from "node:assert/strict";
import * as yaml from "js-yaml";
import { UNKNOWN } from "../../resources/provider/handler";
import { cleanUp } from "../support/cleanUp";
import { RELEASE, STACK, Settings, named, run, runWithOutputs } from "../support/kubernetes/kubernetesStack";
import { globalValues, newZoneValues, zoneValues } from "../support/kubernetes/wantedValues";
import { Registered, valueOf } from "../support/pulumi/pulumiMocks";

const isKubernetes = ({ type }: Registered) => type.startsWith("kubernetes:");

describe("index.ts on Kubernetes", () => {
  afterEach(cleanUp);

  const values = (registered: Registered[], name: string) => named(registered, name, RELEASE).inputs.values;
  const position = (registered: Registered[], name: string) =>
    registered.findIndex((each) => each.name === name && !each.type.startsWith("kuma-federation:"));
  const assertOrder = (registered: Registered[], ...names: string[]) => {
    const positions = names.map((name) => position(registered, name));
    assert.ok(!positions.includes(-1), `${names}: ${positions}`);
    assert.deepEqual(
      positions,
      [...positions].sort((a, b) => a - b),
      String(names),
    );
  };

  describe("with Kuma, Helm, a load balancer and an installed zone", () => {
    let registered: Registered[];
    before(async () => (registered = await run()));

    it("has exactly these resources", () => {
      const short = (type: string) => type.split(":").at(-1);
      assert.deepEqual(
        registered.map(({ type, name, parent }) => `${short(type)} ${name} in ${parent}`).sort(),
        [
          `FederationBridge default in ${STACK}`,
          `GlobalControlPlane global in ${STACK}`,
          "KubernetesNamespace global-namespace in global",
          "Release default-release in default",
          "Release global in global",
          `KubernetesClusters clusters in ${STACK}`,
          "KubernetesZoneFederation default-federation in default",
          "KubernetesRelease default-installed in default",
          "KubernetesUpgrade default-upgrade in default",
          "KubernetesObjects global-objects in global",
          "GlobalWayBack default-global-way-back in default",
          "FederatedResources default-resources in default",
          "KubernetesWayBack default-way-back in default",
          "KubernetesInstallation global-installation in global",
          "KdsCertificate global-kds in global",
          "KubernetesKdsAddress global-kds-address in global",
          "KubernetesGlobal global-serving in global",
          "Secret global-kds-certificate in global",
          "Service global-kds-service in global",
          `ExistingZone default in ${STACK}`,
          `ZoneControlPlane default in ${STACK}`,
          `kubernetes cluster-of-global in ${STACK}`,
          `kubernetes cluster-of-zone-default in ${STACK}`,
        ].sort(),
      );
    });

    it("makes one provider for each cluster, known by what does not change", () => {
      const providers = registered.filter(({ type }) => type === "pulumi:providers:kubernetes");
      assert.deepEqual(
        providers.map(({ name, inputs: { context, clusterIdentifier } }) => [
          name,
          context,
          clusterIdentifier,
        ]),
        [
          ["cluster-of-global", "kind-mesh-global", "uid-of-global"],
          ["cluster-of-zone-default", "kind-mesh-zone", "uid-of-zone"],
        ],
      );
      for (const { name, provider } of registered.filter(isKubernetes))
        assert.equal(
          provider,
          name.startsWith("global") ? "cluster-of-global" : "cluster-of-zone-default",
          name,
        );
    });

    it("makes the Service that zones dial as the chart would", () => {
      const selector = {
        app: "kuma-control-plane",
        "app.kubernetes.io/name": "kuma",
        "app.kubernetes.io/instance": "kuma",
      };
      assert.deepEqual(named(registered, "global-kds-service", "kubernetes:core/v1:Service").inputs, {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          name: "kuma-global-zone-sync",
          namespace: "kuma-system",
          labels: selector,
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          type: "LoadBalancer",
          ports: [{ name: "global-zone-sync", port: 5685, appProtocol: "grpc" }],
          selector,
        },
      });
    });

    it("waits for its address, and issues a certificate for that and keeps the keys secret", () => {
      assert.deepEqual(named(registered, "global-kds-address").inputs, {
        context: "kind-mesh-global",
        namespace: "kuma-system",
        service: "kuma-global-zone-sync",
        timeout: 300,
      });
      const { inputs, secretOutputs } = named(registered, "global-kds");
      assert.deepEqual(inputs, { name: "global", hosts: ["10.0.0.7"] });
      assert.deepEqual([...secretOutputs].sort(), ["caKey", "key"]);
      const secret = named(registered, "global-kds-certificate", "kubernetes:core/v1:Secret");
      assert.deepEqual(secret.inputs.metadata, {
        name: "kuma-kds-global-server-tls",
        namespace: "kuma-system",
      });
      assert.equal(secret.inputs.type, "kubernetes.io/tls");
      assert.deepEqual(secret.inputs.stringData, { "tls.crt": "the cert", "tls.key": "canary-key" });
      assert.ok(secret.secretInputs.includes("stringData"));
    });

    it("installs the global with exactly these values", () => {
      const { inputs } = named(registered, "global", RELEASE);
      assert.deepEqual(
        { ...inputs, values: undefined },
        {
          name: "kuma",
          namespace: "kuma-system",
          chart: "kuma",
          version: "2.14.3",
          repositoryOpts: { repo: "https://kumahq.github.io/charts" },
          timeout: 600,
          compat: "true",
          values: undefined,
        },
      );
      assert.deepEqual(inputs.values, globalValues());
    });

    it("goes from the Service to its address, the release, the carrying, and last to the zone", () => {
      assertOrder(
        registered,
        "global-namespace",
        "global-kds-service",
        "global-kds-address",
        "global-kds",
        "global-kds-certificate",
        "global-installation",
        "global",
        "global-serving",
        "default-resources",
        "default-way-back",
        "default-release",
        "default-federation",
      );
      const release = named(registered, "global", RELEASE);
      for (const name of ["global-namespace", "global-kds-service", "global-kds-certificate"])
        assert.ok(release.dependencies.includes(name), name);
      assert.ok(named(registered, "global-serving").dependencies.includes("global"));
      assert.ok(named(registered, "default-release", RELEASE).dependencies.includes("default-way-back"));
      assert.ok(named(registered, "default-federation").dependencies.includes("default-release"));
    });

    it("carries to the global that serves, for the address that the certificate is for", () => {
      const { inputs, secretInputs } = named(registered, "default-resources");
      assert.deepEqual(inputs, {
        digestKey: "",
        zoneName: "default",
        zone: { url: "kubernetes://kind-mesh-zone/kuma-system/kuma-control-plane", tokens: [] },
        zoneStarted: "2.13.1",
        global: { url: "kubernetes://kind-mesh-global/kuma-system/kuma-control-plane", tokens: [] },
        globalVersion: "2.14.3",
        kdsAddress: "grpcs://10.0.0.7:5685",
        kdsCa: "the ca",
        zoneRunsHere: false,
        onConflict: "fail",
        onDrift: "repairMissing",
      });
      assert.deepEqual(secretInputs, ["digestKey"], "a cluster keeps its control plane's token");
    });

    it("adopts the zone's release: its values, with the address and authority that come out of the bridge", () => {
      const { inputs, secretInputs, options } = named(registered, "default-release", RELEASE);
      assert.deepEqual(inputs.values, zoneValues());
      assert.deepEqual([inputs.version, inputs.name, inputs.namespace], ["2.13.1", "kuma", "kuma-system"]);
      assert.ok(secretInputs.includes("values"), "the values may hold secrets");
      assert.deepEqual(options, {
        import: "kuma-system/kuma",
        retainOnDelete: true,
        hideDiffs: ["values"],
      });
    });

    it("keeps the values that the zone had secret, and can go back with them", () => {
      const { inputs, secretInputs, secretOutputs } = named(registered, "default-installed");
      assert.deepEqual(
        [inputs.release, inputs.namespace, inputs.zoneName],
        ["kuma", "kuma-system", "default"],
      );
      assert.deepEqual([secretInputs, secretOutputs], [["values"], ["values"]]);
      const wayBack = named(registered, "default-way-back");
      assert.equal(wayBack.inputs.snapshot, "canary-snapshot");
      assert.deepEqual((wayBack.inputs.global as { tokens: unknown }).tokens, [["canary-admin"]]);
      assert.ok(named(registered, "default-resources").secretOutputs.includes("adminToken"));
      assert.ok(wayBack.secretInputs.includes("global.tokens"));
    });

    it("says that the zone has joined only once its release was upgraded", () => {
      const { inputs } = named(registered, "default-federation");
      assert.deepEqual(
        [inputs.kdsAddress, inputs.release, inputs.resources],
        ["grpcs://from-the-bridge:5685", "7", { "Mesh default": "hmac:1" }],
      );
    });

    it("gives what is needed to take the zone back where it cannot be a member", () => {
      const { inputs, secretOutputs } = named(registered, "default-federation");
      assert.deepEqual(
        [inputs.adopted, inputs.onFailedSwitch, inputs.snapshot],
        [{ name: "kuma" }, "takeBack", "canary-snapshot"],
      );
      assert.ok(named(registered, "default-resources").secretOutputs.includes("snapshot"));
      assert.ok(secretOutputs.includes("known"));
    });
  });

  describe("without Helm", () => {
    const MANIFEST = "kubernetes:yaml/v2:ConfigGroup";

    it("has kumactl print the global, looking at no cluster, and applies all but the namespace", async () => {
      const registered = await run({ installer: "kumactl" });
      const { inputs, secretOutputs } = named(registered, "global-manifest", "command:local:Command");
      assert.match(
        String(inputs.create),
        / install control-plane --without-kubernetes-connection --namespace "\$NAMESPACE" --values \/dev\/stdin$/,
      );
      assert.deepEqual([inputs.environment, inputs.logging], [{ NAMESPACE: "kuma-system" }, "none"]);
      assert.deepEqual(yaml.load(String(inputs.stdin)), globalValues());
      assert.deepEqual([...secretOutputs].sort(), ["stderr", "stdout"]);
      const group = named(registered, "global-control-plane", MANIFEST);
      assert.equal(group.inputs.yaml, "kind: canary-manifest\n---\nkind: Deployment\n");
      assert.ok(group.dependencies.includes("global-kds-service"));
      assert.ok(!registered.some(({ name, type }) => type === RELEASE && name === "global"));
    });

    it("has kumactl print a new zone, with what it needs to join", async () => {
      const registered = await run({}, { install: "kumactl", values: { custom: 1 } });
      const { inputs } = named(registered, "default-manifest", "command:local:Command");
      assert.deepEqual(yaml.load(String(inputs.stdin)), newZoneValues());
      assertOrder(
        registered,
        "default-registration",
        "default-namespace",
        "default-control-plane",
        "default-federation",
      );
    });
  });

  describe("with a new zone", () => {
    let registered: Registered[];
    before(
      async () =>
        (registered = await run({}, { install: "helm", chartVersion: "2.12.0", values: { custom: 1 } })),
    );

    it("installs it with what it needs to join, and carries nothing", () => {
      const { inputs, options } = named(registered, "default-release", RELEASE);
      assert.deepEqual(inputs.values, newZoneValues());
      assert.deepEqual([inputs.version, options.import, options.retainOnDelete], ["2.12.0", "", false]);
      for (const name of ["default-resources", "default-way-back", "default-installed"])
        assert.equal(position(registered, name), -1, name);
    });

    it("takes its name first, and joins last", () => {
      assertOrder(
        registered,
        "default-registration",
        "default-namespace",
        "default-release",
        "default-federation",
      );
      const zone = named(registered, "default", "kuma-federation:index:ZoneControlPlane");
      assert.ok(zone.dependencies.includes("global-serving"), "it is taken on a global that serves");
      assert.deepEqual(named(registered, "default-federation").inputs.kdsAddress, "grpcs://10.0.0.7:5685");
    });
  });

  it("has a new zone join after one that ran alone, whichever is named first", async () => {
    const zone = (name: string, more: Settings = {}) => ({
      name,
      platform: "kubernetes",
      context: `kind-${name}`,
      ...more,
    });
    const zones = [zone("new", { install: "helm" }), zone("default")];
    const registered = await run({}, {}, { zones });
    const component = named(registered, "new", "kuma-federation:index:ZoneControlPlane");
    assert.ok(component.dependencies.includes("default-federation"), String(component.dependencies));
    const { global } = named(registered, "new-registration").inputs as { global: { tokens: unknown } };
    assert.deepEqual(global.tokens, [["canary-admin"]], "what comes out of the bridge of the zone before");
  });

  it("tells where the GUI is, and what has to run while somebody looks there", async () => {
    const { outputs } = await runWithOutputs();
    assert.deepEqual(
      [(await valueOf(outputs.guiUrl)).value, (await valueOf(outputs.guiCommand)).value],
      [
        "http://localhost:5681/gui",
        "kubectl --context kind-mesh-global -n kuma-system port-forward svc/kuma-control-plane 5681",
      ],
    );
  });

  it("writes the stack's policies also where all zones are new, once the first has joined", async () => {
    const registered = await run({}, { install: "helm" }, { policies: "policies/demo" });
    const { controlPlane } = values(registered, "global") as { controlPlane: { defaults: object } };
    assert.deepEqual(controlPlane.defaults, { skipMeshCreation: false }, "no zone brings a mesh");
    const component = named(registered, "policies", "kuma-federation:index:MeshPolicies");
    assert.ok(component.dependencies.includes("default-federation"));
  });

  /** Names of the resources that are given a text, each as a secret. */
  const secretHolders = (registered: Registered[], canary: string): string[] => {
    const holders = registered.filter(({ inputs }) => JSON.stringify(inputs).includes(canary));
    for (const { name, shown } of holders) assert.ok(!JSON.stringify(shown).includes(canary), name);
    return holders.map(({ name }) => name);
  };

  it("keeps a kubeconfig secret wherever it goes", async () => {
    const registered = await run({}, {}, { kubeconfig: "apiVersion: v1\nkind: canary-config\n" });
    const holders = secretHolders(registered, "canary-config");
    assert.ok(holders.length >= 6, holders.join());
  });

  it("keeps what a user gives for a chart secret, with and without Helm", async () => {
    const values = { custom: { license: "canary-value" } };
    const withHelm = await run({ values }, { install: "helm", values });
    assert.deepEqual(secretHolders(withHelm, "canary-value").sort(), ["default-release", "global"]);
    assert.ok(named(withHelm, "global", RELEASE).secretOutputs.includes("manifest"));
    const without = await run({ installer: "kumactl", values }, { install: "kumactl", values });
    assert.deepEqual(secretHolders(without, "canary-value").sort(), ["default-manifest", "global-manifest"]);
    const { secretInputs } = named(without, "global-manifest", "command:local:Command");
    assert.deepEqual(secretInputs, ["stdin"], "on its standard input, not on the command line");
  });

  it("has all that it gives resources known in a preview, where those before them stay as they are", async () => {
    // as the handlers leave them: of a zone that was not upgraded once more, on a global that keeps its own keys
    const held = {
      "default-upgrade": { description: "" },
      "default-resources": {
        ...{
          kdsAddress: "grpcs://from-the-bridge:5685",
          kdsCa: "",
          resources: {},
          snapshot: "canary-snapshot",
        },
        ...{ drift: {}, generation: 0, refilled: {}, opener: "canary-opener" },
      },
      "default-way-back": { before: "canary-before" },
    };
    const { registered } = await runWithOutputs(
      {},
      {},
      { policies: "policies/demo" },
      { preview: true, held },
    );
    const unknown = registered.filter(({ shown, inputs }) =>
      JSON.stringify([shown, inputs]).includes(UNKNOWN),
    );
    assert.deepEqual(
      unknown.map(({ name, inputs }) => [name, inputs]),
      [],
    );
    assert.equal(named(registered, "default-release", RELEASE).inputs.description, undefined);
    const { global } = named(registered, "policies").inputs as { global: { tokens: unknown } };
    assert.deepEqual(global.tokens, [["canary-opener"]]);
  });

  it("shows in previews what it sets by itself", async () => {
    assert.deepEqual(named(await run(), "global", RELEASE).secretInputs, []);
  });
});
