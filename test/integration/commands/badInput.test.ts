import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { needsEngine } from "../../support/pulumi/engine";
import { freePortBase } from "../../support/ports";
import { Sandbox, dialled, getJson, oneZone, startGlobal } from "../support";

/** Bad input ends in one sentence and exit status 2, and the zone runs on as it was. */
describe("bad input", function () {
  needsEngine();
  let sandbox: Sandbox;

  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  async function errorOf(command: string, ...args: string[]): Promise<string> {
    const { status, output } = await sandbox.run(command, "--stack", "test", ...args);
    assert.equal(status, 2, output);
    const [, message] = /^error: (.*)$/ms.exec(output) ?? assert.fail(`no error in: ${output}`);
    assert.doesNotMatch(message, /^\s+at /m, "no stack");
    return message.trim();
  }

  it("an unknown stack", async () => {
    assert.match(
      await errorOf("up"),
      /^There is no stack test: .*Pulumi\.test\.yaml cannot be read\. Stacks here: none\. To take .* npm run destroy does, before that\.$/,
    );
  });

  const WRONG: [what: string, change: (config: Record<string, unknown>) => object, message: RegExp][] = [
    [
      "no zones",
      () => ({ zones: undefined }),
      /^The setting zones is missing; it must be a list of at least one zone\.$/,
    ],
    ["no global", () => ({ global: undefined }), /^The setting global is missing; it must be an object\.$/],
    [
      "another platform",
      () => ({ global: { platform: "openshift" } }),
      /^The setting global\.platform is "openshift"; it must be one of universal, kubernetes, host, existing, konnect\.$/,
    ],
    [
      "a key that is misspelt",
      (config) => ({ global: { ...(config.global as object), port: 1 } }),
      /^The setting global\.port is not known here; allowed are platform, portBase, kumaCp, store, kdsHost\.$/,
    ],
    [
      "another way to decide conflicts",
      () => ({ onConflict: "merge" }),
      /^The setting onConflict is "merge"; it must be one of fail, keepGlobal, overwrite, or a list of rules\.$/,
    ],
  ];
  for (const [what, change, message] of WRONG) {
    it(`in the configuration: ${what}`, async () => {
      const { config } = await oneZone();
      const wrong = Object.entries({ ...config, ...change(config) }).filter(
        ([, value]) => value !== undefined,
      );
      sandbox.writeStack("test", Object.fromEntries(wrong));
      assert.match(await errorOf("up"), message);
    });
  }

  it("a token in clear text", async () => {
    const { config } = await oneZone();
    sandbox.writeStack("test", { ...config, globalToken: "not-a-token" });
    const message = await errorOf("up");
    assert.match(
      message,
      /^The setting globalToken stands in clear text in .*Pulumi\.test\.yaml\. Set it with "npm run secret -- --stack test set globalToken"/,
    );
    assert.doesNotMatch(message, /not-a-token/);
  });

  it("a directory of policies that is not there", async () => {
    const { config } = await oneZone();
    sandbox.writeStack("test", { ...config, policies: "no-such-directory" });
    assert.match(
      await errorOf("up"),
      /^The setting policies names no-such-directory, which cannot be read: there is no such directory\.$/,
    );
  });

  it("policies and content that cannot be written, found before anything is", async () => {
    const { config, zoneUrl } = await oneZone();
    const timeout = { type: "MeshTimeout", name: "t", spec: {} };
    const policies = sandbox.writeContent("policies", [
      { ...timeout, mesh: "nosuch" },
      { ...timeout, type: "Novelty" },
    ]);
    sandbox.writeStack("test", { ...config, policies });
    const message = await errorOf("up");
    assert.match(message, /content\.yaml, document 1: MeshTimeout nosuch\/t: there is no mesh nosuch; /);
    assert.match(message, /content\.yaml, document 2: Novelty t: .* does not know the type Novelty\./);
    assert.equal(await dialled(zoneUrl), undefined);

    const content = sandbox.writeContent("content", [timeout, { ...timeout, mesh: "default" }]);
    const second = await oneZone({ content });
    sandbox.writeStack("test", second.config);
    assert.match(
      await errorOf("preview"),
      /^MeshTimeout default\/t stands in two places: .*document 1, and .*document 2/,
    );
  });

  it("a port that is in use", async () => {
    const { config } = await oneZone();
    // not one that the system gives out: those beside it may be in use as well
    const portBase = await freePortBase();
    const port = portBase + 85;
    const server = http.createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    sandbox.writeStack("test", {
      ...config,
      global: { platform: "universal", portBase, kumaCp: "embedded" },
    });
    assert.match(
      await errorOf("up"),
      new RegExp(
        `^Port ${port} \\(kds of global\\) is in use on this machine, so global was not started\\. .* the setting global\\.portBase\\.$`,
      ),
    );
    server.close();
  });

  it("no engine to be had", async () => {
    const { config } = await oneZone();
    sandbox.writeStack("test", config);
    sandbox.environment.PULUMI = path.join(os.tmpdir(), "no-such-pulumi");
    assert.match(
      await errorOf("up"),
      /^PULUMI is ".*no-such-pulumi", and no such program can be executed\.$/,
    );
    delete sandbox.environment.PULUMI;
  });

  it("a global that cannot be reached", async () => {
    const { config } = await oneZone();
    const portBase = await freePortBase();
    const global = {
      platform: "existing",
      apiUrl: `http://127.0.0.1:${portBase + 81}`,
      kdsAddress: "grpcs://127.0.0.1:1",
    };
    sandbox.writeStack("test", { ...config, global });
    assert.match(
      await errorOf("up"),
      /^The global control plane at http:\/\/127\.0\.0\.1:\d+ cannot be reached: connection refused\. Check that it runs, and that its address is right\.$/,
    );
  });

  it("something else than Kuma at the global's address", async () => {
    const { config, zoneUrl } = await oneZone();
    const server = http
      .createServer((_, response) => response.end("<html>hello</html>"))
      .listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    sandbox.writeStack("test", {
      ...config,
      global: { platform: "existing", apiUrl, kdsAddress: "grpcs://127.0.0.1:1" },
    });
    assert.match(
      await errorOf("up"),
      /^What answers at http:\/\/127\.0\.0\.1:\d+ is not a Kuma or Kong Mesh control plane/,
    );
    assert.equal(await dialled(zoneUrl), undefined);
    server.close();
    server.closeAllConnections();
  });

  it("a global that does not accept the token, then one that does", async () => {
    const locked = { KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN: "false" };
    const global = await startGlobal(sandbox.directory, locked);
    const { config, zoneUrl } = await oneZone();
    sandbox.writeStack("test", { ...config, global: global.config });
    sandbox.environment.KUMA_GLOBAL_TOKEN = "not-a-token";
    const message = await errorOf("up");
    assert.match(message, /does not accept the token that was given, or wants one/);
    assert.doesNotMatch(message, /not-a-token/);
    assert.equal(await dialled(zoneUrl), undefined);

    // the token that the global made for itself serves until the zone's signing keys are there
    await global.process.start({
      ...settingsOf(global),
      environment: { ...settingsOf(global).environment, KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN: "true" },
    });
    const { data } = await getJson<{ data: string }>(`${global.url}/globalsecrets/admin-user-token`);
    await global.process.start({
      ...settingsOf(global),
      environment: { ...settingsOf(global).environment, ...locked },
    });
    sandbox.environment.KUMA_GLOBAL_TOKEN = Buffer.from(data, "base64").toString();
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    const again = await sandbox.run("up", "--stack", "test");
    assert.equal(again.status, 0, again.output);
    assert.match(again.output, /nothing to do/);
  });

  it("a zone that is federated with another global", async () => {
    const { config, zoneUrl } = await oneZone();
    sandbox.writeStack("test", config);
    assert.equal((await sandbox.run("up", "--stack", "test")).status, 0);
    const address = await dialled(zoneUrl);
    const other = await startGlobal(sandbox.directory);
    sandbox.writeStack("other", { ...config, global: other.config });
    const zoneDirectory = path.join(sandbox.state, "stacks/other/zones/zone-1");
    // the same zone in another stack
    fs.cpSync(path.join(sandbox.state, "stacks/test/zones/zone-1"), zoneDirectory, { recursive: true });
    const { status, output } = await sandbox.run("preview", "--stack", "other");
    assert.equal(status, 2);
    assert.match(
      output,
      /^error: Zone zone-1 was not federated, and nothing was written\. .*Zone zone-1 is federated already, with grpcs:\/\/127\.0\.0\.1:\d+\./ms,
    );
    assert.equal(await dialled(zoneUrl), address);
  });

  it("a zone that has another name", async () => {
    const { config } = await oneZone();
    const [zone] = config.zones as object[];
    sandbox.writeStack("test", config);
    await sandbox.startZones();
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, name: "zone-2" }] });
    fs.renameSync(
      path.join(sandbox.state, "stacks/test/zones/zone-1"),
      path.join(sandbox.state, "stacks/test/zones/zone-2"),
    );
    assert.match(
      await errorOf("preview"),
      /The zone is called "zone-1", not "zone-2"; under another name its own policies stop matching/,
    );
  });
});

function settingsOf(global: Awaited<ReturnType<typeof startGlobal>>) {
  return global.process.settings() ?? assert.fail("it was never started");
}
