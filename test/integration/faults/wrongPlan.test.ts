import * as assert from "node:assert/strict";
import { Resource, keyOf } from "../../../kuma";
import {
  Occasion,
  ZoneRecord,
  Foretold,
  Ledger,
  compareRecords,
  foretell,
  recordZone,
  resourcesOf,
  unexplainedIn,
  untilExplained,
} from "../../../kuma/ledger";
import { Belief, InProcessFederation } from "../../support/controlPlane/inProcessFederation";
import { until } from "../../support/until";

const mesh = "default";
const labels = { team: "a" };
const everything = [{ match: { "kuma.io/service": "*" } }];
const idle = (idleTimeout: string) => ({ to: [{ targetRef: { kind: "Mesh" }, default: { idleTimeout } }] });

/** A resource of each kind that the program treats in a way of its own. */
const MAKE = {
  secret: (name: string): Resource => ({ type: "Secret", mesh, name, labels, data: "Y2FuYXJ5" }),
  global: (name: string): Resource => ({ type: "GlobalSecret", name, data: "Y2FuYXJ5" }),
  legacy: (name: string): Resource => ({
    ...{ type: "Timeout", mesh, name, labels, conf: { connectTimeout: "4s" } },
    ...{ sources: everything, destinations: everything },
  }),
  policy: (name: string): Resource => ({ type: "MeshTimeout", mesh, name, labels, spec: idle("1h") }),
  proxy: (name: string): Resource => ({
    ...{ type: "Dataplane", mesh, name, labels },
    networking: { address: "127.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "backend" } }] },
  }),
  mesh: (name: string): Resource => ({
    ...{ type: "Mesh", name, labels },
    mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
  }),
};

type Wrong = (resource: Resource) => Resource | undefined;

const hidden: Wrong = () => undefined;
const withoutLabel: Wrong = ({ labels: { team: _team, ...others } = {}, ...resource }) => ({
  ...resource,
  labels: others,
});
const withOther =
  (fields: object): Wrong =>
  (resource) => ({ ...resource, ...fields });

const GONE = /^\S+ \S+ is gone$/;
const LABEL_GONE = /: label team was "a" and is none$/;
const OTHER_DATA = /: data was digest \w{12} and is digest \w{12}$/;

/** What is believed of a resource of its own, and what the ledger has to say of that. */
type Case = readonly [what: string, kind: keyof typeof MAKE, wrong: Wrong, ...expected: RegExp[]];

/** Each is one way in which export, sanitising or the comparison of the two sides may leave something out. */
const JOINING: Case[] = [
  ["a secret is not carried", "secret", hidden, GONE],
  ["a secret of no mesh is every control plane's own", "global", hidden, GONE],
  ["a policy is not carried", "legacy", hidden, GONE],
  ["a policy is not the zone's own", "policy", hidden, GONE],
  ["a proxy comes back by itself", "proxy", hidden, GONE],
  ["a user's label is computed, on what is carried", "legacy", withoutLabel, LABEL_GONE],
  ["a user's label is computed, on a secret", "secret", withoutLabel, LABEL_GONE],
  ["a user's label is computed, on a mesh", "mesh", withoutLabel, LABEL_GONE],
  ["a user's label is computed, on a policy of the zone's", "policy", withoutLabel, LABEL_GONE],
  ["a user's label is computed, on a proxy", "proxy", withoutLabel, LABEL_GONE],
  ["a field is computed", "legacy", withOther({ conf: {} }), /: conf\.connectTimeout was "4s" and is none$/],
  ["a secret's content is another", "secret", withOther({ data: "YW5vdGhlcg==" }), OTHER_DATA],
  [
    "a policy's content is another",
    "policy",
    withOther({ spec: idle("2h0m0s") }),
    /was "1h0m0s" and is "2h0m0s"$/,
  ],
  [
    "a policy is called otherwise",
    "policy",
    withOther({ name: "other.store" }),
    GONE,
    /^MeshTimeout default\/other\.store is new$/,
  ],
  ["a mesh needs no mTLS", "mesh", withOther({ mtls: undefined }), /: mtls was digest \w{12} and is none$/],
];

const GOING_BACK: Case[] = [
  ["a policy of the global's does not come back", "legacy", hidden, GONE],
  ["a secret does not come back", "secret", hidden, GONE],
  ["a label of a policy's is lost", "legacy", withoutLabel, LABEL_GONE],
  ["a label of a mesh's is lost", "mesh", withoutLabel, LABEL_GONE],
  ["a secret has other content", "secret", withOther({ data: "YW5vdGhlcg==" }), OTHER_DATA],
  ["a field is lost", "legacy", withOther({ conf: {} }), /: conf\.connectTimeout was "4s" and is none$/],
];

const resourceOf = ([, kind]: Case, index: number) => MAKE[kind](`case-${index}`);

/** What the program would do with a wrong picture of Kuma, and what the ledger has to say of it. */
describe("kuma/ledger: what a plan loses is told", function () {
  let federation: InProcessFederation;
  let before: ZoneRecord;
  afterEach(() => federation.stop());

  async function begin(resources: readonly Resource[]): Promise<void> {
    federation = await InProcessFederation.start();
    await federation.write(
      [...resources].sort((a, b) => Number(b.type === "Mesh") - Number(a.type === "Mesh")),
    );
    before = await recordZone(federation.zone, "zone-1");
  }

  const believing =
    (cases: readonly Case[]): Belief =>
    (resource) => {
      const index = cases.findIndex((each, at) => keyOf(resourceOf(each, at)) === keyOf(resource));
      return index < 0 ? resource : cases[index][2](structuredClone(resource));
    };

  /** Waits until all that is to be told is told, and that it is no more than that. */
  async function assertTold(occasion: Occasion, cases: readonly Case[]): Promise<void> {
    const expected = cases.flatMap((each, index) => {
      const [what, , , ...patterns] = each;
      return patterns.map((pattern) => ({ what, pattern, key: keyOf(resourceOf(each, index)) }));
    });
    let told: string[] = [];
    await until(`${expected.length} differences`, async () => {
      told = unexplainedIn(compareRecords(occasion, before, await recordZone(federation.zone, "zone-1")));
      return told.length === expected.length;
    }).catch(() => undefined);
    for (const { what, pattern, key } of expected) {
      const at = told.findIndex(
        (each) => pattern.test(each) && (each.startsWith(key) || / is new$/.test(each)),
      );
      assert.ok(at >= 0, `when it believes that ${what} (${key}): ${told.join("; ")}`);
      told.splice(at, 1);
    }
    assert.deepEqual(told, []);
  }

  /** What is foretold from the record alone is what was explained when it had happened. */
  function assertForetold(foretold: readonly Foretold[], { explained }: Ledger): void {
    const happened = new Map(explained.map((each) => [each.rule.code, resourcesOf(each)]));
    const told = new Map(
      foretold.map(({ rule, resources }) => [rule.code, resources.map(({ key }) => key).sort()]),
    );
    for (const [code, keys] of told) {
      // the public half, which is new, is not in the record
      if (code !== "zone-token-key-is-the-globals") assert.deepEqual(happened.get(code), keys, code);
    }
    const untold = [...happened.keys()].filter((code) => !told.has(code));
    assert.deepEqual(untold, ["comes-from-the-global"]);
  }

  it("when the zone joins", async () => {
    await begin(JOINING.map(resourceOf));
    await federation.join(believing(JOINING));
    await assertTold("joined", JOINING);
  });

  it("when the zone goes back", async () => {
    await begin(GOING_BACK.map(resourceOf));
    await federation.join();
    const joined = await untilExplained("joined", before, federation.zone);
    assertForetold(foretell(before), joined);
    await federation.leave(believing(GOING_BACK));
    await assertTold("back", GOING_BACK);
  });
});
