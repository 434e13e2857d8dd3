import * as assert from "node:assert/strict";
import { LabHost, labHosts, network, power, whyNoLab, whyNoPower } from "../../support/hosts/labHosts";
import { LabZone, api, takeDown, traces } from "../../support/hosts/labZone";
import { IN_MEMORY, type LoneZone, ON_POSTGRES, content, startAlone } from "../../support/hosts/loneZones";
import { changesOf, when } from "../../support/hosts/moments";
import { until } from "../../support/until";

const hosts = labHosts(3);
const why = whyNoLab(hosts);

interface Case extends LoneZone {
  what: string;
  happens: (zone: LabHost) => void;
  ends: (zone: LabHost) => Promise<void>;
  join: number[];
  leave: number[];
}

/** Of `joining` or of `leaving` each step in the place of a few, for half an hour; with `:20` after it from that one on. */
const [EVERY_STEP, FROM = "0"] = process.env.KLAB_EVERY_STEP?.split(":") ?? [];

/** Zones that the network, or the power, leaves at a step of joining or leaving: before the change of that number. */
describe(`zones on hosts that are disturbed${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(EVERY_STEP ? 0 : 3_600_000);
  before(function () {
    if (why) this.skip();
  });
  afterEach(() => hosts?.slice(1).forEach((each) => network(each, "up")));
  after(() => hosts?.forEach(takeDown));

  const off = {
    happens: (zone: LabHost) => network(zone, "down"),
    ends: async (zone: LabHost) => network(zone, "up"),
  };
  // a store in memory is lost with the power, whoever switches the zone
  const dark = {
    happens: (zone: LabHost) => power(zone, "off"),
    ends: async (zone: LabHost) => {
      power(zone, "on");
      await until("its API", () => api(zone, "/meshes/default"));
    },
  };
  const cases: Case[] = [
    { what: "off the network", ...IN_MEMORY, ...off, join: [1, 4, 8], leave: [1, 7, 13] },
    { what: "off the network", ...ON_POSTGRES, ...off, join: [3, 8, 13], leave: [2, 8, 14] },
    { what: "without power", ...ON_POSTGRES, ...dark, join: [5, 13], leave: [4, 12] },
  ];
  for (const { what, join, leave, happens, ends, ...alone } of cases) {
    const whyNot = happens === dark.happens ? whyNoPower() : undefined;
    it(`${alone.kind}: join and leave after the host was ${what}${whyNot ? ` (skipped: ${whyNot})` : ""}`, async function () {
      if (whyNot) this.skip();
      const [global, zone] = [hosts?.[0], hosts?.[alone.at]] as LabHost[];
      await startAlone(global, zone, alone);
      const before = content(zone);
      const lab = new LabZone(zone, alone.name, global, alone.database);
      const disturbed = (moment: number, work: () => Promise<unknown>) =>
        assert
          .rejects(
            when(moment, () => happens(zone), work),
            /reached|answer|broke|did not start|online/,
            `${moment}`,
          )
          .finally(() => ends(zone));
      const steps = async (of: string, few: number[], work: () => Promise<unknown>) => {
        const all = await changesOf(work);
        return EVERY_STEP === of
          ? Array.from({ length: all }, (_, moment) => moment).slice(Number(FROM))
          : few;
      };
      const joining = await steps("joining", join, () => lab.up());
      const leaving = await steps("leaving", leave, () => lab.back());
      console.log(
        `      before the changes ${joining.join(", ")} of joining, ${leaving.join(", ")} of leaving`,
      );
      for (const moment of joining) {
        await disturbed(moment, () => lab.up());
        await lab.up();
        assert.deepEqual(await lab.up(), []);
        await lab.back();
        assert.deepEqual([content(zone), traces(zone)], [before, ""], `join, ${moment}`);
        console.log(`      joins and leaves after it was ${what} before change ${moment} of joining`);
      }
      for (const moment of leaving) {
        await lab.up();
        await disturbed(moment, () => lab.back());
        await lab.back();
        assert.deepEqual([content(zone), traces(zone)], [before, ""], `leave, ${moment}`);
        console.log(`      leaves after it was ${what} before change ${moment} of leaving`);
      }
    });
  }
});
