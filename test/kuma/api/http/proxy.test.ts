import * as assert from "node:assert/strict";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import { ControlPlane } from "../../../../kuma";
import { exemptLoopback, proxyFor } from "../../../../kuma/api/http/proxy";
import { issueAuthority, issueServerCertificate } from "../../../../platforms/kdsCertificate";
import { httpGet } from "../../../../toolchain/download/httpGet";
import { cleanUp, later, setEnvironment } from "../../../support/cleanUp";
import { kumaErrorOf } from "../../../support/errors";
import { ConnectProxy } from "../../../support/connectProxy";

const VARIABLES = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"];

describe("kuma/api/http/proxy", () => {
  beforeEach(() => VARIABLES.forEach((name) => setEnvironment(name, undefined)));
  afterEach(cleanUp);

  const HTTPS_PROXY = "http://proxy.test:3128";
  for (const [url, NO_PROXY, isProxied] of [
    ["https://kuma.example.com:5682", "", true],
    ["http://kuma.example.com:5681", "", false],
    ["https://localhost:5682", "", false],
    ["https://127.0.0.1:5682", "", false],
    ["https://127.1.2.3", "", false],
    ["https://127.example.com", "", true],
    ["https://10.1.2.3", "10.0.0.0/8x", true],
    ["https://10.1.2.3", "/8", true],
    ["https://10.1.2.3", "10.1.2.3/32", false],
    ["https://10.1.2.3", "10.1.2.3/33", true],
    ["https://[fd00::1]", "fd00::1/128", false],
    ["https://[fd00::1]", "fd00::1/129", true],
    ["https://10.1.2.3", "10.1.2.3:x/8", true],
    ["https://[::1]:5682", "", false],
    ["https://kuma.example.com", "example.com", false],
    ["https://kuma.example.com", ".example.com", false],
    ["https://kuma.example.com", "*.example.com", false],
    ["https://notexample.com", "example.com", true],
    ["https://kuma.example.com", "other.com, KUMA.example.com", false],
    ["https://kuma.example.com:5682", "example.com:443", true],
    ["https://kuma.example.com", "example.com:443", false],
    ["https://kuma.example.com", "*", false],
    ["https://10.1.2.3", "10.0.0.0/8", false],
    ["https://11.1.2.3", "10.0.0.0/8", true],
    ["https://kuma.example.com", "10.0.0.0/8", true],
    ["https://[fd00::1]", "fd00::/8", false],
    ["https://[fd00::1]", "fd00::/16,fc00::/7", false],
    ["https://[fe80::1]", "fd00::/8", true],
    ["https://10.1.2.3", "10.1.2.0/24", false],
    ["https://10.1.3.3", "10.1.2.0/24", true],
    ["https://10.1.2.3", "fd00::/8", true],
    ["https://[fd00::1]", "10.0.0.0/8", true],
    ["https://[fd00::1]", "fd00::1", false],
    ["https://[fd00::1]", "[fd00::1]:443", false],
    ["https://[fd00::1]:8443", "[fd00::1]:443", true],
    ["https://10.1.2.3", "2.3", true],
    ["https://10.1.2.3", "10.1.2.3", false],
    ["https://10.1.2.3", "nonsense/8", true],
    ["https://kuma.example.com", " , ,,  example.com  ", false],
    ["https://kuma.example.com", ",", true],
    ["https://kuma.example.com", "kuma.example.com:x", true],
  ] as const) {
    it(`reaches ${url} ${isProxied ? "through the proxy" : "directly"} with NO_PROXY=${NO_PROXY}`, () =>
      assert.equal(
        proxyFor(new URL(url), { HTTPS_PROXY, NO_PROXY })?.host,
        isProxied ? "proxy.test:3128" : undefined,
      ));
  }

  it("keeps this machine out of any proxy, in both ways of writing it, beside what the user says", () => {
    for (const given of [{ NO_PROXY: "a.test" }, { no_proxy: "a.test", NO_PROXY: "b.test" }]) {
      const env: NodeJS.ProcessEnv = { ...given };
      exemptLoopback(env);
      assert.equal(env.no_proxy, "a.test,localhost,127.0.0.1,::1");
      assert.equal(env.NO_PROXY, env.no_proxy);
    }
  });

  it("takes an address without a scheme, and one of https", () => {
    const through = (proxy: string) =>
      proxyFor(new URL("https://kuma.example.com"), { https_proxy: proxy })?.href;
    assert.equal(through("proxy.test:3128"), "http://proxy.test:3128/");
    assert.equal(through("https://proxy.test"), "https://proxy.test/");
    assert.equal(through(""), undefined);
  });

  it("says which variable is wrong", async () => {
    for (const proxy of ["socks5://proxy", "httpsx://proxy", "xhttp://proxy", "http://"]) {
      const { message } = await kumaErrorOf(() =>
        proxyFor(new URL("https://kuma.example.com"), { HTTPS_PROXY: proxy }),
      );
      assert.equal(
        message,
        "The variable HTTPS_PROXY is not the address of a proxy, such as http://proxy.example.com:3128. Nothing was sent.",
      );
    }
  });

  it("adds this machine to nothing as well", () => {
    const env: NodeJS.ProcessEnv = {};
    exemptLoopback(env);
    assert.equal(env.NO_PROXY, "localhost,127.0.0.1,::1");
  });

  it("does not show an address that is none, as it may hold a password", async () => {
    const env = { HTTPS_PROXY: "socks5://me:canary@proxy" };
    const { code, message } = await kumaErrorOf(() => proxyFor(new URL("https://kuma.example.com"), env));
    assert.equal(code, "invalid");
    assert.doesNotMatch(message, /canary/);
  });

  describe("with a proxy that answers", () => {
    let proxy: ConnectProxy;
    let origin: https.Server;
    let ca: string;
    let port: number;

    beforeEach(async () => {
      const authority = await issueAuthority("test");
      ca = authority.cert;
      origin = https.createServer(await issueServerCertificate(authority, ["kuma.test"]), (_, response) =>
        response.end(JSON.stringify({ product: "Kuma", version: "2.14.3", tagline: "Kuma" })),
      );
      await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
      port = (origin.address() as net.AddressInfo).port;
      later(
        () => new Promise<void>((resolve) => origin.close(() => resolve()) && origin.closeAllConnections()),
      );
      proxy = await ConnectProxy.start(port);
      later(() => proxy.stop());
      setEnvironment("HTTPS_PROXY", `http://user:pass@127.0.0.1:${proxy.port}`);
    });

    it("asks a control plane through it, and still looks at its certificate", async () => {
      const client = new ControlPlane({
        url: "https://kuma.test:5682",
        title: "the global",
        ca,
        attempts: 1,
      });
      later(() => client.close());
      assert.equal((await client.info()).version, "2.14.3");
      assert.deepEqual(proxy.asked, ["kuma.test:5682"]);
      assert.equal(proxy.authorization, `Basic ${Buffer.from("user:pass").toString("base64")}`);

      const other = new ControlPlane({ url: "https://kuma.test:5682", title: "the global", attempts: 1 });
      later(() => other.close());
      const { message } = await kumaErrorOf(other.info());
      assert.match(message, /certificate/);
    });

    it("leaves out what NO_PROXY names", async () => {
      setEnvironment("NO_PROXY", "kuma.test");
      const client = new ControlPlane({
        url: "https://kuma.test:5682",
        title: "the global",
        ca,
        attempts: 1,
      });
      later(() => client.close());
      await kumaErrorOf(client.info());
      assert.deepEqual(proxy.asked, []);
    });

    it("downloads through it", async () => {
      // the proxy has it from a server whose certificate nobody here trusts: that it was asked is what counts
      const read = () => Promise.resolve();
      await assert.rejects(
        httpGet("https://releases.test/kuma.tar.gz", read, { attempts: 1 }),
        /releases\.test/,
      );
      assert.deepEqual(proxy.asked, ["releases.test:443"]);
    });

    it("asks a server on this machine directly", async () => {
      const server = http.createServer((_, response) => response.end("here"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      later(
        () => new Promise<void>((resolve) => server.close(() => resolve()) && server.closeAllConnections()),
      );
      setEnvironment("HTTP_PROXY", `http://127.0.0.1:${proxy.port}`);
      exemptLoopback(process.env);
      const { port: at } = server.address() as net.AddressInfo;
      await httpGet(`http://127.0.0.1:${at}/`, async (chunks) => {
        for await (const chunk of chunks) assert.ok(chunk.length > 0);
      });
      assert.deepEqual(proxy.asked, []);
    });
  });
});
