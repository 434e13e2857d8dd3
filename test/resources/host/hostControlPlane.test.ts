import assert from "node:assert/strict";
import { KumaError } from "../../../kuma";
import { SshHost } from "../../../platforms/universal/hosts/sshHost";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, later } from "../../support/cleanUp";
import { check } from "../../support/pulumi/handlerRun";

/** A host with nothing on it; what is done on a real one is tried in test/integration. */
describe("resources/host/hostControlPlane: who may change what is installed", () => {
  beforeEach(() => {
    const { run } = SshHost.prototype;
    const facts = [
      "systemd systemd 252",
      `clock ${Date.now() / 1000}`,
      "arch x86_64",
      "free 9000000",
      "state inactive",
    ];
    SshHost.prototype.run = async function () {
      if (this.access.host === "away") throw new KumaError("unreachable", "host away cannot be reached");
      return { status: 0, stdout: `${facts.join("\n")}\n`, stderr: "" };
    };
    later(() => void Object.assign(SshHost.prototype, { run }));
  });
  afterEach(cleanUp);

  const inputs = (admin: object, more: Properties = {}): Properties => ({
    ...{ url: "ssh://root@a:22/kuma-cp.service", ssh: {}, title: "the global", owner: "s/global", admin },
    role: { kind: "global", kdsCert: "", kdsKey: "", makesMesh: false },
    ...more,
  });
  const adminOf = async (olds: Properties, news: Properties) => {
    const checked = await check("hostControlPlane", olds, news);
    return (checked as { admin: { token: string; key: string } }).admin;
  };

  it("is made once, and kept", async () => {
    const made = await adminOf({}, inputs({}));
    assert.match(made.token, /^eyJ/);
    assert.deepEqual(await adminOf(inputs(made), inputs({})), made);
  });

  it("is of all instances the one of the first", async () => {
    const first = await adminOf({}, inputs({}));
    const own = await adminOf({}, inputs({}));
    assert.deepEqual(await adminOf({}, inputs(first, { sharedWith: "id" })), first);
    assert.deepEqual(await adminOf(inputs(own), inputs(first, { sharedWith: "id" })), first);
  });

  it("is not made where another instance's host does not answer, nor changed", async () => {
    const other = {
      url: "ssh://root@away:22/kuma-cp.service",
      ssh: {},
      title: "the global on away",
      owner: "s/global-away",
    };
    const news = inputs({}, { others: [other] });
    assert.equal(await check("hostControlPlane", {}, news), "host away cannot be reached");
    assert.equal(await check("hostControlPlane", news, news), "host away cannot be reached");
    const there = { ...other, url: "ssh://root@b:22/kuma-cp.service" };
    assert.equal(typeof (await check("hostControlPlane", {}, inputs({}, { others: [there] }))), "object");
  });
});
