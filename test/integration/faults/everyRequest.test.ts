import assert from "node:assert/strict";
import * as path from "node:path";
import { ControlPlane, readResources, writeResources } from "../../../kuma";
import type { Properties } from "../../../resources/provider/handler";
import { Resource } from "../../../stand-in/resources/model";
import { captureLog } from "../../support/captureLog";
import { ENDING, FaultProxy, FaultScript, Faults, PASSING } from "../../support/controlPlane/faultProxy";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { InProcessControlPlane } from "../../support/controlPlane/inProcessControlPlane";
import { ROOT } from "../support";

const CANARY = "canary-4c1d77aa";

const isWrite = (line: string) => !line.startsWith("GET ");

/**
 * The steps that carry everything to the global, disturbed at each of their requests in turn. They run in this process,
 * against stand-ins that begin from the same place each time: some hundred federations in the time of a few with the
 * engine. The global wants a token, so that the change of the credential is part of it.
 */
describe("everything is carried to the global, whichever request is disturbed", () => {
  let zone: InProcessControlPlane;
  let global: InProcessControlPlane;
  let zoneBefore: Resource[];
  let globalBefore: Resource[];
  let globalToken: string;
  /** What the global holds after a federation that nothing disturbed. */
  let expected: Record<string, unknown>;
  /** What such a federation asks, in order, and the number of the first write among it. */
  let requests: string[];
  let firstWrite: number;
  let secrets: string[];
  let toZone: FaultProxy;
  let toGlobal: FaultProxy;

  before(async () => {
    zone = await InProcessControlPlane.start({ KUMA_MODE: "zone", KUMA_MULTIZONE_ZONE_NAME: "zone-1" });
    global = await InProcessControlPlane.start({
      KUMA_MODE: "global",
      KUMA_DEFAULTS_SKIP_MESH_CREATION: "true",
      KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN: "false",
    });
    toZone = await FaultProxy.start(zone.url);
    toGlobal = await FaultProxy.start(global.url);
    const api = new ControlPlane({ title: "the zone", url: zone.url });
    await writeResources(api, [
      ...readResources(path.join(ROOT, "stand-in/demo-zone"), "the demo"),
      { type: "Mesh", name: "payments", mtls: BUILTIN },
      { type: "Secret", mesh: "payments", name: "own", data: Buffer.from(CANARY).toString("base64") },
      { type: "GlobalSecret", name: "own", data: Buffer.from(`${CANARY} global`).toString("base64") },
    ]);
    api.close();
    zoneBefore = zone.save();
    globalBefore = global.save();
    globalToken = tokenIn(globalBefore);
    secrets = [...secretForms(zoneBefore), ...secretForms(globalBefore)];

    const undisturbed = await federate();
    assert.equal(undisturbed.failure, undefined);
    expected = contentOf(global.save());
    requests = undisturbed.requests;
    assert.ok(requests.length > 60 && requests.length < 200, `${requests.length} requests`);
    firstWrite = requests.findIndex(isWrite) + 1;
    assert.ok(requests.filter(isWrite).length >= 15);
  });

  after(async () => {
    await Promise.all([toZone, toGlobal, zone, global].map((each) => each.stop()));
  });

  for (const kind of PASSING) {
    it(`${kind} at every request: goes on by itself`, async () => {
      const { failure } = await federate({ kind, at: "each" });
      assert.equal(failure, undefined);
      assertCarried(kind);
    });
  }

  for (const kind of ENDING) {
    it(`${kind} before the first write: nothing was changed`, async () => {
      for (let at = 1; at < firstWrite; at++) {
        const where = `${kind} at request ${at} (${requests[at - 1]})`;
        const { failure, state } = await federate({ kind, at });
        // what only a check wanted to know makes that check inconclusive, and stops nothing
        if (failure === undefined && kind === "refused") {
          assertCarried(where);
          continue;
        }
        assertTold(failure, state, where);
        assert.deepEqual(contentOf(global.save()), contentOf(globalBefore), where);
      }
    });

    it(`${kind} from the first write to the last look: the next run completes it`, async () => {
      for (let at = firstWrite; at <= requests.length; at++) {
        const where = `${kind} at request ${at} (${requests[at - 1]})`;
        const first = await federate({ kind, at });
        assertTold(first.failure, first.state, where);

        const second = await runOnce(first.state);
        assert.equal(second.failure, undefined, where);
        assertCarried(where);
      }
    });
  }

  it("writes nothing when everything was done", async () => {
    const { state } = await federate();
    const again = await runOnce(state);
    assert.deepEqual([again.failure, again.changed], [undefined, false]);
    assert.deepEqual(again.requests.filter(isWrite), []);
  });

  /** The run that failed says so for people, and gave out no address. */
  function assertTold(failure: string | undefined, state: Map<string, Properties>, where: string): void {
    assert.match(failure ?? "", /^[A-Z0-9][^]*[.!]$/, `${where}: ${failure}`);
    assert.ok(!/\n\s+at /.test(failure ?? ""), `no stack: ${where}`);
    assert.equal(state.size, 0, `no address is given out: ${where}`);
  }

  /** Nothing is lost and nothing doubled. */
  function assertCarried(where: string): void {
    assert.deepEqual(contentOf(global.save()), expected, where);
    assert.deepEqual(contentOf(zone.save()), contentOf(zoneBefore), `the zone is as it was: ${where}`);
  }

  interface Federated {
    failure?: string;
    changed?: boolean;
    requests: string[];
    state: Map<string, Properties>;
  }

  async function federate(script?: FaultScript): Promise<Federated> {
    zone.restore(zoneBefore);
    global.restore(globalBefore);
    return runOnce(new Map(), script);
  }

  async function runOnce(state: Map<string, Properties>, script?: FaultScript): Promise<Federated> {
    const faults = new Faults(script);
    toZone.faults = faults;
    toGlobal.faults = faults;
    const { lines: printed, restore } = captureLog();
    try {
      const { changed } = await new HandlerRun(state).step("federatedResources", {
        zoneName: "zone-1",
        zone: { url: toZone.url },
        zoneStarted: "zone-1",
        global: { url: toGlobal.url, tokens: [globalToken] },
        globalVersion: "2.14.3",
        onConflict: "fail",
        kdsAddress: "grpcs://127.0.0.1:5685",
        kdsCa: "",
      });
      return { changed, requests: faults.asked, state };
    } catch (error) {
      printed.push(String(error), (error as Error).stack ?? "");
      return { failure: (error as Error).message, requests: faults.asked, state };
    } finally {
      restore();
      await Promise.all([toZone.quiet(), toGlobal.quiet()]);
      const leaked = secrets.filter((secret) => printed.some((text) => text.includes(secret)));
      assert.equal(leaked.length, 0, "a secret was printed");
    }
  }
});

const BUILTIN = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };

/** Everything but what names the moment of a write. */
function contentOf(resources: readonly Resource[]): Record<string, unknown> {
  return Object.fromEntries(
    resources
      .map(({ type, mesh, name, labels, body }): [string, unknown] => [
        `${type} ${mesh}/${name}`,
        { labels, body },
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function secretsIn(resources: readonly Resource[]): Resource[] {
  return resources.filter(({ type }) => type === "Secret" || type === "GlobalSecret");
}

function tokenIn(resources: readonly Resource[]): string {
  const secret = secretsIn(resources).find(({ name }) => name === "admin-user-token");
  return Buffer.from(String(secret?.body.data), "base64").toString("utf8");
}

/** What of each secret would betray it: its encoded form, and a line of its content. */
function secretForms(resources: readonly Resource[]): string[] {
  return secretsIn(resources).flatMap(({ body }) => {
    const data = String(body.data);
    const lines = Buffer.from(data, "base64").toString("utf8").split("\n");
    return [data.slice(0, 100), lines.find((line) => line.length > 12 && !line.startsWith("-----")) ?? data];
  });
}
