import * as assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describeReturn } from "../../../cli/preview/undo";

const event = (op: string, name: string, policies: object): EngineEvent =>
  ({
    resourcePreEvent: {
      metadata: {
        op,
        urn: `urn:pulumi:test::kuma-federation::pulumi-nodejs:dynamic:Resource::${name}`,
        old: { inputs: { zoneName: "zone-2", policies } },
      },
    },
  }) as unknown as EngineEvent;

const POLICIES = { "MeshTimeout default/slow": "1", "MeshRetry default/often": "2" };

describe("cli/preview/undo", () => {
  const told = (
    members: string[],
    policies: object = POLICIES,
    op = "delete",
    name = "zone-2-policies-way-back",
  ) => describeReturn(event(op, name, policies), members);

  it("tells which zones keep the policies on the global that one takes back", () => {
    assert.equal(
      told(["zone-1", "zone-2", "zone-3"]),
      "zone zone-2: 2 policies that it handed over are its own again; the global keeps what it got of them, as zone-1, zone-3 may rely on it",
    );
  });

  it("tells that they go from the global where nobody else is on it", () => {
    assert.equal(
      told(["zone-2"], { "MeshTimeout default/slow": "1" }),
      "zone zone-2: 1 policy that it handed over is its own again; what was added for it is taken off the global",
    );
  });

  it("says nothing of one that is no such record, holds nothing, or stays", () => {
    assert.deepEqual(
      [told([], {}), told([], POLICIES, "same"), told([], POLICIES, "delete", "zone-2-policies")],
      [undefined, undefined, undefined],
    );
  });
});
