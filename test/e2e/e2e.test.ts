import assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { readStackConfig } from "../../stack/config";
import { until } from "../support/until";
import { cleanUp, later } from "../support/cleanUp";
import { FakeCluster } from "../support/kubernetes/fakeCluster";
import { parseArguments, stackOf } from "./arguments";
import { Checks } from "./checks";
import { Probe } from "../../cli/drills/probe";
import { Side } from "./side";

const CONTEXTS = ["--global-context", "g", "--zone-context", "z"];

describe("e2e", () => {
  afterEach(cleanUp);

  describe("arguments", () => {
    it("need two contexts, and fill in the rest", () => {
      const { globalContext, zoneContext, product, zone, watch, probeUrl } = parseArguments(CONTEXTS);
      assert.deepEqual(
        [globalContext, zoneContext, product, zone, watch, probeUrl],
        ["g", "z", "kuma", "default", 60, undefined],
      );
    });

    for (const [args, message] of [
      [[], /^--global-context is missing\.\n\nUsage: /],
      [["--global-context", "g"], /^--zone-context is missing\./],
      [["--global-context", "g", "--zone-context", "g"], /are both g; they must be two clusters\.$/],
      [[...CONTEXTS, "--product", "istio"], /^--product is istio; it must be one of kuma, kong-mesh\.$/],
      [[...CONTEXTS, "--watch", "soon"], /^--watch is soon; it must be a number of seconds/],
      [[...CONTEXTS, "--watch", "1e9"], /^--watch is 1e9/],
      [[...CONTEXTS, "--probe-url", "10.0.0.1"], /^--probe-url is 10\.0\.0\.1; it must begin with http/],
      [[...CONTEXTS, "--wach", "1"], /Unknown option '--wach'[^]*Usage: /],
      [[...CONTEXTS, "up"], /Unexpected argument 'up'/],
    ] as const) {
      it(`refuse ${args.join(" ") || "none"}`, () => {
        assert.throws(() => parseArguments(args), { message });
      });
    }

    it("make a stack that the program accepts", () => {
      const more = [
        "--kubeconfig",
        "k",
        "--product",
        "kong-mesh",
        "--chart",
        "./c",
        "--kds-host",
        "h",
        "--zone",
        "zone-1",
      ];
      const values = stackOf(parseArguments([...CONTEXTS, ...more]));
      const { global, zones } = readStackConfig(
        {
          keys: Object.keys(values),
          get: (key) => values[key],
          secretsIn: () => [],
        },
        "e2e",
      );
      assert.ok(global.platform === "kubernetes");
      const { context, kubeconfig, chart, namespace, kds } = global;
      assert.deepEqual(
        [context, kubeconfig, chart, namespace, kds.host],
        ["g", "k", "./c", "kong-mesh-system", "h"],
      );
      assert.deepEqual(
        zones.map((zone) => [zone.name, zone.platform === "kubernetes" && zone.context]),
        [["zone-1", "z"]],
      );
    });
  });

  it("counts checks, and goes on after one that fails", async () => {
    const lines: string[] = [];
    const checks = new Checks((line) => lines.push(line));
    assert.equal(await checks.check("a", () => {}), true);
    assert.equal(await checks.check("b", () => assert.fail("no")), false);
    checks.skip("c", "why");
    assert.deepEqual(lines, ["passed   a", "FAILED   b: no", "skipped  c: why"]);
    assert.equal(checks.summary, "1 passed, 1 failed, 1 skipped");
  });

  it("counts each failed call, and goes on calling while one hangs", async () => {
    let calls = 0;
    let hanging: http.ServerResponse | undefined;
    const server = http.createServer((_, response) => {
      calls++;
      if (calls === 1) hanging = response;
      else response.writeHead(calls === 2 ? 503 : 200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    later(() => void server.close());
    const probe = new Probe(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 20);
    await until("some calls beside the one that hangs", () => calls >= 4);
    hanging?.destroy();
    const { made, failed, failures } = await probe.stop();
    assert.equal(made, calls);
    // the one that was answered with 503, and the one that was cut
    assert.equal(failed, 2);
    assert.match(failures.join(), /status 503 at \d+\.\d s/);
  });

  it("sees any write to a cluster that a federation makes, and none where there was none", async () => {
    const cluster = await FakeCluster.start();
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kuma-system" } };
    cluster.add("/api/v1/namespaces/kuma-system", namespace);
    const args = parseArguments([...CONTEXTS, "--kubeconfig", cluster.kubeconfig("z")]);
    const side = await Side.open("z", args);
    later(() => side.close());
    const untouched = await side.fingerprint();
    assert.equal(await side.fingerprint(), untouched);
    cluster.addRelease("kuma-system", "kuma", 1, {
      info: { status: "deployed" },
      chart: { metadata: { name: "kuma", version: "2.14.3" } },
    });
    assert.notEqual(await side.fingerprint(), untouched);
    assert.equal((await side.release())?.revision, 1);

    const released = await side.fingerprint();
    await side.addMarker("m", { "kuma.io/origin": "zone" });
    const marker = cluster.objects.get("/apis/kuma.io/v1alpha1/namespaces/kuma-system/meshtimeouts/m");
    assert.deepEqual(marker?.metadata.labels, { "kuma.io/mesh": "default", "kuma.io/origin": "zone" });
    await side.removeMarker("m");
    await side.removeMarker("m");
    assert.equal(await side.fingerprint(), released);
  });
});
