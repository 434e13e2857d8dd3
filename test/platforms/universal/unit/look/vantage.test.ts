import * as assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { vantageOf } from "../../../../../platforms/universal/unit/look/vantage";
import { kumaErrorOf } from "../../../../support/errors";
import { FakeHost, type FakeUnit } from "../../../../support/hosts/fakeHost";
import { KumaError } from "../../../../../kuma";

const CONFIG = { "/etc/kuma/kuma-cp.yaml": "store: {type: postgres}" };

/** A host that reaches others, or does not. */
class ReachingHost extends FakeHost {
  readonly channels: PassThrough[] = [];

  constructor(
    override readonly title: string,
    unit: FakeUnit = {},
    private readonly reaches = true,
  ) {
    super({ files: CONFIG, ...unit });
  }

  override async connect() {
    if (!this.reaches) throw new KumaError("unreachable", `g:5685 does not answer to ${this.title}`);
    const channel = new PassThrough();
    this.channels.push(channel);
    return channel;
  }
}

describe("platforms/universal/unit: how several instances see the network", () => {
  const vantage = (...hosts: ReachingHost[]) =>
    vantageOf(hosts.map((host) => ({ host, unit: "kuma-cp.service" })));

  it("reaches what all of them reach, by one connection that is kept", async () => {
    const [a, b] = [new ReachingHost("host a"), new ReachingHost("host b")];
    const both = vantage(a, b);
    assert.equal(both.title, "host a, host b");
    assert.equal(await both.connect("g", 5685), a.channels[0]);
    assert.deepEqual([a.channels[0].destroyed, b.channels[0].destroyed], [false, true]);
  });

  it("does not reach what one of them does not, and leaves no connection open", async () => {
    const [a, b] = [new ReachingHost("host a"), new ReachingHost("host b", {}, false)];
    const { message } = await kumaErrorOf(vantage(a, b).connect("g", 5685));
    assert.equal(message, "g:5685 does not answer to host b");
    await new Promise(setImmediate);
    assert.equal(a.channels[0].destroyed, true);
  });

  it("looks at each machine", async () => {
    const full = new ReachingHost("host b", { freeKb: 3 });
    assert.match(
      (await kumaErrorOf(vantage(new ReachingHost("host a"), full).look())).message,
      /disk of host b is full/,
    );
    const look = vantage(
      new ReachingHost("host a", { version: "2.14.4" }),
      new ReachingHost("host b"),
    ).look();
    assert.deepEqual(await look, { versionOnDisk: "2.14.4" });
    const files = { "/etc/kuma/kuma-cp.yaml": "store: {type: memory}" };
    const own = vantage(new ReachingHost("host a"), new ReachingHost("host b", { files })).look();
    assert.match(
      (await kumaErrorOf(own)).message,
      /kuma-cp\.service on host b is one of 2 instances.* in memory/,
    );
  });
});
