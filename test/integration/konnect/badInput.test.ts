import assert from "node:assert/strict";
import * as path from "node:path";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { needsEngine } from "../../support/pulumi/engine";
import { freePortBase } from "../../support/ports";
import { Sandbox, dialled, getJson } from "../support";
import { konnectStack } from "./stack";

describe("bad input for Konnect", function () {
  needsEngine();
  let sandbox: Sandbox;
  let stack: Awaited<ReturnType<typeof konnectStack>>;

  before(async () => {
    sandbox = new Sandbox();
    stack = await konnectStack(sandbox);
    write();
    await sandbox.startZones();
  });
  after(() => sandbox?.remove());
  afterEach(async () => {
    delete sandbox.environment.KONNECT_TOKEN;
    write();
  });

  function write(global: object = {}, zone: object = {}): void {
    sandbox.writeStack("test", {
      global: JSON.parse(JSON.stringify({ ...stack.global, ...global })),
      zones: [{ ...stack.zone, ...zone }],
    });
  }

  async function errorOf(command: string): Promise<string> {
    const { status, output } = await sandbox.run(command, "--stack", "test");
    assert.equal(status, 2, output);
    const [, message] = /^error: (.*)$/ms.exec(output) ?? assert.fail(`no error in: ${output}`);
    assert.doesNotMatch(message, /^\s+at /m, "no stack");
    assert.equal(await dialled(stack.zoneUrl), undefined, "the zone runs on alone");
    return message.trim();
  }

  async function tokenWith(user: {
    roles: string[];
    identityAdmin?: boolean;
    expiresAt?: string;
  }): Promise<string> {
    const body = JSON.stringify({ identityAdmin: false, expiresAt: "2999-01-01T00:00:00Z", ...user });
    const answer = await fetch(`${stack.url}/stand-in/tokens`, { method: "POST", body });
    return ((await answer.json()) as { token: string }).token;
  }

  it("a token that has ended", async () => {
    const token = await tokenWith({ roles: ["Admin"], expiresAt: "2020-01-01T00:00:00Z" });
    sandbox.environment.KONNECT_TOKEN = token;
    const message = await errorOf("up");
    assert.match(
      message,
      /does not accept the token: it has expired, was revoked or is wrong\..* Nothing was changed\.$/,
    );
    assert.ok(!message.includes(token));
  });

  it("a token without a role", async () => {
    sandbox.environment.KONNECT_TOKEN = await tokenWith({ roles: ["Admin", "Creator"] });
    assert.match(
      await errorOf("up"),
      /denies access to the list of system accounts: the token lacks the role "Identity Admin" of the organisation\./,
    );
    sandbox.environment.KONNECT_TOKEN = await tokenWith({ roles: ["Admin"], identityAdmin: true });
    assert.match(
      await errorOf("up"),
      /denies access to the mesh control plane my-global: the token lacks the role "Creator" on Mesh Control Planes\./,
    );
  });

  it("a control plane that is not there, or not in this region", async () => {
    write({ create: false });
    assert.match(
      await errorOf("preview"),
      /^There is no mesh control plane called "my-global" in Konnect's region eu, .* Nothing was changed\./,
    );
    write({ create: false, controlPlane: undefined, controlPlaneId: "bf138ba2-c9b1-4229-b268-04d9d8a6410b" });
    assert.match(
      await errorOf("preview"),
      /in Konnect's region eu, .* region of the global: each control plane is in one/,
    );
    write({ region: "mars" });
    assert.equal(
      await errorOf("preview"),
      'The setting global.region is "mars"; it must be one of us, eu, au, me, in, sg.',
    );
  });

  it("two control planes of one name", async () => {
    await stack.konnect((konnect) => konnect.createControlPlane("twin"));
    await stack.konnect((konnect) => konnect.createControlPlane("twin"));
    write({ controlPlane: "twin" });
    assert.match(
      await errorOf("preview"),
      /^2 mesh control planes in Konnect's region eu are called "twin": /,
    );
  });

  it("a quota that is too small", async () => {
    const { id } = await stack.konnect((konnect) => konnect.createControlPlane("small"));
    await fetch(`${stack.url}/stand-in/limits`, {
      method: "PUT",
      body: JSON.stringify({ id, dataplanes: 1 }),
    });
    write({ controlPlane: "small" });
    assert.match(
      await errorOf("preview"),
      /nothing was written\. The global's limit for dataplanes would be exceeded\. \[global-limits\]/,
    );
  });

  it("a zone that is told which authority to trust", async () => {
    await stack.konnect((konnect) => konnect.createControlPlane("g"));
    write({ controlPlane: "g" });
    const zone = new ControlPlaneProcess(path.join(stack.directory, "zones/zone-1"));
    const settings = zone.settings() ?? assert.fail("the zone was never started");
    const ca = path.join(stack.directory, "konnect/work/konnect.crt");
    const environment = { ...settings.environment, KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE: ca };
    await zone.start({ ...settings, environment });
    const { multizone } = await getJson<{ multizone: { zone: { kds: { rootCaFile: string } } } }>(
      `${stack.zoneUrl}/config`,
    );
    assert.equal(multizone.zone.kds.rootCaFile, ca);
    assert.match(
      await errorOf("preview"),
      /nothing was written\. Zone zone-1 has an authority of its own for the global \(KUMA_/,
    );
    await zone.start(settings);
  });

  it("a name that is taken, by a zone of another stack that is online", async () => {
    const { id: controlPlaneId } = await stack.konnect((konnect) => konnect.createControlPlane("shared"));
    write({ create: false, controlPlane: undefined, controlPlaneId });
    const up = await sandbox.run("up", "--stack", "test");
    assert.equal(up.status, 0, up.output);
    const other = await freePortBase();
    sandbox.writeStack("other", {
      global: { platform: "konnect", region: "eu", controlPlaneId, ...addresses() },
      zones: [{ ...stack.zone, portBase: other }],
    });
    sandbox.environment.KONNECT_TOKEN = stack.token();
    const { status, output } = await sandbox.run("preview", "--stack", "other");
    assert.equal(status, 2, output);
    assert.match(
      output,
      /^error: Zone zone-1 was not federated, and nothing was written\.[^]*Another control plane is connected to the global as zone zone-1\./m,
    );

    sandbox.writeStack("other", {
      global: { platform: "konnect", region: "eu", controlPlaneId, ...addresses() },
      zones: [{ ...stack.zone, name: "zone-2", product: "kuma", portBase: await freePortBase() }],
    });
    const kuma = await sandbox.run("preview", "--stack", "other");
    assert.match(
      kuma.output,
      /^error: Zone zone-2 was not federated, and nothing was written\.[^]*The zone runs Kuma and the global control plane Kong Mesh; both must be the same product\./m,
    );
    assert.equal((await sandbox.run("destroy", "--stack", "other")).status, 0);
  });

  function addresses() {
    const kdsAddress = `grpcs://127.0.0.1:${stack.global.standIn.portBase + 85}`;
    return { apiUrl: stack.url, identityUrl: stack.url, kdsAddress };
  }
});
