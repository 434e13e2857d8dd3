import * as assert from "node:assert/strict";
import { cleanUp } from "../../support/cleanUp";
import { RELEASE, named, run } from "../../support/kubernetes/kubernetesStack";
import { globalValues, zoneValues } from "../../support/kubernetes/wantedValues";
import type { Registered } from "../../support/pulumi/pulumiMocks";

const LICENSE = { license: { Env: "KMESH_LICENSE_INLINE", Secret: "license", Key: "license.json" } };

const values = (registered: Registered[], name: string) => named(registered, name, RELEASE).inputs.values;

describe("index.ts on Kubernetes: with Kong Mesh", () => {
  after(cleanUp);

  let registered: Registered[];
  before(async () => {
    registered = await run(
      {
        product: "kong-mesh",
        replicas: 3,
        values: { kuma: { controlPlane: { secrets: LICENSE } }, ratelimit: 1 },
      },
      { product: "kong-mesh", egress: true, ingress: false },
    );
  });

  it("sets the global's values under kuma, beside the user's own", () => {
    const { controlPlane } = globalValues({ replicas: 3 });
    assert.deepEqual(values(registered, "global"), {
      ratelimit: 1,
      kuma: { controlPlane: { secrets: LICENSE, ...controlPlane } },
    });
  });

  it("sets the zone's values under kuma, with ingress and egress as asked for", () => {
    const expected = zoneValues();
    assert.deepEqual(values(registered, "default-release"), {
      kuma: { ...expected, ingress: { enabled: false }, egress: { enabled: true } },
    });
  });

  it("takes its own names, namespace and chart", () => {
    const { inputs } = named(registered, "global", RELEASE);
    assert.deepEqual(
      [inputs.name, inputs.namespace, inputs.chart, inputs.repositoryOpts],
      ["kong-mesh", "kong-mesh-system", "kong-mesh", { repo: "https://kong.github.io/kong-mesh-charts" }],
    );
    const service = named(registered, "global-kds-service", "kubernetes:core/v1:Service").inputs;
    const { metadata, spec } = service as { metadata: { name: string }; spec: { selector: object } };
    assert.equal(metadata.name, "kong-mesh-global-zone-sync");
    assert.deepEqual(spec.selector, {
      app: "kong-mesh-control-plane",
      "app.kubernetes.io/name": "kong-mesh",
      "app.kubernetes.io/instance": "kong-mesh",
    });
    assert.equal(named(registered, "default-release", RELEASE).options.import, "kong-mesh-system/kong-mesh");
  });
});
