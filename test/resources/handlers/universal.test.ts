import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, later, tempDir } from "../../support/cleanUp";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { freePortBase } from "../../support/ports";

/** The stand-in runs, as the embedded default has it. */
describe("resources/handlers of control planes on this machine", () => {
  let state: Map<string, Properties>;
  let directory: string;
  let args: Properties;

  beforeEach(async () => {
    state = new Map();
    directory = path.join(tempDir(), "control-plane");
    later(() => new ControlPlaneProcess(directory).remove());
    const portBase = await freePortBase();
    args = { directory, portBase, kumaCp: "embedded", store: "auto", portSetting: "portBase" };
  });
  afterEach(cleanUp);

  const run = () => new HandlerRun(state);
  const instance = () => new ControlPlaneProcess(directory);

  describe("standaloneZone", () => {
    const zone = (more: Properties = {}) =>
      run().step("standaloneZone", { ...args, name: "zone-1", ...more });

    it("starts a zone with its content once, and again when it has ended", async () => {
      const content = tempDir();
      fs.writeFileSync(path.join(content, "mesh.yaml"), yaml.dump({ type: "Mesh", name: "shop" }));
      assert.equal((await zone({ content })).changed, true);
      const api = instance().open("the zone");
      later(() => api.close());
      assert.equal(((await api.getJson("/meshes/shop", "the mesh")) as { name: string }).name, "shop");
      assert.equal((await zone({ content })).changed, false);

      await instance().stop();
      assert.equal((await zone({ content })).changed, true);
      assert.ok(instance().isRunning());
    });

    it("moves it to other ports", async () => {
      await zone();
      const portBase = await freePortBase();
      const { changed } = await zone({ portBase });
      assert.deepEqual([changed, instance().apiUrl], [true, `http://127.0.0.1:${portBase + 81}`]);
    });

    it("takes away the process and its files", async () => {
      await zone();
      await run().remove("standaloneZone");
      assert.deepEqual([instance().isRunning(), fs.existsSync(directory)], [false, false]);
    });

    it("refuses another store for one that keeps its data, before anything is done", async () => {
      await zone();
      const { settings } = { settings: JSON.stringify(instance().settings()) };
      await assert.rejects(zone({ store: "memory" }), /zone-1/);
      assert.equal(JSON.stringify(instance().settings()), settings);
      assert.ok(instance().isRunning());
    });
  });

  describe("universalGlobal", () => {
    let certificate: Properties;
    before(async () => {
      const { cert: kdsCert, key: kdsKey } = await issueServerCertificate(await issueAuthority("g"), [
        "127.0.0.1",
      ]);
      certificate = { kdsCert, kdsKey };
    });
    const global = (more: Properties = {}) =>
      run().step("universalGlobal", { ...args, ...certificate, name: "global", ...more });

    it("starts a global, tells what it is, and has nothing to do while it runs", async () => {
      const { outs } = await global();
      assert.deepEqual([outs.product, outs.standIn], ["Kuma", true]);
      assert.match(outs.version as string, /^2\./);
      assert.equal((await global()).changed, false);
      await instance().stop();
      assert.equal((await global()).changed, true);
    });

    it("serves a new certificate, which it reads at its start", async () => {
      await global();
      const before = fs.readFileSync(instance().file("pid"), "utf8");
      const { cert: kdsCert, key: kdsKey } = await issueServerCertificate(await issueAuthority("g"), [
        "127.0.0.1",
      ]);
      assert.equal((await global({ kdsCert, kdsKey })).changed, true);
      assert.notEqual(fs.readFileSync(instance().file("pid"), "utf8"), before);
      assert.equal(fs.readFileSync(instance().file("kds-server.crt"), "utf8"), kdsCert);
      assert.equal(fs.statSync(instance().file("kds-server.key")).mode & 0o077, 0);
    });

    it("takes away the process and its files", async () => {
      await global();
      await run().remove("universalGlobal");
      assert.deepEqual([instance().isRunning(), fs.existsSync(directory)], [false, false]);
    });
  });
});
