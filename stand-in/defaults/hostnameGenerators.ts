import type { Config } from "../config";
import { LABEL } from "../resources/model";
import type { Store } from "../resources/store";
import { newResource } from "../resources/writer";

type Selector = "meshService" | "meshExternalService" | "meshMultiZoneService";

interface DefaultGenerator {
  name: string;
  selector: Selector;
  labels: Record<string, string>;
  template: string;
}

const HEADLESS = "k8s.kuma.io/is-headless-service";
const FROM_GLOBAL = { [LABEL.origin]: "global" };

/** Source: Kuma v2.14.3 pkg/defaults/hostname_generator.go, as its REST API shows them. */
const OF_ZONE: readonly DefaultGenerator[] = [
  {
    name: "local-mesh-external-service",
    selector: "meshExternalService",
    labels: { [LABEL.origin]: "zone" },
    template: "{{ .DisplayName }}.extsvc.mesh.local",
  },
  {
    name: "local-universal-mesh-service",
    selector: "meshService",
    labels: { [LABEL.origin]: "zone" },
    template: "{{ .DisplayName }}.svc.mesh.local",
  },
];

const OF_GLOBAL: readonly DefaultGenerator[] = [
  {
    name: "synced-headless-kube-mesh-service",
    selector: "meshService",
    labels: { [HEADLESS]: "true", [LABEL.env]: "kubernetes", ...FROM_GLOBAL },
    template:
      '{{ label "statefulset.kubernetes.io/pod-name" }}.{{ label "k8s.kuma.io/service-name" }}' +
      ".{{ .Namespace }}.svc.{{ .Zone }}.mesh.local",
  },
  {
    name: "synced-kube-mesh-service",
    selector: "meshService",
    labels: { [HEADLESS]: "false", [LABEL.env]: "kubernetes", ...FROM_GLOBAL },
    template: "{{ .DisplayName }}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local",
  },
  {
    name: "synced-mesh-external-service",
    selector: "meshExternalService",
    labels: FROM_GLOBAL,
    template: "{{ .DisplayName }}.extsvc.mesh.local",
  },
  {
    name: "synced-mesh-multi-zone-service",
    selector: "meshMultiZoneService",
    labels: FROM_GLOBAL,
    template: "{{ .DisplayName }}.mzsvc.mesh.local",
  },
  {
    name: "synced-universal-mesh-service",
    selector: "meshService",
    labels: { [LABEL.env]: "universal", ...FROM_GLOBAL },
    template: "{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local",
  },
];

export function ensureHostnameGenerators(store: Store, config: Config): void {
  if (config.defaults.skipHostnameGenerators) {
    return;
  }
  for (const generator of config.mode === "zone" ? OF_ZONE : OF_GLOBAL) {
    const ref = { type: "HostnameGenerator", mesh: "", name: generator.name };
    if (!store.get(ref.type, ref)) {
      store.create(
        newResource({
          ...ref,
          // Of the labels that a written resource gets, the real control plane gives these only the origin.
          labels: config.mode === "zone" ? { [LABEL.origin]: "zone" } : {},
          body: {
            spec: {
              selector: { [generator.selector]: { matchLabels: generator.labels } },
              template: generator.template,
            },
          },
        }),
      );
    }
  }
}
