import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { ZoneConfig } from "../../stack/settings/controlPlanes";
import type { WaveSize } from "../../stack/schema/rollout";
import { namesByWave, wavesOf } from "../../stack/waves";

describe("stack/waves", () => {
  const sizes = (count: number, waves?: WaveSize[]) =>
    wavesOf([...Array(count).keys()], waves && { waves }).map(({ length }) => length);

  for (const [waves, count, expected] of [
    [undefined, 3, [1, 1, 1]],
    [[1, 5, "all"], 10, [1, 5, 4]],
    [[1, 5, "all"], 6, [1, 5]],
    [[1, 5], 13, [1, 5, 5, 2]],
    [["all"], 4, [4]],
    [[3], 0, []],
  ] as const)
    it(`makes of ${count} zones by ${JSON.stringify(waves) ?? "nothing"} waves of ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(sizes(count, waves && [...waves]), expected);
    });

  it("has each zone in one wave, in the order given", () => {
    const list = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 60 }), list, (zones, waves) => {
        assert.deepEqual(wavesOf(zones, { waves }).flat(), zones);
      }),
    );
  });

  it("counts zones that join, those that are installed last", () => {
    const zone = (name: string, more: object = {}) => ({ name, federated: true, ...more }) as ZoneConfig;
    const zones = [
      zone("new", { install: "helm" }),
      zone("a", { install: "adopt" }),
      zone("alone", { federated: false }),
      zone("b"),
    ];
    assert.deepEqual(namesByWave({ zones, rollout: { waves: [1, "all"], settle: 0 } }), [
      ["a"],
      ["b", "new"],
    ]);
  });
});
