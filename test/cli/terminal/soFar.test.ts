import * as assert from "node:assert/strict";
import { Step, describeSoFar } from "../../../cli/terminal/soFar";

describe("cli/terminal/soFar", () => {
  const step = (name: string, state: Step["state"], op = "create"): Step => ({ name, op, state });
  const zone = (...steps: Step[]) => describeSoFar([step("global-kds", "done"), ...steps]);

  it("says that nothing was changed where nothing was begun", () => {
    assert.equal(describeSoFar([]), "Nothing was changed.");
  });

  for (const [what, steps, said] of [
    ["the global alone", [], "1 resource of the stack is done; no zone was touched."],
    [
      "part of what a zone holds",
      [step("z-resources", "begun")],
      "1 resource of the stack is done; cut short: z-resources; part of what zone z holds is on the global, and the zone runs alone as before.",
    ],
    [
      "all that a zone holds",
      [step("z-resources", "done"), step("z-way-back", "done")],
      "3 resources of the stack are done; what zone z holds is on the global, and the zone runs alone as before.",
    ],
    [
      "a switch that is under way",
      [step("z-resources", "done"), step("z-federation", "begun")],
      "2 resources of the stack are done; cut short: z-federation; zone z is in the middle of its switch, and the state holds its way back.",
    ],
    [
      "a zone that is federated, and one that is not",
      [step("z-resources", "done"), step("z-federation", "done"), step("y-resources", "failed")],
      "3 resources of the stack are done; cut short: y-resources; zone z is federated; part of what zone y holds is on the global, and the zone runs alone as before.",
    ],
    [
      "a way back",
      [step("z-way-back", "begun", "delete"), step("z-federation", "done", "delete")],
      "2 resources of the stack are done; cut short: z-way-back; zone z is on its way back, and the state still holds what it had.",
    ],
    [
      "a zone that is back",
      [
        step("z-way-back", "done", "delete"),
        step("z-resources", "done", "delete"),
        step("z-global-way-back", "begun", "delete"),
      ],
      "3 resources of the stack are done; cut short: z-global-way-back; zone z runs alone again.",
    ],
  ] as const)
    it(`tells of ${what}`, () => assert.equal(zone(...steps), `${said} Nothing is lost.`));
});
