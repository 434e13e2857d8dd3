import assert from "node:assert/strict";
import { describeOpenPorts } from "../../../platforms/universal/openPorts";

/** That they are the ports which are open is tried on control planes that run, in test/contract/listeners.test.ts. */
describe("platforms/universal/openPorts", () => {
  const settings = (title: string, portBase: number, mode: string, ...command: string[]) => ({
    ...{ title, portBase, command, portSetting: "" },
    environment: { KUMA_MODE: mode },
  });

  it("tells those of real control planes in one line", () => {
    const told = describeOpenPorts([
      settings("global", 25600, "global", "/usr/bin/kuma-cp"),
      settings("zone-1", 26600, "zone", "/usr/bin/kuma-cp"),
      settings("zone-2", 27600, "zone", "node", "/project/stand-in/kuma-cp.js"),
    ]);
    assert.equal(
      told,
      "kuma-cp listens on every address of this machine at the ports 25680, 25683, 25685 (global) and " +
        "26676, 26678, 26680, 26683 (zone-1); docs/network.md tells who can do what there, and how to close them.",
    );
  });

  it("tells nothing of stand-ins, which listen on loopback alone", () => {
    const standIns = ["kuma-cp.js", "konnect.js"].map((file) =>
      settings(file, 25600, "global", "node", `/project/stand-in/${file}`),
    );
    assert.equal(describeOpenPorts(standIns), undefined);
  });
});
