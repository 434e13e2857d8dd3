import * as assert from "node:assert/strict";
import { ControlPlane, KumaError, type KumaErrorCode } from "../../../../kuma";
import { leaveGlobal } from "../../../../platforms/universal/zone/zoneReturn";
import type { RunSettings, ZoneRuntime } from "../../../../platforms/universal/zone/zoneRuntime";
import { InProcessControlPlane } from "../../../support/controlPlane/inProcessControlPlane";

const SETTINGS: RunSettings = {
  title: "zone-p",
  environment: { KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: "grpcs://g:5685" },
  postgres: { database: "kuma", federatedDatabase: "next" },
};

/** A zone on PostgreSQL whose control plane does not come up as a member; tells what was done with it, in turn. */
function runtimeOf(zone: ControlPlane, code: KumaErrorCode) {
  const did: string[] = [];
  const kept = new Map<string, string>();
  const called = ({ environment }: RunSettings) => (Object.keys(environment).length > 0 ? "member" : "alone");
  const runtime: Partial<ZoneRuntime> = {
    hosts: [],
    settings: async () => SETTINGS,
    alone: (settings) => ({ ...settings, environment: {} }),
    isRunning: async () => false,
    start: async (settings) => {
      did.push(`start ${called(settings)}`);
      if (called(settings) === "member") throw new KumaError(code, "it does not come up");
    },
    beside: async (settings, work) => {
      did.push(`beside ${called(settings)}`);
      await work(zone);
    },
    removeBeside: async () => {},
    endMembership: async () => void did.push("end of membership"),
    readKept: async (name) => kept.get(name),
    writeKept: async (name, content) => void kept.set(name, content),
    forgetKept: async (...names) => names.forEach((name) => kept.delete(name)),
  };
  return { runtime: runtime as ZoneRuntime, did };
}

describe("platforms/universal/zone: the way back of a zone on PostgreSQL that does not come up", () => {
  let started: InProcessControlPlane[];
  let zone: ControlPlane;
  let global: ControlPlane;
  before(async () => {
    const modes: Record<string, string>[] = [
      { KUMA_MODE: "zone", KUMA_MULTIZONE_ZONE_NAME: "zone-p" },
      { KUMA_MODE: "global" },
    ];
    started = await Promise.all(modes.map((mode) => InProcessControlPlane.start(mode)));
    [zone, global] = started.map(({ url }) => new ControlPlane({ url, title: url }));
  });
  after(async () => {
    [zone, global].forEach((each) => each.close());
    await Promise.all(started.map((each) => each.stop()));
  });

  const back = async (code: KumaErrorCode) => {
    const { runtime, did } = runtimeOf(zone, code);
    const sides = { zone, global, zoneName: "zone-p" };
    const left = leaveGlobal(sides, runtime, { originals: [], kept: [] } as never);
    return left.then(
      () => did,
      ({ message }: Error) => [...did, message],
    );
  };

  it("reads what it owns by another one beside it, whatever keeps it from coming up", async () => {
    const whole = ["start member", "beside member", "beside alone", "start alone", "end of membership"];
    for (const code of ["unreachable", "refused", "invalid"] as const)
      assert.deepEqual(await back(code), whole, code);
  });

  it("ends at once where the operation was cancelled", async () => {
    assert.deepEqual(await back("cancelled"), ["start member", "it does not come up"]);
  });
});
