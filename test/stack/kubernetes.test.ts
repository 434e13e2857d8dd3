import * as assert from "node:assert/strict";
import type { KubernetesGlobalConfig, KubernetesZoneConfig } from "../../stack/settings/kubernetes";
import { zoneProxyInClusterArgs } from "../../stack/args";
import { readStackConfig } from "../../stack/config";
import { secretPaths } from "../../stack/secrets";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { kumaErrorOf } from "../support/errors";

type Values = Record<string, unknown>;

function read(global: Values = {}, zone: Values = {}, secretsOf?: (key: string) => string[]) {
  const kds = global.kds ?? { sourceRanges: "everyone" };
  const all: Values = {
    global: { platform: "kubernetes", context: "g", ...global, kds },
    zones: [{ name: "default", platform: "kubernetes", context: "z", ...zone }],
  };
  const config = readStackConfig(
    {
      keys: [],
      get: (key) => all[key],
      secretsIn: (key) => secretsOf?.(key) ?? secretPaths(key, all[key]),
    },
    "test",
  );
  return {
    global: config.global as KubernetesGlobalConfig,
    zone: config.zones[0] as KubernetesZoneConfig,
  };
}

describe("stack/kubernetes", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", undefined));
  afterEach(cleanUp);

  it("fills in what is left out, of Kuma", () => {
    const common = {
      platform: "kubernetes",
      product: "kuma",
      namespace: "kuma-system",
      release: "kuma",
      chart: "kuma",
      chartRepository: "https://kumahq.github.io/charts",
      values: {},
    };
    assert.deepEqual(read(), {
      global: {
        ...common,
        context: "g",
        chartVersion: "2.14.3",
        installer: "helm",
        replicas: 1,
        kds: {
          type: "LoadBalancer",
          annotations: {},
          sourceRanges: "everyone",
          timeout: 300,
        },
      },
      zone: {
        ...common,
        context: "z",
        directory: ".kuma-federation/stacks/test/zones/default",
        name: "default",
        federated: true,
        install: "adopt",
        ingress: true,
      },
    });
  });

  it("fills in what is left out, of Kong Mesh", () => {
    const { namespace, release, chart, chartRepository } = read({ product: "kong-mesh" }).global;
    assert.deepEqual(
      [namespace, release, chart, chartRepository],
      ["kong-mesh-system", "kong-mesh", "kong-mesh", "https://kong.github.io/kong-mesh-charts"],
    );
  });

  it("takes a chart with a slash for a path, which has no repository and its own version", () => {
    const { chart, chartRepository, chartVersion } = read({ chart: "./charts/kuma" }).global;
    assert.deepEqual([chart, chartRepository, chartVersion], ["./charts/kuma", undefined, undefined]);
    const named = read({ chart: "mesh", chartRepository: "https://charts.example.com" }).global;
    assert.deepEqual([named.chart, named.chartRepository], ["mesh", "https://charts.example.com"]);
  });

  it("takes a NodePort, with Kuma's own port when none is given", () => {
    const { type, host, nodePort } = read({ kds: { type: "NodePort", host: "192.0.2.1" } }).global.kds;
    assert.deepEqual([type, host, nodePort], ["NodePort", "192.0.2.1", 30_685]);
  });

  for (const [demo, expected] of [
    [undefined, undefined],
    [false, undefined],
    [true, {}],
    [{ image: "mirror/demo:1" }, { image: "mirror/demo:1" }],
  ] as const) {
    it(`takes demo: ${JSON.stringify(demo)}`, () => assert.deepEqual(read({}, { demo }).zone.demo, expected));
  }

  it("takes what the chart is told of zone ingress and egress", () => {
    const ingress = { replicas: 2, service: { type: "NodePort" }, advertisedAddress: "203.0.113.7" };
    const { zone } = read({}, { ingress, egress: true });
    assert.deepEqual(JSON.parse(JSON.stringify(zone.ingress)), ingress);
    assert.deepEqual(zoneProxyInClusterArgs(zone), {
      ingress: true,
      egress: true,
      zoneIngress: zone.ingress,
    });
    assert.deepEqual(zoneProxyInClusterArgs({ ingress: false }), { ingress: false });
  });

  const inKds = (kds: unknown): [Values, Values] => [{ kds }, {}];
  const ranges = "it must be everyone, or a list of ranges in CIDR notation";
  const host = "it must be a host name or an IPv4 address, without scheme and port.";
  const wrong: [[Values, Values], string][] = [
    [[{ context: undefined }, {}], "The setting global.context is missing; it must be a text."],
    [[{}, { context: 7 }], "The setting zones[0].context is 7; it must be a text."],
    [[{ product: "istio" }, {}], 'The setting global.product is "istio"; it must be one of kuma, kong-mesh.'],
    [[{ installer: "argo" }, {}], 'The setting global.installer is "argo"; it must be one of helm, kumactl.'],
    [[{ replicas: 0 }, {}], "The setting global.replicas is 0; it must be a whole number from 1 to 99."],
    [
      [{}, { ingress: { replicas: 0 } }],
      "The setting zones[0].ingress.replicas is 0; it must be a whole number from 1 to 99.",
    ],
    [
      [{}, { ingress: { advertisedPort: 443 } }],
      "The setting zones[0].ingress.advertisedAddress is missing; it must be given where advertisedPort is: Kuma takes both or none.",
    ],
    [
      [{}, { egress: { advertisedPort: 443 } }],
      "The setting zones[0].egress.advertisedPort is not known here; allowed are replicas, port, service.",
    ],
    [[{ values: "canary" }, {}], "The setting global.values is no object, as it must be."],
    [
      [{}, { kubeconfig: "apiVersion: v1\nkind: canary\n" }],
      'The setting zones[0].kubeconfig holds the content of a kubeconfig, which would stand in the state in clear; it must be the path of one. Content can be given for all contexts at once, in the setting kubeconfig, with "pulumi config set --secret".',
    ],
    [
      [{}, { install: true }],
      "The setting zones[0].install is true; it must be one of adopt, helm, kumactl.",
    ],
    [[{}, { ingress: "yes" }], 'The setting zones[0].ingress is "yes"; it must be true, false or an object.'],
    [[{}, { demo: "yes" }], 'The setting zones[0].demo is "yes"; it must be true, false or an object.'],
    [
      [{}, { demo: { images: 1 } }],
      "The setting zones[0].demo.images is not known here; allowed are namespace, image, redisImage.",
    ],
    [
      inKds({ sourceRanges: "everyone", host: "grpcs://h:5685" }),
      `The setting global.kds.host is "grpcs://h:5685"; ${host}`,
    ],
    [inKds({ sourceRanges: "everyone", host: "::1" }), `The setting global.kds.host is "::1"; ${host}`],
    [
      inKds({ type: "NodePort" }),
      "The setting global.kds.host is missing; it must be the address of a node that zones can reach, as type is NodePort.",
    ],
    [
      inKds({ type: "ClusterIP" }),
      'The setting global.kds.type is "ClusterIP"; it must be one of LoadBalancer, NodePort.',
    ],
    [
      inKds({ sourceRanges: "everyone", timeout: 0 }),
      "The setting global.kds.timeout is 0; it must be a whole number from 1 to 3600.",
    ],
    [
      inKds({}),
      "The setting global.kds.sourceRanges is missing, so no load balancer is made: it must say who may connect with the KDS port of the global, which asks zones for no credential and sends whoever reaches it the keys of every mesh. Give the addresses of your zones in CIDR notation, such as [203.0.113.0/24], or everyone where something else keeps others away.",
    ],
    [inKds({ sourceRanges: "all" }), `The setting global.kds.sourceRanges is "all"; ${ranges}.`],
    [
      inKds({ sourceRanges: [] }),
      `The setting global.kds.sourceRanges is []; ${ranges}, such as [203.0.113.0/24].`,
    ],
    ...["10.0.0.0", "10.0.0.0/33", "10.0.0.0/8/8", "::/129", "zone.example.com/24", "10.0.0.0/ 8"].map(
      (range): [[Values, Values], string] => [
        inKds({ sourceRanges: ["10.0.0.0/8", range] }),
        `The setting global.kds.sourceRanges is "${range}"; ${ranges}, such as [203.0.113.0/24].`,
      ],
    ),
    [
      inKds({ type: "NodePort", host: "10.0.0.1", sourceRanges: ["10.0.0.0/8"] }),
      "The setting global.kds.sourceRanges has no effect on a NodePort, which every address that reaches a node can connect with; it must be everyone or left out. Keep others away with a firewall.",
    ],
    [
      inKds({ sourceRanges: "everyone", port: 5685 }),
      "The setting global.kds.port is not known here; allowed are type, host, nodePort, annotations, loadBalancerClass, sourceRanges, timeout.",
    ],
  ];
  for (const [[global, zone], message] of wrong) {
    it(message, async () => {
      assert.deepEqual(await kumaErrorOf(() => read(global, zone)), { code: "invalid", message });
    });
  }

  describe("secrets within a setting", () => {
    const secure = "v1:abc:def";
    const values = { controlPlane: { secrets: [{ license: { secure } }] } };
    const elsewhere =
      "is or holds a secret, but only what stands below values of a control plane in a cluster stays secret.";
    const withoutHelm =
      "is or holds a secret, but without Helm the values end in objects that stand in the state in clear. Put it into a Secret of the cluster and name that in the values, or install with Helm.";

    it("may stand in the values of a control plane that Helm installs", () => {
      assert.deepEqual(read({ values }).global.values, values);
      assert.deepEqual(read({}, { install: "helm", values }).zone.values, values);
    });

    it("may stand there where Pulumi tells of the whole setting only", () => {
      const given = { custom: "in clear" };
      const only = (secret: string) => (key: string) => (key === secret ? [key] : []);
      assert.deepEqual(read({ values: given }, {}, only("global")).global.values, given);
      assert.deepEqual(read({}, { values: given }, only("zones")).zone.values, given);
    });

    const refused: [what: string, read: () => unknown, message: string][] = [
      [
        "an annotation",
        () => read({ kds: { sourceRanges: "everyone", annotations: { a: { secure } } } }),
        `global.kds.annotations.a ${elsewhere}`,
      ],
      ["all values at once", () => read({ values: { secure } }), `global.values ${elsewhere}`],
      [
        "values without Helm",
        () => read({ installer: "kumactl", values }),
        `global.values.controlPlane.secrets[0].license ${withoutHelm}`,
      ],
      [
        "values of a new zone without Helm",
        () => read({}, { install: "kumactl", values }),
        `zones[0].values.controlPlane.secrets[0].license ${withoutHelm}`,
      ],
      [
        "something somewhere",
        () => read({}, {}, (key) => (key === "global" ? [key] : [])),
        `global ${elsewhere}`,
      ],
      [
        "something somewhere, without Helm",
        () => read({}, { install: "kumactl", values: { a: 1 } }, (key) => (key === "zones" ? [key] : [])),
        `zones ${withoutHelm}`,
      ],
    ];
    for (const [what, work, message] of refused) {
      it(`are refused as ${what}`, async () => {
        assert.deepEqual(await kumaErrorOf(work), { code: "invalid", message: `The setting ${message}` });
      });
    }
  });
});
