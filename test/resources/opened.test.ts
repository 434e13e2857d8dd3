import * as assert from "node:assert/strict";
import { mock } from "node:test";
import type { ControlPlane } from "../../kuma";
import { beginLooking, beginWriting, withOpened } from "../../resources/opened";
import { forgetRun } from "../../resources/provider/oneRun";
import { FakeControlPlane, stopFakes } from "../support/controlPlane/fakeControlPlane";
import { typeNamed } from "../support/resources/types";
import { until } from "../support/until";

const TIMEOUT = typeNamed("MeshTimeout");
const TITLE = "the control plane of zone zone-1";

describe("resources/opened: control planes that the resources of a run have open", () => {
  let fake: FakeControlPlane;
  beforeEach(async () => {
    forgetRun();
    fake = await FakeControlPlane.start();
  });
  afterEach(async () => {
    mock.timers.reset();
    forgetRun();
    await stopFakes();
  });

  const open = <T>(work: (controlPlane: ControlPlane) => Promise<T>, tokens: string[] = []) =>
    withOpened({ url: fake.url, tokens }, TITLE, work);
  const askAll = () =>
    open(async (controlPlane) => {
      await Promise.all([controlPlane.info(), controlPlane.config()]);
      return controlPlane.list(TIMEOUT);
    });
  const paths = () => fake.requests.map(({ path }) => path.split("?")[0]).sort();

  it("asks once what a control plane is and has, as long as the run only looks", async () => {
    beginLooking();
    await askAll();
    beginLooking();
    await askAll();
    assert.deepEqual(paths(), ["/", "/config", "/meshtimeouts"]);
    // of one resource nothing is kept: it may be waited for
    const one = { type: "MeshTimeout", mesh: "default", name: "t" };
    for (let time = 0; time < 2; time++) await open((controlPlane) => controlPlane.get(TIMEOUT, one));
    assert.equal(fake.requests.length, 5);
  });

  it("asks anew after half a minute: somebody may have thought about a preview", async () => {
    beginLooking();
    await askAll();
    mock.timers.enable({ apis: ["Date"], now: Date.now() + 30_000 });
    await askAll();
    assert.equal(fake.requests.length, 6);
  });

  it("gives each its own list: who changes it changes that of nobody else", async () => {
    fake.add({ type: "MeshTimeout", mesh: "default", name: "t", spec: {} });
    beginLooking();
    const [first] = await open((controlPlane) => controlPlane.list(TIMEOUT));
    (first as { spec?: unknown }).spec = "changed";
    const [second] = await open((controlPlane) => controlPlane.list(TIMEOUT));
    assert.deepEqual(second.spec, {});
  });

  it("asks anew from the first change on, also where a resource is looked at after it", async () => {
    beginLooking();
    await askAll();
    beginWriting();
    await askAll();
    beginLooking();
    await askAll();
    assert.equal(fake.requests.length, 9);
  });

  it("asks anew in the next run, and where no engine asks", async () => {
    await askAll();
    await askAll();
    assert.equal(fake.requests.length, 6);
    beginLooking();
    await askAll();
    forgetRun();
    beginLooking();
    await askAll();
    assert.equal(fake.requests.length, 12);
  });

  it("keeps no refusal and no failure", async () => {
    fake.fail(({ path }) => path === "/config", { status: 403, body: "" }, 1);
    beginLooking();
    await assert.rejects(open((controlPlane) => controlPlane.config()));
    assert.equal((await open((controlPlane) => controlPlane.config())).mode, "global");
  });

  it("opens it anew after a failure, which another resource was beside", async () => {
    beginLooking();
    let go = () => {};
    const waiting = open(async (controlPlane) => {
      await new Promise<void>((resolve) => (go = resolve));
      return controlPlane.config();
    });
    await assert.rejects(open(() => Promise.reject(new Error("failed"))));
    await askAll();
    go();
    // what is still used is not closed under who uses it
    assert.equal((await waiting).mode, "global");
  });

  it("tries the tokens of all that have it open", async () => {
    fake.fail(({ headers }) => headers.authorization !== "Bearer good", { status: 401, body: "" }, Infinity);
    beginLooking();
    await assert.rejects(open((controlPlane) => controlPlane.config(), ["void"]));
    await open((controlPlane) => controlPlane.config(), ["good"]);
    await open((controlPlane) => controlPlane.config(), ["void"]);
  });

  it("closes what it had open at the first change", async () => {
    beginLooking();
    await askAll();
    assert.ok(fake.open > 0);
    beginWriting();
    await until("all connections to be closed", () => fake.open === 0);
  });
});
