import * as assert from "node:assert/strict";
import { federatedValues, standaloneValues } from "../../../../platforms/kubernetes/helm/federationValues";
import { isCutShort } from "../../../../platforms/kubernetes/helm/helmRelease";
import { zoneProxyValues } from "../../../../platforms/kubernetes/helm/zoneProxyValues";

const ZONE = { zone: "z", kdsAddress: "grpcs://g:5685", kdsCa: "", ingress: true };
const proxies = zoneProxyValues("ingress", {
  ...{ replicas: 2, port: 10_100, advertisedAddress: "203.0.113.7" },
  service: { type: "NodePort", nodePort: 30_100, annotations: { "example.com/a": "b" } },
});

describe("platforms/kubernetes: what the chart is told of zone ingress and egress", () => {
  it("is where the chart has it, with both annotations that Kuma wants of an advertised address", () => {
    const { ingress } = federatedValues({}, undefined, { ...ZONE, proxies });
    assert.deepEqual(ingress, {
      enabled: true,
      replicas: 2,
      service: { port: 10_100, type: "NodePort", nodePort: 30_100, annotations: { "example.com/a": "b" } },
      podAnnotations: {
        "kuma.io/ingress-public-address": "203.0.113.7",
        "kuma.io/ingress-public-port": "10100",
      },
    });
    const port = (more: object) =>
      zoneProxyValues("ingress", { advertisedAddress: "a", ...more })
        .map(([, value]) => value)
        .at(-1);
    assert.deepEqual([port({}), port({ advertisedPort: 443, port: 10_100 })], ["10001", "443"]);
    assert.deepEqual(zoneProxyValues("egress", { replicas: 3 }), [[["egress", "replicas"], 3]]);
    assert.deepEqual(zoneProxyValues("egress", {}), []);
  });

  for (const key of [undefined, "kuma"]) {
    const under = (values: object) => (key === undefined ? { ...values } : { other: 1, [key]: values });

    it(`goes with the federation, and no value of others does${key ? ", in an umbrella chart" : ""}`, () => {
      const before = under({ ingress: { replicas: 5, service: { annotations: { mine: "1" } } } });
      const member = federatedValues(before, key, { ...ZONE, proxies });
      const changed = structuredClone(member) as { ingress: object; kuma: { ingress: object } };
      Object.assign(key ? changed.kuma.ingress : changed.ingress, { logLevel: "debug" });
      assert.deepEqual(
        standaloneValues(changed, before, key),
        under({ ingress: { replicas: 5, service: { annotations: { mine: "1" } }, logLevel: "debug" } }),
      );
      // replicas that somebody has set by helm are his, where the stack says nothing of them
      const own = federatedValues(under({ ingress: { replicas: 7 } }), key, ZONE);
      assert.deepEqual(standaloneValues(own, before, key), under({ ingress: { replicas: 7 } }));
    });

    it(`is known in an upgrade that was cut short, either way${key ? ", in an umbrella chart" : ""}`, () => {
      const release = { revision: 1, status: "deployed", chartName: "kuma", chartVersion: "2.14.3" };
      const alone = { ...release, values: under({ ingress: { replicas: 5 } }) };
      const member = { ...release, values: federatedValues(alone.values, key, { ...ZONE, proxies }) };
      const other = { ...release, values: under({ ingress: { replicas: 5 }, more: true }) };
      const isOurs = (from: typeof alone, to: typeof alone) =>
        isCutShort(
          { ...to, status: "pending-upgrade", former: from },
          { valuesKey: key, isChartChosen: false },
        );
      assert.deepEqual(
        [isOurs(alone, member), isOurs(member, alone), isOurs(member, other), isOurs(alone, other)],
        [true, true, false, false],
      );
    });
  }
});
