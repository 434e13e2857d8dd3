import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { StatusReport } from "../../cli/status/report";
import { findChromium, Browser, type View } from "../support/chromium";
import { needsEngine } from "../support/pulumi/engine";
import { until } from "../support/until";
import { FederatedMesh } from "./federatedMesh";

const CALL_EVERY_MS = 100;
const CALL_DEADLINE_MS = 3_000;
/** For the first calls to a zone that other zones have come to know to fail, if they do. */
const MOVED_WITHIN_MS = 8_000;
const FORMATS = { table: "txt", json: "json", markdown: "md", html: "html", openmetrics: "prom" };
const VIEWS: Record<string, View> = {
  light: { width: 1280 },
  dark: { width: 1280, scheme: "dark" },
  phone: { width: 390, height: 844 },
};

/** Calls a service all the time, and counts which zone has answered. */
class Calls {
  private counts: Record<string, number> = {};
  private failures: string[] = [];
  private readonly timer = setInterval(() => void this.call(), CALL_EVERY_MS);

  constructor(private readonly url: string) {}

  private async call(): Promise<void> {
    const { counts, failures } = this;
    try {
      const answer = await fetch(this.url, { signal: AbortSignal.timeout(CALL_DEADLINE_MS) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      counts[text] = (counts[text] ?? 0) + 1;
    } catch (error) {
      failures.push(`${new Date().toISOString()} ${(error as Error).message}`);
    }
  }

  /** Since this was asked last. */
  take(): { counts: Record<string, number>; failures: string[] } {
    const { counts, failures } = this;
    [this.counts, this.failures] = [{}, []];
    return { counts, failures };
  }

  answeredBy(zone: string): boolean {
    return this.counts[zone] !== undefined;
  }

  /** Waits until so many answers have come, all of them from these zones, each of which has answered. */
  async untilFrom(...zones: string[]): Promise<void> {
    await until(`answers from ${zones.join(" and ")}`, async () => {
      this.take();
      await new Promise((resolve) => setTimeout(resolve, 20 * CALL_EVERY_MS));
      return Object.keys(this.counts).sort().join() === zones.join();
    });
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/**
 * A global and three zones, a service in two of them, on real control planes and proxies. The variable SHOW names a directory
 * for what `status` says at each point, in all formats, and for pictures of its page.
 */
describe("the life of zones under traffic", function () {
  needsEngine();
  const { SHOW } = process.env;
  let mesh: FederatedMesh;
  let calls: Record<"in zone-1" | "in zone-2" | "from zone-3", Calls>;
  const rows: string[] = [];

  before(async function () {
    mesh = await FederatedMesh.start(this, ["zone-1", "zone-2", "zone-3"]);
    for (const zone of ["zone-1", "zone-2"]) {
      await mesh.service(zone, "echo");
      await mesh.ingress(zone);
    }
    calls = {
      "in zone-1": new Calls(await mesh.client("zone-1", "echo")),
      "in zone-2": new Calls(await mesh.client("zone-2", "echo")),
      "from zone-3": new Calls(await mesh.client("zone-3", "echo")),
    };
    await calls["from zone-3"].untilFrom("zone-1", "zone-2");
    forget();
  });
  after(async () => {
    for (const each of Object.values(calls ?? {})) each.stop();
    await mesh?.stop();
    if (rows.length) console.log(`\n${rows.join("\n")}\n`);
  });

  const forget = () => Object.values(calls).forEach((each) => each.take());
  /** Calls of a phase: none failed, whoever has answered. */
  const noneFailed = (phase: string) => {
    for (const [name, each] of Object.entries(calls)) {
      const { counts, failures } = each.take();
      const made = Object.values(counts).reduce((sum, count) => sum + count, failures.length);
      rows.push(`${phase}: ${name}: ${failures.length} of ${made} failed ${JSON.stringify(counts)}`);
      assert.ok(made > 0);
      assert.deepEqual(failures, [], `${phase}: ${name}`);
    }
  };
  const status = async (point: string): Promise<StatusReport> => {
    const said: Record<string, string> = {};
    for (const [format, extension] of Object.entries(FORMATS)) {
      const { stdout, output } = await mesh.sandbox.run("status", "--stack", "test", "--output", format);
      assert.ok(stdout.length > 0, output);
      said[format] = stdout;
      if (SHOW) {
        fs.mkdirSync(SHOW, { recursive: true });
        fs.writeFileSync(path.join(SHOW, `${point}.${extension}`), stdout);
      }
    }
    const program = findChromium();
    if (SHOW && program) await picture(program, path.join(SHOW, point), said.html);
    return JSON.parse(said.json) as StatusReport;
  };

  it("is healthy with calls over all zones", async () => {
    const { zones } = await status("1-all");
    assert.deepEqual(
      zones.map(({ name, online }) => [name, online]),
      [1, 2, 3].map((number) => [`zone-${number}`, true]),
    );
    noneFailed("all zones");
  });

  it("is disabled without a failed call, and calls to it move to the other zone", async () => {
    mesh.writeStack({ "zone-2": { enabled: false } });
    assert.match(
      await mesh.run("preview"),
      /end \(none\), or move to zones that have them too \(client, echo\)/,
    );
    await mesh.run("up");
    noneFailed("zone-2 is disabled");
    await calls["from zone-3"].untilFrom("zone-1");
    const { zones } = await status("2-disabled");
    assert.deepEqual(
      zones.map(({ name, online }) => [name, online]),
      [1, 2, 3].map((number) => [`zone-${number}`, true]),
    );
    noneFailed("while zone-2 is disabled");
  });

  it("is enabled again, and calls come back to it", async () => {
    mesh.writeStack({ "zone-2": { enabled: true } });
    await mesh.run("up");
    await calls["from zone-3"].untilFrom("zone-1", "zone-2");
    noneFailed("zone-2 is enabled again");
    await status("3-enabled");
  });

  it("leaves the global, and calls within it go on", async () => {
    mesh.writeStack({ "zone-2": { federated: false } });
    const preview = await mesh.run("preview");
    assert.match(preview, /the control plane of zone zone-2 restarts/);
    assert.doesNotMatch(preview, /the control plane of zone zone-3 restarts/);
    const pid = mesh.pidOf("zone-3");
    await mesh.run("up");
    assert.equal(mesh.pidOf("zone-3"), pid, "zone-3 was restarted");
    await calls["from zone-3"].untilFrom("zone-1");
    noneFailed("zone-2 has left");
    const { zones } = await status("4-left");
    assert.equal(zones.find(({ name }) => name === "zone-2")?.online ?? false, false);
    noneFailed("while zone-2 is away");
  });

  it("joins again", async () => {
    mesh.writeStack();
    const output = await mesh.run("up");
    assert.match(
      output,
      /zone-2: it is disabled on the global until its zone ingress serves.* \(client, echo\)/,
    );
    assert.match(output, /zone-2: it is enabled on the global, and has no zone ingress/);
    await until("an answer from zone-2", async () => calls["from zone-3"].answeredBy("zone-2"));
    await new Promise((resolve) => setTimeout(resolve, MOVED_WITHIN_MS));
    noneFailed("zone-2 joins again");
    await status("5-joined-again");
  });
});

async function picture(program: string, file: string, page: string): Promise<void> {
  const browser = await Browser.start(program);
  try {
    await browser.open(page);
    for (const [name, view] of Object.entries(VIEWS)) {
      await browser.look(view);
      fs.writeFileSync(`${file}-${name}.png`, await browser.screenshot());
    }
  } finally {
    await browser.stop();
  }
}
