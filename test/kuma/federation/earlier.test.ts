import * as assert from "node:assert/strict";
import { Resource, keyOf } from "../../../kuma";
import {
  EarlierZone,
  expectedOnGlobal,
  rivalsOf,
  withRivals,
  writtenBy,
} from "../../../kuma/federation/earlier";
import type { Action, PlannedResource } from "../../../kuma/federation/plan";

const route = (conf: unknown, name = "r"): Resource => ({ type: "TrafficRoute", mesh: "m", name, conf });
const KEY = keyOf(route(1));
const planned = (action: Action, resource: Resource): PlannedResource => ({
  key: keyOf(resource),
  resource,
  action,
});
const earlier = (zoneName: string, ...resources: PlannedResource[]): EarlierZone => ({
  ...{ zoneName, plan: { resources } },
  kept: [],
});
const unknown: EarlierZone = { zoneName: "unseen", plan: undefined, kept: [] };

describe("kuma/federation/earlier", () => {
  it("expects on the global what is there and what the zones before write", () => {
    const zones = [
      earlier("a", planned("create", route(1)), planned("keepGlobal", route(2, "kept"))),
      unknown,
      earlier(
        "b",
        planned("overwrite", route(3, "over")),
        planned("same", route(4, "same")),
        planned("conflict", route(5, "c")),
      ),
    ];
    const there = new Map([route(0, "over"), route(0, "kept")].map((each) => [keyOf(each), each]));
    assert.deepEqual(
      writtenBy(zones).map(({ resource }) => resource.name),
      ["r", "over"],
    );
    assert.deepEqual(
      [...expectedOnGlobal(there, zones).values()].map(({ name, conf }) => [name, conf]),
      [
        ["over", 3],
        ["kept", 0],
        ["r", 1],
      ],
    );
    assert.equal(there.size, 2);
  });

  describe("rivals", () => {
    const rivals = (zones: EarlierZone[], onGlobal?: Resource) => {
      const there = new Map(onGlobal ? [[KEY, onGlobal]] : []);
      const [first] = withRivals({ resources: [planned("create", route(1))] }, "me", there, zones).resources;
      return first.rivals?.map((each) => [each.zones.join(), each.resource.conf]);
    };

    it("are the zones that bring other content, once for each content", () => {
      const zones = [
        earlier("a", planned("create", route(2))),
        unknown,
        earlier("b", planned("create", route(3))),
        earlier("c", planned("overwrite", route(2))),
        earlier("d", planned("create", route(2, "other"))),
      ];
      assert.deepEqual(rivals(zones), [
        ["a,c", 2],
        ["b", 3],
      ]);
    });

    it("are none that bring the same, give way to the global, or have what is there", () => {
      assert.equal(rivals([]), undefined);
      assert.equal(rivals([earlier("a", planned("create", route(1)))]), undefined);
      assert.equal(rivals([earlier("a", planned("keepGlobal", route(2)))]), undefined);
      assert.equal(rivals([earlier("a", planned("same", route(2)))], route(2)), undefined);
      assert.deepEqual(rivals([earlier("a", planned("create", route(2)))], route(9)), [["a", 2]]);
    });

    it("are told with the zone that they stand against, and named once", () => {
      const zones = [
        earlier("a", planned("create", route(2)), planned("create", route(2, "s"))),
        earlier("b", planned("create", route(3))),
      ];
      const plan = {
        resources: [
          planned("create", route(1)),
          planned("create", route(1, "s")),
          planned("create", route(1, "t")),
        ],
      };
      const { resources } = withRivals(plan, "me", new Map(), zones);
      assert.deepEqual(
        resources.map(({ zone }) => zone),
        ["me", "me", undefined],
      );
      assert.deepEqual(rivalsOf(resources), ["a", "b"]);
      assert.deepEqual(rivalsOf(plan.resources), []);
      assert.equal(resources[2], plan.resources[2]);
    });
  });
});
