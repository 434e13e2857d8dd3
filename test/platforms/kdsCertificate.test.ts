import * as assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import * as tls from "node:tls";
import {
  KeyPair,
  isDueForRenewal,
  issueAuthority,
  issueServerCertificate,
} from "../../platforms/kdsCertificate";
import { kdsCertificate } from "../../resources/global/kdsCertificate.handler";

const HOSTS = ["global.example.com", "127.0.0.1", "::1"];
const DAY_MS = 24 * 60 * 60 * 1000;

describe("platforms/kdsCertificate", () => {
  let authority: KeyPair;
  let server: KeyPair;
  let ca: X509Certificate;
  let cert: X509Certificate;
  before(async () => {
    authority = await issueAuthority("global");
    server = await issueServerCertificate(authority, HOSTS);
    ca = new X509Certificate(authority.cert);
    cert = new X509Certificate(server.cert);
  });

  it("issues a certificate that its authority signed", () => {
    assert.ok(cert.checkIssued(ca));
    assert.ok(cert.verify(ca.publicKey));
    assert.ok(cert.checkPrivateKey(createPrivateKey(server.key)));
    assert.ok(ca.checkPrivateKey(createPrivateKey(authority.key)));
    assert.deepEqual([ca.ca, cert.ca], [true, false]);
    assert.equal(ca.subject, "CN=KDS authority of global");
    assert.equal(cert.subject, "CN=kuma-kds-global-server");
  });

  it("is valid for exactly the hosts that were named", () => {
    assert.equal(cert.checkHost("global.example.com"), "global.example.com");
    assert.equal(cert.checkIP("127.0.0.1"), "127.0.0.1");
    assert.equal(cert.checkIP("::1"), "::1");
    assert.equal(cert.checkHost("other.example.com"), undefined);
    assert.equal(cert.checkHost("kuma-kds-global-server"), undefined);
    assert.equal(cert.checkIP("127.0.0.2"), undefined);
    assert.equal(
      cert.subjectAltName,
      "DNS:global.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
  });

  it("serves TLS only for server authentication", () => {
    assert.deepEqual(cert.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  });

  const handshake = (options: tls.ConnectionOptions): Promise<string> =>
    new Promise((resolve, reject) => {
      const listener = tls.createServer({ cert: server.cert, key: server.key }, (socket) => socket.end());
      listener.on("tlsClientError", () => {});
      listener.listen(0, "127.0.0.1", () => {
        const { port } = listener.address() as { port: number };
        const socket = tls.connect({ port, host: "127.0.0.1", ...options });
        const end = (result: string) => {
          socket.destroy();
          listener.close((error) => (error ? reject(error) : resolve(result)));
        };
        socket.once("secureConnect", () => end("connected"));
        socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
      });
    });

  it("is accepted by whom trusts the authority, and by nobody else", async () => {
    assert.equal(await handshake({ ca: authority.cert }), "connected");
    assert.equal(
      await handshake({ ca: authority.cert, servername: "global.example.com", host: "127.0.0.1" }),
      "connected",
    );
    assert.equal(await handshake({}), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    const another = await issueAuthority("global");
    assert.match(
      await handshake({ ca: another.cert }),
      /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE)$/,
    );
    const servername = "other.example.com";
    assert.equal(await handshake({ ca: authority.cert, servername }), "ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("has a serial number of its own each time, positive and of 16 bytes", async () => {
    const again = new X509Certificate((await issueServerCertificate(authority, HOSTS)).cert);
    assert.notEqual(again.serialNumber, cert.serialNumber);
    for (const { serialNumber } of [ca, cert, again]) assert.match(serialNumber, /^0?1[0-9A-F]{30}$/);
  });

  it("lasts a year, and its authority ten; both already for some minutes", () => {
    for (const [each, days] of [
      [cert, 365],
      [ca, 3650],
    ] as const) {
      const from = Date.parse(each.validFrom);
      assert.ok(from < Date.now() - 60_000);
      assert.equal(Math.round((Date.parse(each.validTo) - from) / DAY_MS), days);
    }
  });

  it("is due for renewal in its last thirty days", () => {
    const end = Date.parse(cert.validTo);
    assert.equal(isDueForRenewal(server.cert), false);
    assert.equal(isDueForRenewal(server.cert, end - 30 * DAY_MS - 1000), false);
    assert.equal(isDueForRenewal(server.cert, end - 30 * DAY_MS + 1000), true);
    assert.equal(isDueForRenewal(server.cert, end + DAY_MS), true);
  });

  describe("as a resource", () => {
    const inputs = { name: "global", hosts: ["127.0.0.1"] };

    it("keeps its authority when hosts change, and has nothing to do otherwise", async () => {
      const { id, outs } = await kdsCertificate.create(inputs);
      assert.equal(id, "global");
      assert.deepEqual(await kdsCertificate.diff(id, outs, inputs), { changes: false });
      const moved = { ...inputs, hosts: ["10.0.0.1"] };
      assert.deepEqual(await kdsCertificate.diff(id, outs, moved), { changes: true });
      const updated = await kdsCertificate.update(id, outs, moved);
      assert.deepEqual([updated.ca, updated.caKey], [outs.ca, outs.caKey]);
      const renewed = new X509Certificate(updated.cert);
      assert.equal(renewed.subjectAltName, "IP Address:10.0.0.1");
      assert.ok(renewed.verify(new X509Certificate(outs.ca).publicKey));
    });

    it("never outlives its authority without being due for renewal", async () => {
      const { outs } = await kdsCertificate.create(inputs);
      // as if the authority had been made almost ten years ago
      const realNow = Date.now;
      const old = await (async () => {
        Date.now = () => realNow() - 3640 * DAY_MS;
        try {
          return await issueAuthority("global");
        } finally {
          Date.now = realNow;
        }
      })();
      const { cert } = await issueServerCertificate(old, inputs.hosts);
      const state = { ...outs, ca: old.cert, caKey: old.key, cert };
      assert.equal(isDueForRenewal(old.cert), true);
      assert.deepEqual(await kdsCertificate.diff("global", state, inputs), { changes: true });
    });
  });
});
