import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import type { Properties } from "../../../resources/provider/handler";
import { HandlerRun } from "../../support/pulumi/handlerRun";

const DAY_MS = 24 * 60 * 60 * 1000;

describe("resources/kdsCertificate", () => {
  let state: Map<string, Properties>;
  const now = Date.now;
  beforeEach(() => (state = new Map()));
  afterEach(() => (Date.now = now));

  const step = (...hosts: string[]) =>
    new HandlerRun(state).step("kdsCertificate", { name: "global", hosts });
  const certificate = ({ cert }: Properties) => new X509Certificate(cert as string);
  /** Names of the outputs that are others than before. */
  const changed = (before: Properties, after: Properties) =>
    Object.keys(after)
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .sort();

  it("issues an authority, and by it a certificate for the hosts, once", async () => {
    const { outs } = await step("global.example.com", "10.0.0.1");
    const issued = certificate(outs);
    assert.ok(issued.verify(new X509Certificate(outs.ca as string).publicKey));
    assert.ok(issued.checkHost("global.example.com") && issued.checkIP("10.0.0.1"));
    assert.equal((await step("global.example.com", "10.0.0.1")).changed, false);
  });

  it("gives other hosts another certificate of the same authority, which zones trust", async () => {
    const { outs: before } = await step("old.example.com");
    const { outs, changed: isNew } = await step("new.example.com");
    assert.equal(isNew, true);
    assert.deepEqual(changed(before, outs), ["cert", "hosts", "key"]);
    assert.ok(
      certificate(outs).checkHost("new.example.com") && !certificate(outs).checkHost("old.example.com"),
    );
    assert.ok(certificate(outs).verify(new X509Certificate(outs.ca as string).publicKey));
  });

  it("renews the certificate some time before its end, and the authority only before its own", async () => {
    const { outs: before } = await step("a.example.com");
    Date.now = () => now() + 330 * DAY_MS;
    assert.equal((await step("a.example.com")).changed, false);
    Date.now = () => now() + 340 * DAY_MS;
    const { outs } = await step("a.example.com");
    assert.deepEqual(changed(before, outs), ["cert", "key"]);
    Date.now = () => now() + 3630 * DAY_MS;
    const { outs: last } = await step("a.example.com");
    assert.deepEqual(changed(outs, last), ["ca", "caKey", "cert", "key"]);
  });

  it("has nothing to take away", async () => {
    await step("a.example.com");
    await new HandlerRun(state).remove("kdsCertificate");
    assert.equal(state.size, 0);
  });
});
