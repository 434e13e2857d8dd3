import * as assert from "node:assert/strict";
import type { LoneZone, StandingZone } from "../../../cli/stack/standing/standing";
import { describeTakingDown, notAsked, whatDestroyDoes } from "../../../cli/commands/takingDown";

const member = (zoneName: string) => ({ zoneName }) as StandingZone;
const alone = (name: string): LoneZone => ({ name, url: "http://z" });

describe("cli/commands/takingDown", () => {
  it("names what goes and what stays, where everything runs on this machine", () => {
    const standing = { zones: [member("a"), member("b")], alone: [alone("c")], endsGlobal: true };
    const here = ["global", "zones/a", "zones/b", "zones/c"];
    assert.deepEqual(describeTakingDown("dev", standing, here, "keepOnGlobal"), [
      "destroy takes down stack dev:",
      "  off the global, each with what it had before: zone a, b; what they brought: it goes with the global",
      "  ended, and their files and content deleted: the global control plane, the control planes of zones a, b, c",
    ]);
    assert.equal(
      whatDestroyDoes(standing, ["global", "zones/a"]),
      "takes the zones off the global again, and ends the global control plane and the control plane of zone a, on this machine",
    );
    const many = Array.from({ length: 50 }, (_, at) => `zones/zone-${at + 1}`);
    assert.equal(
      whatDestroyDoes(standing, ["global", ...many]),
      "takes the zones off the global again, and ends the global control plane and the control planes of zones zone-1, zone-2, zone-3 and 47 more, on this machine",
    );
  });

  it("names what stays, where others run it", () => {
    const standing = { zones: [member("a")], alone: [alone("b")], endsGlobal: false };
    const told = (onUndo: "keepOnGlobal" | "removeFromGlobal") =>
      describeTakingDown("eu", standing, [], onUndo);
    assert.deepEqual(told("keepOnGlobal"), [
      "destroy takes down stack eu:",
      "  off the global, each with what it had before: zone a; what they brought: it stays on the global (onUndo: keepOnGlobal)",
      "  stays, and runs alone: zone a, b",
      "  stays: the global control plane",
    ]);
    assert.match(told("removeFromGlobal")[1], /it is taken off the global, unless others may use it$/);
    assert.equal(whatDestroyDoes(standing, []), "takes the zone off the global again");
  });

  it("tells zones that the stack has installed from those that were there", () => {
    const zones = [member("a"), { ...member("b"), isInstalled: true }];
    const standing = { zones, alone: [], endsGlobal: true };
    assert.deepEqual(describeTakingDown("eu", standing, [], "keepOnGlobal"), [
      "destroy takes down stack eu:",
      "  off the global, each with what it had before: zone a; what they brought: it goes with the global",
      "  deleted: zone b, which the stack installed",
      "  deleted: the global control plane that the stack made",
      "  stays, and runs alone: zone a",
    ]);
    assert.equal(
      whatDestroyDoes(standing, []),
      "takes the zone off the global again, and deletes zone b, and deletes the global control plane",
    );
  });

  it("speaks of no global and of no zone where none is federated", () => {
    const standing = { zones: [], alone: [alone("a")], endsGlobal: false };
    assert.equal(whatDestroyDoes(standing, ["zones/a"]), "ends the control plane of zone a, on this machine");
    assert.deepEqual(describeTakingDown("dev", undefined, [], "keepOnGlobal"), [
      "There is nothing of stack dev but its files here.",
    ]);
  });

  it("gives the form for where nobody can be asked", () => {
    assert.ok(notAsked("dev").endsWith("npm run destroy -- --yes"));
    assert.ok(notAsked("eu").endsWith("npm run destroy -- --stack eu --yes"));
  });
});
