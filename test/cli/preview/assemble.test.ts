import * as assert from "node:assert/strict";
import * as v from "valibot";
import { assemble } from "../../../cli/preview/assemble";
import { describeBlastRadius } from "../../../cli/preview/blastRadius";
import type { SeenChange } from "../../../cli/preview/changes";
import { PREVIEW_REPORT, failedReport } from "../../../cli/preview/report";
import type { StandingZone } from "../../../cli/stack/standing/standing";
import type { FoundInPreview } from "../../../resources/options/previewReports";
import { FakeControlPlane, stopFakes } from "../../support/controlPlane/fakeControlPlane";

const change = (type: string, op: string, more: Partial<SeenChange> = {}): SeenChange => ({
  ...{ name: `a-${type}`, type: `kuma-federation:${type}`, op, component: null, changed: [], values: [] },
  ...{ zoneName: "zone-1", ...more },
});
const PLAN = { types: [], resources: [], kept: 0, keptAlone: [], leftOut: [], mtlsEnds: [] };
const joining = (more: object = {}): FoundInPreview => ({
  ...{ kind: "zone", zone: "zone-1", plan: PLAN, checks: [], policies: [] },
  ...{ proxies: { connected: 3, perMesh: { default: { proxies: 4, services: 2 } } }, ...more },
});

describe("cli/preview/assemble", () => {
  afterEach(stopFakes);

  async function report(changes: SeenChange[], found: FoundInPreview[] = [], standing: StandingZone[] = []) {
    const looked = {
      changes,
      broken: { guardrails: [] },
      messages: [],
      found,
      notes: [],
      standing: { zones: standing },
    };
    const zones = [
      { name: "zone-1", federated: true },
      { name: "zone-2", federated: false },
    ];
    const ending = { stack: "dev", outcome: "changes", error: null } as const;
    const made = await assemble(ending, { ...looked, zones });
    assert.deepEqual(
      v.parse(PREVIEW_REPORT, JSON.parse(JSON.stringify(made))),
      JSON.parse(JSON.stringify(made)),
    );
    return made;
  }

  it("tells that a zone joins, that its control plane restarts, and whose proxies reconnect", async () => {
    const { zones, blastRadius } = await report([change("UniversalZoneFederation", "create")], [joining()]);
    assert.deepEqual(
      zones.map(({ zone, change: what, restarts }) => [zone, what, restarts]),
      [
        ["zone-1", "joins", true],
        ["zone-2", "alone", false],
      ],
    );
    assert.deepEqual(blastRadius.reconnects, [{ zone: "zone-1", connected: 3 }]);
    assert.deepEqual(describeBlastRadius(blastRadius), [
      "blast radius: the control plane of zone zone-1 restarts (it joins the global), and 3 proxies reconnect",
    ]);
  });

  it("asks a zone that was a member before for its proxies, and says where it could not", async () => {
    const zone = await FakeControlPlane.start();
    const standing = (url: string) => ({ zoneName: "zone-1", zone: { url } }) as StandingZone;
    const changes = [change("UniversalZoneFederation", "update")];
    const read = await report(changes, [], [standing(zone.url)]);
    assert.deepEqual(read.blastRadius.reconnects, [{ zone: "zone-1", connected: 0 }]);
    const away = await report(changes, [], [standing("http://127.0.0.1:1")]);
    assert.deepEqual(away.blastRadius.reconnects, [{ zone: "zone-1", connected: null }]);
    assert.match(describeBlastRadius(away.blastRadius)[0], /how many could not be read/);
  });

  it("says of a zone that leaves what ends for good", async () => {
    const { zones, blastRadius } = await report([
      change("UniversalZoneFederation", "delete"),
      change("UniversalWayBack", "delete"),
    ]);
    assert.equal(zones[0].change, "leaves");
    assert.equal(blastRadius.restarts[0].controlPlane, "zone zone-1");
    assert.match(
      blastRadius.cannotBeUndone[0],
      /^Tokens that the global issued are not valid in zone zone-1/,
    );
  });

  it("says what is overwritten on the global, and that a global goes", async () => {
    const resources = [{ key: "Timeout default/t", action: "overwrite" as const }];
    const { blastRadius } = await report(
      [change("UniversalGlobal", "replace", { component: "GlobalControlPlane", zoneName: undefined })],
      [joining({ plan: { ...PLAN, resources } })],
    );
    assert.deepEqual(blastRadius.cannotBeUndone, [
      "The global control plane goes (a-UniversalGlobal), with everything that only it holds.",
      "What the global has now of Timeout default/t is overwritten by zone zone-1; nobody keeps it, so it does not come back.",
    ]);
    assert.equal(blastRadius.restarts[0].controlPlane, "global");
  });

  it("adds up whom policies reach by mesh, those of a zone that joins among them", async () => {
    const policy = (key: string, changed: "appears" | "goes", proxies: number) => ({
      ...{
        key,
        change: changed,
        at: "global" as const,
        reached: { proxies, services: 1, by: "policy" as const },
      },
    });
    const policies = [
      policy("MeshTimeout default/a", "appears", 5),
      policy("MeshTimeout default/b", "goes", 2),
    ];
    const { blastRadius, policies: told } = await report([], [joining(), { kind: "policies", policies }]);
    assert.deepEqual(told[0].reached, { proxies: 9, services: 3, by: "mesh" });
    assert.deepEqual(told[1].reached, { proxies: 2, services: 1, by: "policy" });
    assert.deepEqual(blastRadius.meshes, [
      { mesh: "default", appears: 1, changes: 0, goes: 1, proxies: 9, services: 3 },
    ]);
    assert.deepEqual(describeBlastRadius(blastRadius), [
      "blast radius: policies: in mesh default 1 appears, 1 goes, up to 9 proxies of 3 services see it",
    ]);
  });

  it("has a report also for a preview that ended before anything was looked at", () => {
    const report = failedReport("dev", "The stack's file cannot be read.");
    assert.deepEqual(v.parse(PREVIEW_REPORT, report), report);
  });
});
