import * as assert from "node:assert/strict";
import { promises as dns } from "node:dns";
import { once } from "node:events";
import * as net from "node:net";
import * as os from "node:os";
import { Duplex } from "node:stream";
import { mock } from "node:test";
import * as tls from "node:tls";
import { dial } from "../../../kuma";
import type { Vantage } from "../../../kuma/api/vantage";
import { KeyPair, issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { selfSignedUntil } from "../../support/endingCertificate";

const HERE = `this machine (${os.hostname()})`;

describe("kuma/preflight/dial", () => {
  let authority: KeyPair;
  const servers: net.Server[] = [];
  before(async () => (authority = await issueAuthority("test")));
  afterEach(() => {
    mock.restoreAll();
    mock.timers.reset();
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(server: net.Server): Promise<number> {
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as net.AddressInfo).port;
  }
  /** A server, and what each handshake with it has asked for. */
  async function serve(hosts: string[]): Promise<{ port: number; asked: object[] }> {
    const certificate = await issueServerCertificate(authority, hosts);
    const asked: object[] = [];
    const ALPNCallback: tls.TlsOptions["ALPNCallback"] = ({ servername, protocols }) => {
      asked.push({ servername, protocols });
      return "h2";
    };
    return { port: await listen(tls.createServer({ ...certificate, ALPNCallback })), asked };
  }

  /** A machine from which everything leads to one port of this one. */
  const from = (port: number) => {
    const asked: [string, number][] = [];
    const opened: Duplex[] = [];
    const vantage: Vantage = {
      title: "host root@zone-1",
      async connect(host, at) {
        asked.push([host, at]);
        const socket = net.connect(port, "127.0.0.1");
        opened.push(socket);
        await once(socket, "connect");
        return socket;
      },
      look: () => Promise.resolve({}),
    };
    return { vantage, asked, opened };
  };

  it("shakes hands as a zone would, and tells what the certificate holds", async () => {
    const server = await serve(["kds.example.com", "10.0.0.1"]);
    const { vantage, asked, opened } = from(server.port);
    const dialled = await dial("grpcs://KDS.example.com:5685", authority.cert, vantage);
    const { notAfter } = dialled.tls ?? {};
    assert.deepEqual(dialled, {
      ...{ host: "kds.example.com", port: 5685, from: "host root@zone-1" },
      tls: {
        rejected: undefined,
        issuer: "KDS authority of test",
        names: ["kds.example.com", "10.0.0.1"],
        notAfter,
        protocol: "h2",
      },
    });
    const days = ((notAfter?.getTime() ?? 0) - Date.now()) / 86_400_000;
    assert.equal(Math.round(days), 365);
    assert.deepEqual(asked, [["kds.example.com", 5685]]);
    assert.deepEqual(server.asked, [{ servername: "kds.example.com", protocols: ["h2"] }]);
    assert.ok(opened[0].destroyed);
  });

  it("gives an address by number as no name", async () => {
    const { port, asked } = await serve(["127.0.0.1"]);
    const { tls: shaken, from: where } = await dial(`grpcs://127.0.0.1:${port}`, authority.cert);
    assert.deepEqual([shaken?.rejected, shaken?.names, where], [undefined, ["127.0.0.1"], HERE]);
    assert.deepEqual(asked, [{ servername: false, protocols: ["h2"] }]);
  });

  it("tells why a certificate is not accepted, and goes on to tell what it holds", async () => {
    const { vantage } = from((await serve(["kds.example.com"])).port);
    const another = await dial("grpcs://kds.example.com", (await issueAuthority("other")).cert, vantage);
    const system = await dial("grpcs://kds.example.com", "", vantage);
    for (const { tls: shaken } of [another, system]) {
      assert.match(String(shaken?.rejected), /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/);
      assert.deepEqual(shaken?.names, ["kds.example.com"]);
    }
    const elsewhere = await dial("grpcs://other.example.com", authority.cert, vantage);
    assert.match(String(elsewhere.tls?.rejected), /ALTNAME/);
  });

  it("tells no name of a certificate without any", async () => {
    const notAfter = new Date(Date.UTC(2100, 0, 1));
    for (const [name, issuer] of [
      ["CN=test", "test"],
      ["O=test", undefined],
    ]) {
      const own = await selfSignedUntil(notAfter, name);
      const { vantage } = from(await listen(tls.createServer(own)));
      const { tls: shaken } = await dial("grpcs://10.0.0.1", own.cert, vantage);
      assert.deepEqual([shaken?.names, shaken?.issuer, shaken?.notAfter], [[], issuer, notAfter]);
      // nor does this server speak of protocols
      assert.equal(shaken?.protocol, undefined);
    }
  });

  it("tells of what does not speak TLS", async () => {
    const { vantage, opened } = from(await listen(net.createServer((socket) => socket.end("hello"))));
    const { tls: shaken } = await dial("grpcs://kds.example.com", "", vantage);
    assert.deepEqual(shaken, { failed: "what answers there does not speak TLS", names: [] });
    assert.ok(opened[0].destroyed);
  });

  it("only connects where the address is without TLS, and leaves again", async () => {
    const { vantage, asked, opened } = from(await listen(net.createServer()));
    for (const [address, host, port] of [
      ["grpc://KDS.example.com:5685", "kds.example.com", 5685],
      ["grpc://[::1]:5685", "::1", 5685],
      ["grpc://kds.example.com", "kds.example.com", 443],
    ] as const) {
      assert.deepEqual(await dial(address, "", vantage), { host, port, from: "host root@zone-1" });
      assert.deepEqual(asked.at(-1), [host, port]);
      assert.equal(opened.at(-1)?.destroyed, true);
    }
  });

  for (const [code, reason] of [
    ["ECONNREFUSED", "connection refused"],
    ["ENOTFOUND", "its host name is not known"],
    ["EAI_AGAIN", "its host name is not known"],
    ["ECONNRESET", "the connection was cut"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "what answers there does not speak TLS"],
    ["E_NOT_ERR_SSL", "as it was said"],
    [undefined, "as it was said"],
  ]) {
    it(`says of a connection that fails with ${code}: ${reason}`, async () => {
      const error = Object.assign(new Error("as it was said"), code === undefined ? {} : { code });
      const { vantage } = from(0);
      vantage.connect = () => Promise.reject(error);
      assert.deepEqual(await dial("grpcs://kds.example.com:5685", "", vantage), {
        ...{ host: "kds.example.com", port: 5685, from: "host root@zone-1" },
        unreachable: reason,
      });
    });
  }

  it("looks a name up, from this machine alone", async () => {
    const looked: unknown[] = [];
    mock.method(dns, "lookup", (host: string) => {
      looked.push(host);
      return Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
    });
    const { unreachable } = await dial("grpcs://kds.example.com:5685", "");
    assert.deepEqual([unreachable, looked], ["its host name is not known", ["kds.example.com"]]);
    const port = await listen(net.createServer());
    await dial("grpc://kds.example.com", "", from(port).vantage);
    await dial(`grpc://127.0.0.1:${port}`, "");
    assert.deepEqual(looked, ["kds.example.com"]);
  });

  it("gives up a connection that is not made within 5 s, and is patient with one that is", async () => {
    const port = await listen(net.createServer());
    const given: number[] = [];
    let isLate = true;
    mock.method(
      net.Socket.prototype,
      "setTimeout",
      function (this: net.Socket, ms: number, onTimeout?: () => void) {
        given.push(ms);
        if (onTimeout && isLate) queueMicrotask(onTimeout);
        return this;
      },
    );
    const late = await dial(`grpc://127.0.0.1:${port}`, "");
    assert.deepEqual([late.unreachable, given], ["it did not answer in time", [5_000]]);
    isLate = false;
    assert.equal((await dial(`grpc://127.0.0.1:${port}`, "")).unreachable, undefined);
    assert.deepEqual(given, [5_000, 5_000, 0]);
  });

  it("gives up a handshake that is not answered within 5 s", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const silent = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const asked = { ...from(0).vantage, connect: () => Promise.resolve(silent) };
    let dialled: unknown;
    const dialling = dial("grpcs://kds.example.com:5685", "", asked).then((result) => (dialled = result));
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    await settled();
    mock.timers.tick(4_999);
    await settled();
    assert.equal(dialled, undefined);
    mock.timers.tick(1);
    assert.deepEqual((await dialling).tls, { failed: "it did not answer in time", names: [] });
    assert.ok(silent.destroyed);
  });
});
