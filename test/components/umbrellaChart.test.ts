import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { findOnPath, resolveNamed } from "../../toolchain/process/executables";
import { cleanUp, tempDir } from "../support/cleanUp";
import { RELEASE, Settings, named, run } from "../support/kubernetes/kubernetesStack";
import { Registered } from "../support/pulumi/pulumiMocks";

interface KubernetesObject {
  kind: string;
  metadata: { name: string };
  stringData?: Record<string, string>;
  spec: {
    template: {
      metadata: { labels: Record<string, string> };
      spec: { containers: Container[]; volumes: Volume[] };
    };
  };
}

interface Container {
  env: { name: string; value?: string; valueFrom?: unknown }[];
}

interface Volume {
  secret?: { secretName: string };
}

const LICENSE = { Env: "KMESH_LICENSE_INLINE", Secret: "kong-mesh-license", Key: "license.json" };

/**
 * Kong Mesh's chart, which wraps Kuma's under the key `kuma`, is not at hand everywhere; one made here wraps any chart of
 * Kuma's in the same way.
 */
describe("the values for Kong Mesh, in a chart that wraps Kuma's", () => {
  let helm: string;
  let chart: string;
  let registered: Registered[];

  before(async function () {
    const { HELM, KUMA_CHART } = process.env;
    const found = HELM ? resolveNamed(HELM, process.env) : findOnPath("helm", process.env).at(0);
    if (!found || !KUMA_CHART) {
      console.log(
        "      skipped: needs helm (on PATH or named by HELM), and a chart of Kuma named by KUMA_CHART",
      );
      return this.skip();
    }
    helm = found;
    chart = KUMA_CHART;
    const values = { kuma: { nameOverride: "kong-mesh", controlPlane: { secrets: { license: LICENSE } } } };
    registered = await run(
      { product: "kong-mesh", values, replicas: 2 },
      { product: "kong-mesh", install: "helm", values, egress: true },
    );
  });
  afterEach(cleanUp);

  /** What Helm makes of a release of the program. */
  const rendered = (release: string): KubernetesObject[] => {
    const umbrella = tempDir();
    fs.writeFileSync(path.join(umbrella, "Chart.yaml"), "apiVersion: v2\nname: kong-mesh\nversion: 0.0.0\n");
    fs.cpSync(chart, path.join(umbrella, "charts", path.basename(chart)), { recursive: true });
    const { name, namespace, values } = named(registered, release, RELEASE).inputs as Record<string, string>;
    const args = ["template", name, umbrella, "--namespace", namespace, "--values", "-"];
    const text = execFileSync(helm, args, { input: yaml.dump(values), encoding: "utf8", maxBuffer: 1 << 26 });
    return (yaml.loadAll(text) as (KubernetesObject | null)[]).filter((each) => each !== null);
  };
  const objectOf = (objects: KubernetesObject[], kind: string, name: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === name) ??
    assert.fail(`no ${kind} ${name}`);
  const podOf = (objects: KubernetesObject[]) =>
    objectOf(objects, "Deployment", "kong-mesh-control-plane").spec.template;
  const environmentOf = (objects: KubernetesObject[]) => {
    const { env } = podOf(objects).spec.containers[0];
    return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
  };
  const license = { secretKeyRef: { name: LICENSE.Secret, key: LICENSE.Key } };

  it("reach the zone: its mode, name, address, authority, and proxies; its license is left alone", () => {
    const objects = rendered("default-release");
    const environment = environmentOf(objects);
    assert.deepEqual(
      ["KUMA_MODE", "KUMA_MULTIZONE_ZONE_NAME", "KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS"].map(
        (name) => environment[name],
      ),
      ["zone", "default", "grpcs://10.0.0.7:5685"],
    );
    assert.match(String(environment.KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE), /\/ca\.crt$/);
    assert.equal(environment.KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY, undefined);
    assert.deepEqual(environment.KMESH_LICENSE_INLINE, license);
    const authority = objectOf(objects, "Secret", "kong-mesh-kds-zone-client-tls").stringData;
    assert.deepEqual(authority, { "ca.crt": "the ca" });
    objectOf(objects, "Deployment", "kong-mesh-ingress");
    objectOf(objects, "Deployment", "kong-mesh-egress");
  });

  it("reach the global: its mode, no mesh of its own, the certificate, and no second Service for zones", () => {
    const objects = rendered("global");
    const environment = environmentOf(objects);
    assert.deepEqual(
      [environment.KUMA_MODE, environment.KUMA_DEFAULTS_SKIP_MESH_CREATION],
      ["global", "true"],
    );
    assert.match(String(environment.KUMA_MULTIZONE_GLOBAL_KDS_TLS_CERT_FILE), /\/tls\.crt$/);
    const secrets = podOf(objects).spec.volumes.map(({ secret }) => secret?.secretName);
    assert.ok(secrets.includes("kuma-kds-global-server-tls"), secrets.join());
    assert.deepEqual(environment.KMESH_LICENSE_INLINE, license);
    assert.ok(
      !objects.some(({ kind, metadata }) => kind === "Service" && metadata.name.includes("zone-sync")),
    );
  });

  it("make pods that the program's own Service for zones selects", () => {
    const { labels } = podOf(rendered("global")).metadata;
    const { spec } = named(registered, "global-kds-service", "kubernetes:core/v1:Service").inputs as {
      spec: { selector: Settings };
    };
    for (const [label, value] of Object.entries(spec.selector)) assert.equal(labels[label], value, label);
  });
});
