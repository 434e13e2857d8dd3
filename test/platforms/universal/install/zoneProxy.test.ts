import * as assert from "node:assert/strict";
import * as net from "node:net";
import * as tls from "node:tls";
import * as yaml from "js-yaml";
import { ControlPlane, isZoneTokenDue, issueZoneToken } from "../../../../kuma";
import { issueAuthority, issueServerCertificate } from "../../../../platforms/kdsCertificate";
import { dataPlaneServerOf } from "../../../../platforms/universal/install/dataPlaneServer";
import { filesOf } from "../../../../platforms/universal/install/service";
import { ZoneProxySpec, zoneProxyService } from "../../../../platforms/universal/install/zoneProxy";
import { cleanUp, later } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { FakeHost } from "../../../support/hosts/fakeHost";

const spec = (more: Partial<ZoneProxySpec> = {}): ZoneProxySpec => ({
  ...{ unit: "kuma-ingress.service", title: "the zone ingress of zone a", owner: "test/a-ingress" },
  ...{ kind: "ingress", name: "a-ingress", address: "10.0.0.7", port: 10_001 },
  ...{ cpAddress: "https://127.0.0.1:5678", cpCa: "CA", token: "canary-token" },
  ...more,
});
const written = (more?: Partial<ZoneProxySpec>) =>
  new Map(filesOf(zoneProxyService(spec(more)), "/opt/p").map((file) => [file.path.split("/").at(-1), file]));

describe("platforms/universal/install: a zone ingress and a zone egress", () => {
  afterEach(cleanUp);

  it("are described by documents with address, port, and what other zones dial", () => {
    const networking = (more?: Partial<ZoneProxySpec>) =>
      yaml.load(written(more).get("proxy.yaml")?.content ?? "") as object;
    assert.deepEqual(networking({ advertisedAddress: "a.example.com", advertisedPort: 443 }), {
      type: "ZoneIngress",
      name: "a-ingress",
      networking: {
        ...{ address: "10.0.0.7", port: 10_001, advertisedAddress: "a.example.com", advertisedPort: 443 },
        admin: { port: 9911 },
      },
    });
    assert.deepEqual(networking({ kind: "egress", name: "a-egress", port: 10_002 }), {
      type: "ZoneEgress",
      name: "a-egress",
      networking: { address: "10.0.0.7", port: 10_002, admin: { port: 9921 } },
    });
  });

  it("have their token in a file for their user only, and in no unit", () => {
    const [token] = [written().get("token")];
    assert.deepEqual([token?.content, token?.mode, token?.owner], ["canary-token", 0o640, "root:kuma-dp"]);
    const unit = written().get("kuma-ingress.service")?.content ?? "";
    assert.match(unit, /bin\/kuma-dp run --proxy-type=ingress --cp-address=https:\/\/127\.0\.0\.1:5678 /);
    assert.ok(!unit.includes("canary"));
  });

  it("verify their control plane by the certificate that it shows to its own host", async () => {
    const authority = await issueAuthority("test");
    const server = await issueServerCertificate(authority, ["zone-a.example.com", "127.0.0.1"]);
    const listening = tls.createServer(server, () => {}).listen(0, "127.0.0.1");
    later(() => void listening.close());
    await new Promise((resolve) => listening.once("listening", resolve));
    const { port } = listening.address() as net.AddressInfo;
    const host = new (class extends FakeHost {
      override connect = async () => net.connect(port, "127.0.0.1");
    })();
    const zone = {
      title: "zone a",
      getJson: async () => ({ dpServer: { port } }),
    } as unknown as ControlPlane;
    const seen = await dataPlaneServerOf(host, zone, ["10.0.0.7", "zone-a.example.com"]);
    assert.equal(seen.address, `https://zone-a.example.com:${port}`);
    assert.equal(seen.ca.trim(), server.cert.trim());
    const { message } = await kumaErrorOf(dataPlaneServerOf(host, zone, ["10.0.0.7"]));
    assert.match(message, /is for DNS:zone-a\.example\.com.* and not for 10\.0\.0\.7/);
  });

  it("get a token of the global's for their scope, and a new one before it ends", async () => {
    const asked: unknown[] = [];
    const global = { post: async (...args: unknown[]) => (asked.push(args), "token\n") };
    const issued = await issueZoneToken(global as unknown as ControlPlane, "zone-a", "egress", 31);
    const [[path, request]] = asked as [[string, object]];
    assert.deepEqual(
      [path, request],
      ["/tokens/zone", { zone: "zone-a", scope: ["egress"], validFor: "744h" }],
    );
    assert.equal(issued.token, "token");
    const day = 24 * 60 * 60 * 1000;
    assert.equal(isZoneTokenDue(issued), false);
    assert.equal(isZoneTokenDue(issued, Date.now() + 2 * day), true);
    const hosted = { hosted: {}, post: () => assert.fail() } as unknown as ControlPlane;
    assert.match(
      (await kumaErrorOf(issueZoneToken(hosted, "z", "ingress", 31))).message,
      /Konnect issues no token/,
    );
  });
});
