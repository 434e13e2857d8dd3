import * as assert from "node:assert/strict";
import type { Resource } from "../../../kuma";
import {
  describeForetold,
  describeLedger,
  foretell,
  holdsCopies,
  packRecord,
  recordWithoutSecrets,
  recordZone,
  unpackRecord,
  untilExplained,
} from "../../../kuma/ledger";
import { FakeControlPlane, clientOf, stopFakes } from "../../support/controlPlane/fakeControlPlane";
import { kumaErrorOf } from "../../support/errors";
import { copied, policy, record, secret, timeout } from "./records";

const MESH: Resource = { type: "Mesh", name: "m" };
const SOON = { deadlineMs: 50, intervalMs: 1 };

describe("kuma/ledger: what is read of a zone", () => {
  afterEach(stopFakes);

  const zoneOf = (resources: Resource[], store: object = { store: { type: "memory" } }) =>
    FakeControlPlane.start({ config: { mode: "zone", environment: "universal", ...store }, resources });

  it("is all that it shows, but for what says when it was or how it stands", async () => {
    const shown = { ...policy(), creationTime: "a", modificationTime: "b", status: { x: 1 } };
    const zone = await zoneOf([MESH, shown as Resource, secret()]);
    const read = await recordZone(clientOf(zone), "zone-1");
    assert.deepEqual({ ...read, resources: read.resources.length }, { ...record([]), resources: 3 });
    assert.deepEqual(
      read.resources.find(({ type }) => type === "MeshTimeout"),
      policy(),
    );
    assert.ok(
      !zone.asked.some((each) => each.includes("insight")),
      "what is counted all the time is not read",
    );
    assert.deepEqual(unpackRecord(packRecord(read)), read);
  });

  it("has no store where the zone tells none, and no secret where it is to lie in a file", async () => {
    const zone = await zoneOf([MESH, secret(), { type: "GlobalSecret", name: "g", data: "eA==" }], {});
    const read = await recordWithoutSecrets(clientOf(zone), "zone-1");
    assert.deepEqual(read, { zone: "zone-1", environment: "universal", resources: [MESH] });
  });

  it("shows whether a global has sent it something", () => {
    const copy = copied(timeout());
    assert.equal(holdsCopies(record([MESH, copy]), record([MESH])), true);
    assert.equal(holdsCopies(record([MESH, copy]), record([MESH, copy])), false, "it had that before");
    assert.equal(holdsCopies(record([MESH, policy()]), record([MESH])), false, "its own is no copy");
  });

  it("is compared again until every difference is explained, and told in one line then", async () => {
    const before = record([MESH, policy()]);
    const zone = await zoneOf([MESH]);
    const compared = untilExplained(
      "joined",
      before,
      clientOf(zone),
      {},
      { deadlineMs: 60_000, intervalMs: 1 },
    );
    zone.add(policy());
    const ledger = await compared;
    assert.equal(
      describeLedger(ledger, "zone-1"),
      "zone zone-1 has joined its global: compared with the record of 2 resources: no difference; each explained (docs/ledger.md)",
    );
    const again = { ...ledger, meshes: ["m"] };
    assert.match(
      describeLedger(again, "zone-1"),
      /^zone zone-1 has mesh m again, which its global had lost: /,
    );
  });

  for (const [occasion, happened, next] of [
    ["joined", "has joined its global", "The zone is switched, and stays so."],
    ["handedOver", "has handed its policies over", "The policies are the global's, and stay so."],
    ["back", "runs alone again", "The zone runs, and stays as it is. Write back by hand what is missing"],
  ] as const) {
    it(`fails with what no rule explains of a zone that ${happened}, and says what to do`, async () => {
      const client = clientOf(await zoneOf([MESH]));
      const own = [policy(), policy({ name: "u" })];
      const one = await kumaErrorOf(untilExplained(occasion, record([MESH, own[0]]), client, {}, SOON));
      assert.equal(one.code, "unexplained");
      assert.ok(
        one.message.startsWith(
          `Zone zone-1 ${happened}, but not everything in it is as it was. 1 difference is explained by no rule of docs/ledger.md: MeshTimeout m/t `,
        ),
        one.message,
      );
      assert.ok(one.message.includes(next), one.message);
      assert.match(one.message, /name in the setting acceptDifferences\.$/);
      const two = await kumaErrorOf(untilExplained(occasion, record([MESH, ...own]), client, {}, SOON));
      assert.match(two.message, / 2 differences are explained by no rule /);
    });
  }
});

describe("kuma/ledger: what is foretold of a zone that is to join", () => {
  const before = record([MESH, timeout({ name: "b" }), timeout({ name: "a" }), policy()]);

  it("is counted by effect, and points to the names", () => {
    const [first, ...lines] = describeForetold(before, foretell(before), false).split("\n");
    assert.equal(
      first,
      "zone zone-1: of the 4 resources that it has, these will differ once it has joined (preview --diff names them); docs/ledger.md says why",
    );
    assert.ok(lines.includes("  renamed: 2"), lines.join("\n"));
    assert.ok(
      lines.every((line) => /^ {2}\S.*: \d+$/.test(line)),
      lines.join("\n"),
    );
  });

  it("is each resource by name, with all that becomes of it, in order", () => {
    const lines = describeForetold(before, foretell(before), true).split("\n");
    assert.ok(!lines[0].includes("preview --diff"));
    const renamed = lines.indexOf("  renamed: 2");
    assert.deepEqual(lines.slice(renamed + 1, renamed + 3), [
      "    Timeout m/a: becomes a-<hash>",
      "    Timeout m/b: becomes b-<hash>",
    ]);
  });

  it("is nothing of a zone that holds nothing", () => {
    assert.equal(
      describeForetold(record([]), foretell(record([])), false),
      "zone zone-1: of the 0 resources that it has, these will differ once it has joined; docs/ledger.md says why",
    );
  });
});
