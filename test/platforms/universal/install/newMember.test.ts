import * as assert from "node:assert/strict";
import * as net from "node:net";
import * as tls from "node:tls";
import type { Ran } from "../../../../platforms/universal/hosts/host";
import { assertReachesGlobal, tellingWhy } from "../../../../platforms/universal/install/newMember";
import { KumaError } from "../../../../kuma";
import { cleanUp, later } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { FakeHost } from "../../../support/hosts/fakeHost";
import { issueAuthority, issueServerCertificate } from "../../../../platforms/kdsCertificate";

/** A host from which `connect` leads where a test says. */
class NearHost extends FakeHost {
  constructor(private readonly dialled: () => Promise<net.Socket>) {
    super();
  }

  override connect(): Promise<net.Socket> {
    return this.dialled();
  }
}

/** A host whose journal says something. */
class TalkingHost extends FakeHost {
  readonly asked: string[] = [];

  constructor(private readonly journal: string) {
    super();
  }

  override async run(argv: readonly string[]): Promise<Ran> {
    this.asked.push(argv.join(" "));
    return { status: 0, stdout: argv[0] === "date" ? "1700000000\n" : this.journal, stderr: "" };
  }
}

const listening = (server: net.Server) =>
  new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port));
    later(() => void server.close());
  });
const connected = (port: number) => () =>
  new Promise<net.Socket>((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(socket));
  });

describe("platforms/universal/install/newMember", () => {
  afterEach(cleanUp);
  const zone = { title: "zone zone-b", kdsAddress: "grpcs://10.0.0.7:5685", kdsCa: "" };

  it("installs no zone on a host that does not reach the global", async () => {
    const host = new NearHost(async () => {
      throw new Error("10.0.0.7:5685 does not answer to host mesh@zone-a");
    });
    assert.deepEqual(await kumaErrorOf(assertReachesGlobal(host, zone)), {
      code: "unreachable",
      message:
        "Zone zone-b was not installed, and nothing was changed on its host: the KDS address of the global, grpcs://10.0.0.7:5685, cannot be reached from " +
        "host mesh@zone-a: 10.0.0.7:5685 does not answer to host mesh@zone-a. " +
        "Check that the global runs, and that this is an address under which the zone reaches it; then run it again.",
    });
  });

  it("installs none where something else than a KDS server answers", async () => {
    const port = await listening(net.createServer((socket) => socket.end("no TLS\n")));
    const { message } = await kumaErrorOf(assertReachesGlobal(new NearHost(connected(port)), zone));
    assert.match(message, /accepts connections from host mesh@zone-a, but no TLS handshake: \S/);
  });

  it("installs one where a KDS server answers", async () => {
    const authority = await issueAuthority("global");
    const { cert, key } = await issueServerCertificate(authority, ["10.0.0.7"]);
    const port = await listening(tls.createServer({ cert, key, ALPNProtocols: ["h2"] }));
    await assertReachesGlobal(new NearHost(connected(port)), { ...zone, kdsCa: authority.cert });
  });

  it("tells what a zone says that does not become a member", async () => {
    const host = new TalkingHost(
      "2026-01-01T00:00:00Z\tINFO\tkds\twell\n2026-01-01T00:00:01Z\tERROR\tkds-mux-client\tdial tcp 10.0.0.7:5685: i/o timeout\n",
    );
    const failing = async () => {
      throw new KumaError("gate", "Zone zone-b did not stay online.");
    };
    assert.deepEqual(await kumaErrorOf(tellingWhy(host, "kuma-cp.service", failing)), {
      code: "gate",
      message:
        "Zone zone-b did not stay online. The zone's control plane says:\n    ERROR kds-mux-client dial tcp 10.0.0.7:5685: i/o timeout\n",
    });
    assert.match(host.asked[1], /kuma-cp\.service .*--since @1700000000$/);
  });

  it("leaves alone what tells nothing of the zone", async () => {
    const host = new TalkingHost("2026-01-01T00:00:01Z\tERROR\tkds\tgone\n");
    const failing = async () => {
      throw new KumaError("unreachable", "The global does not answer.");
    };
    const { message } = await kumaErrorOf(tellingWhy(host, "kuma-cp.service", failing));
    assert.equal(message, "The global does not answer.");
    assert.equal(await tellingWhy(host, "kuma-cp.service", async () => 7), 7);
  });
});
