import * as net from "node:net";
import * as v from "valibot";
import { EVERYONE } from "../../platforms/kubernetes/chart";
import { PRODUCTS } from "../../platforms/kubernetes/products";
import {
  anyObject,
  choice,
  flag,
  hostName,
  integer,
  object,
  optional,
  otherwise,
  setting,
  text,
} from "./fields";
import { ZONE, ZONE_NAME } from "./zone";

/** For a file that holds secrets, so its content does not belong here, and is not shown. */
const KUBECONFIG = v.pipe(
  text(),
  v.check(
    (value) => !/[\n{]/.test(value),
    `The setting {key} holds the content of a kubeconfig, which would stand in the state in clear; it must be the path of one. ` +
      `Content can be given for all contexts at once, in the setting kubeconfig, with "pulumi config set --secret".`,
  ),
);

/** Of a control plane in a cluster. */
const COMMON = {
  platform: setting("in a cluster", v.literal("kubernetes"), "docs/kubernetes.md#settings"),
  context: setting("name of a context of the kubeconfig", text()),
  kubeconfig: setting(
    "path of one, no content; otherwise the stack's setting `kubeconfig`; otherwise the usual places",
    optional(KUBECONFIG),
  ),
  product: setting("from which the defaults of the next five follow", otherwise("kuma", choice(PRODUCTS))),
  namespace: setting("default `kuma-system` or `kong-mesh-system`", optional(text())),
  release: setting("name of the Helm release, default `kuma` or `kong-mesh`", optional(text())),
  chart: setting("name of a published chart, or with a slash in it the path of one", optional(text())),
  chartRepository: setting("where the chart is published, unless it is a path", optional(text())),
  chartVersion: setting(
    "of a global 2.14.3 unless `chart` is a path; of a zone the version that is installed",
    optional(text()),
  ),
  values: setting(
    "for the chart, as for Helm; may hold `secure:` values, and is kept secret. Of an adopted zone the values are those of " +
      "its release, and this is not read",
    otherwise({}, anyObject()),
  ),
};

const RANGES = `${EVERYONE}, or a list of ranges in CIDR notation`;
const SUCH_AS = `${RANGES}, such as [203.0.113.0/24]`;

const SOURCE_RANGES = v.union(
  [
    v.literal(EVERYONE),
    v.pipe(
      v.array(v.string()),
      v.minLength(1, SUCH_AS),
      v.rawCheck(({ dataset, addIssue }) => {
        const unfit = dataset.typed ? dataset.value.find((range) => !isCidr(range)) : undefined;
        if (unfit === undefined) return;
        addIssue({ message: `The setting {key} is ${JSON.stringify(unfit)}; it must be ${SUCH_AS}.` });
      }),
    ),
  ],
  RANGES,
);

function isCidr(range: string): boolean {
  const [address, bits, ...rest] = range.split("/");
  const most = { 4: 32, 6: 128 }[net.isIP(address)];
  return most !== undefined && rest.length === 0 && /^\d{1,3}$/.test(bits ?? "") && Number(bits) <= most;
}

/** The Service that zones dial. */
const KDS = v.pipe(
  object({
    type: setting("of the Service", otherwise("LoadBalancer", choice(["LoadBalancer", "NodePort"]))),
    host: setting(
      "host name or IPv4 address that zones dial in place of the load balancer's; needed for a NodePort",
      optional(hostName()),
    ),
    nodePort: setting("port on every node, default 30685 for a NodePort", optional(integer(1, 65_535))),
    annotations: setting("of the Service", otherwise({}, anyObject<string>())),
    loadBalancerClass: setting("of the Service", optional(text())),
    sourceRanges: setting(
      `who may connect, in CIDR notation, or \`${EVERYONE}\`; a load balancer needs it, as a Kuma global lets in every zone ` +
        "that reaches it",
      optional(SOURCE_RANGES),
      "docs/security.md#the-kds-port-of-a-global",
    ),
    timeout: setting("seconds to wait for the load balancer's address", otherwise(300, integer(1, 3_600))),
  }),
  v.forward(
    v.partialCheck(
      [["type"], ["host"]],
      ({ type, host }) => type !== "NodePort" || host !== undefined,
      "the address of a node that zones can reach, as type is NodePort",
    ),
    ["host"],
  ),
  // Kuma 2 asks zones for no credential, so that whoever reaches the port is sent every key of every mesh. A load balancer is
  // often one of the internet's: nothing is made before the stack says who may connect.
  v.forward(
    v.partialCheck(
      [["type"], ["sourceRanges"]],
      ({ type, sourceRanges }) => type !== "LoadBalancer" || sourceRanges !== undefined,
      `The setting {key} is missing, so no load balancer is made: it must say who may connect with the KDS port of the global, which asks zones for no credential and sends whoever reaches it the keys of every mesh. ` +
        `Give the addresses of your zones in CIDR notation, such as [203.0.113.0/24], or ${EVERYONE} where something else keeps others away.`,
    ),
    ["sourceRanges"],
  ),
  v.forward(
    v.partialCheck(
      [["type"], ["sourceRanges"]],
      ({ type, sourceRanges }) => type !== "NodePort" || !Array.isArray(sourceRanges),
      `The setting {key} has no effect on a NodePort, which every address that reaches a node can connect with; it must be ${EVERYONE} or left out. Keep others away with a firewall.`,
    ),
    ["sourceRanges"],
  ),
);

export const KUBERNETES_GLOBAL = object({
  ...COMMON,
  installer: setting(
    "how it gets into the cluster",
    otherwise("helm", choice(["helm", "kumactl"])),
    "docs/kubernetes.md#without-helm",
  ),
  replicas: setting("of the control plane", otherwise(1, integer(1, 99))),
  kds: setting("the Service that zones dial", otherwise({}, KDS)),
});

/** Names and images of the demo application, where they are to be others than the guides'. */
const DEMO = object({
  namespace: setting("a new one, default `kuma-demo`", optional(text())),
  image: setting("of demo-app", optional(text())),
  redisImage: setting("of redis", optional(text())),
});

const SERVICE = object({
  type: setting("of the Service", optional(choice(["LoadBalancer", "NodePort", "ClusterIP"]))),
  nodePort: setting("port on every node", optional(integer(1, 65_535))),
  annotations: setting("of the Service", optional(anyObject<string>())),
});

const EGRESS = {
  replicas: setting("how many there are", optional(integer(1, 99))),
  port: setting("of its Service", optional(integer(1, 65_535))),
  service: setting("what is dialled", optional(SERVICE)),
};

/** Values of the chart for a zone ingress, beyond that there is one. */
const INGRESS = v.pipe(
  object({
    ...EGRESS,
    advertisedAddress: setting(
      "as other zones reach it; what its Service tells when left out",
      optional(hostName()),
    ),
    advertisedPort: setting(
      "the same of its port; that of its Service when left out",
      optional(integer(1, 65_535)),
    ),
  }),
  v.forward(
    v.partialCheck(
      [["advertisedAddress"], ["advertisedPort"]],
      ({ advertisedAddress, advertisedPort }) =>
        advertisedPort === undefined || advertisedAddress !== undefined,
      "given where advertisedPort is: Kuma takes both or none",
    ),
    ["advertisedAddress"],
  ),
);

const FLAG_OR_OBJECT = "true, false or an object";

export const KUBERNETES_ZONE = object({
  ...COMMON,
  name: ZONE_NAME,
  ...ZONE,
  install: setting(
    "`adopt` for a release that is there; the others install a new zone, which joins at once and has nothing to carry",
    otherwise("adopt", choice(["adopt", "helm", "kumactl"])),
  ),
  ingress: setting(
    "whether the zone gets a zone ingress; an object says more of it",
    otherwise(true, v.union([flag(), INGRESS], FLAG_OR_OBJECT)),
    "docs/kubernetes.md#zone-ingress-and-egress",
  ),
  egress: setting(
    "whether it gets a zone egress; an object says more of it; left as it is when left out",
    optional(v.union([flag(), object(EGRESS)], FLAG_OR_OBJECT)),
    "docs/kubernetes.md#zone-ingress-and-egress",
  ),
  demo: setting(
    "`true` deploys demo-app and redis of Kuma's guides; or an object with other names",
    optional(v.union([flag(), DEMO], FLAG_OR_OBJECT)),
  ),
});
