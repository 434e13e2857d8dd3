import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { Resource } from "../../../kuma";
import {
  Circumstances,
  Ledger,
  foretell,
  Occasion,
  RULES,
  Rule,
  ZoneRecord,
  compareRecords,
  describeLedger,
  packRecord,
  rulesInMarkdown,
  unexplainedIn,
  unpackRecord,
} from "../../../kuma/ledger";

const record = (resources: Resource[], fields: Partial<ZoneRecord> = {}): ZoneRecord => ({
  zone: "zone-1",
  environment: "universal",
  store: "memory",
  resources,
  ...fields,
});
const base64 = (text: string) => Buffer.from(text).toString("base64");
const HASH = "zwxv7wdb9f2f8x5c";

const timeout = (fields: Partial<Resource> = {}): Resource => ({
  ...{ type: "Timeout", mesh: "m", name: "slow", conf: { connectTimeout: "4s" } },
  ...fields,
});
const copied = (resource: Resource, labels: Record<string, string> = {}): Resource => ({
  ...resource,
  name: `${resource.name}-${HASH}`,
  labels: {
    ...resource.labels,
    ...{ "kuma.io/display-name": resource.name, "kuma.io/origin": "global" },
    ...labels,
  },
});
const ofZone = { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1", "kuma.io/env": "universal" };
const policy = (fields: Partial<Resource> = {}): Resource => ({
  ...{ type: "MeshTimeout", mesh: "m", name: "t", labels: { ...ofZone, team: "a" }, spec: { to: [] } },
  ...fields,
});
const secret = (fields: Partial<Resource> = {}): Resource => ({
  ...{ type: "Secret", mesh: "m", name: "s", data: base64("canary-7d1f") },
  ...fields,
});

/** Codes of the rules that explain, each with what it explains, and what nothing explains. */
function told(
  occasion: Occasion,
  before: Resource[],
  after: Resource[],
  circumstances: Circumstances = {},
  fields: Partial<ZoneRecord> = {},
) {
  const ledger = compareRecords(occasion, record(before, fields), record(after, fields), circumstances);
  return { codes: codesOf(ledger), problems: unexplainedIn(ledger) };
}
const codesOf = (ledger: Ledger) => ledger.explained.map(({ rule }) => rule.code);

const allExplained = (codes: string[]) => ({ codes, problems: [] });

describe("kuma/ledger: what a zone was and is", () => {
  it("finds nothing where nothing differs", () => {
    const same = [timeout(), policy(), secret()];
    assert.deepEqual(told("joined", same, structuredClone(same)), allExplained([]));
  });

  it("names what is gone, new, and changed in any field, before and after", () => {
    const { problems } = told(
      "joined",
      [timeout(), policy(), policy({ name: "gone" })],
      [timeout({ conf: { connectTimeout: "5s" } }), policy({ labels: ofZone }), policy({ name: "other" })],
    );
    assert.deepEqual(problems, [
      `Timeout m/slow: conf.connectTimeout was "4s" and is "5s"`,
      `MeshTimeout m/t: label team was "a" and is none`,
      "MeshTimeout m/gone is gone",
      "MeshTimeout m/other is new",
    ]);
  });

  it("never tells what is in a secret, or may be one", () => {
    const url = "https://user:canary-3e9a@traces";
    const { problems } = told(
      "joined",
      [secret(), policy({ spec: { url, inline: "canary-3e9a" } })],
      [secret({ data: base64("canary-other") }), policy({ spec: { url: "", inline: "canary-9f" } })],
    );
    assert.equal(problems.length, 3);
    for (const problem of problems) {
      assert.doesNotMatch(problem, /canary|Y2FuYXJ/);
      assert.match(problem, /was digest [0-9a-f]{12} and is digest [0-9a-f]{12}$/);
    }
  });

  it("takes a difference that two rules explain for a fault of the table", () => {
    const rule: Rule = { ...RULES[0], code: "another", explains: ({ kind }) => kind === "gone" };
    const { problems } = told("joined", [timeout()], [], { rules: [rule, { ...rule, code: "one-more" }] });
    assert.deepEqual(problems, ["Timeout m/slow is gone (2 rules explain it: another, one-more)"]);
  });

  it("lets a rule about people's decisions give way to every other", () => {
    const rule: Rule = { ...RULES[0], code: "firm", explains: () => true };
    const circumstances = { rules: [rule, { ...rule, code: "gives-way", yields: true as const }] };
    assert.deepEqual(told("joined", [timeout()], [], circumstances), allExplained(["firm"]));
  });

  it("is packed into one line and comes out of it as it was", () => {
    const many = Array.from({ length: 2_500 }, (_, index) =>
      policy({ name: `t-${index}`, labels: { ü: "日本" } }),
    );
    const packed = packRecord(record(many));
    assert.match(packed, /^[A-Za-z0-9+/=]+$/);
    assert.deepEqual(unpackRecord(packed), record(many));
    assert.ok(packed.length < 60_000, `${packed.length} characters`);
  });
});

describe("kuma/ledger: the rules when a zone has joined", () => {
  it("explain a copy under the name with a hash, by its labels", () => {
    const codes = ["renamed-by-sync", "name-kept-in-label", "owned-by-global", "mesh-label"];
    assert.deepEqual(
      told("joined", [timeout()], [copied(timeout(), { "kuma.io/mesh": "m" })]),
      allExplained(codes),
    );
  });

  const other = "x".repeat(16);
  for (const [what, after, problem] of [
    ["a user's label is gone", copied(timeout()), `label team was "a" and is none`],
    [
      "its content is another",
      copied(timeout({ labels: { team: "a" }, conf: {} })),
      "conf.connectTimeout was",
    ],
    [
      "its name has no hash",
      { ...copied(timeout({ labels: { team: "a" } })), name: "slow-copy" },
      "is called slow-copy",
    ],
    [
      "it is the zone's own",
      copied(timeout(), { "kuma.io/origin": "zone", team: "a" }),
      `is called slow-${HASH}`,
    ],
    ["it is called otherwise", { ...copied(timeout()), name: `fast-${other}` }, `is called fast-${other}`],
  ] as const) {
    it(`do not explain a copy of which ${what}`, () => {
      const { problems } = told("joined", [timeout({ labels: { team: "a" } })], [after as Resource]);
      assert.ok(
        problems.some((each) => each.includes(problem)),
        problems.join("; "),
      );
    });
  }

  it("do not explain a policy of the zone that was replaced by a copy, or is there twice", () => {
    assert.ok(told("joined", [policy()], [copied(policy())]).problems[0].includes(`is called t-${HASH}`));
    const copy = copied(policy({ labels: {} }));
    assert.deepEqual(told("joined", [policy()], [policy(), copy]).problems, [
      `MeshTimeout m/t-${HASH} is new`,
    ]);
    const others = { ...copy, spec: { to: [1] } };
    assert.deepEqual(told("joined", [policy()], [policy(), others]), allExplained(["comes-from-the-global"]));
    const initial = policy({ name: "mesh-timeout-all-m" });
    const ofGlobal = copied(policy({ name: "mesh-timeout-all-m", labels: {} }));
    assert.deepEqual(
      told("joined", [initial], [initial, ofGlobal]),
      allExplained(["comes-from-the-global"]),
      "each control plane makes it for itself",
    );
  });

  const written = secret({ labels: { ...ofZone, team: "a", "kuma.io/mesh": "m" } });
  const carried = secret({ labels: { team: "a", "kuma.io/mesh": "m", "kuma.io/origin": "global" } });
  it("explain the labels that a secret loses, and only the zone's own", () => {
    assert.deepEqual(
      told("joined", [written], [carried]),
      allExplained(["owned-by-global", "zone-labels-left-behind"]),
    );
    const users = { ...timeout(), labels: { "kuma.io/env": "universal", "k8s.kuma.io/namespace": "store" } };
    assert.deepEqual(told("joined", [users], [copied(timeout())]).problems, [
      `Timeout m/slow: label k8s.kuma.io/namespace was "store" and is none`,
      `Timeout m/slow: label kuma.io/env was "universal" and is none`,
    ]);
  });

  const builtin: Resource = {
    ...{ type: "Mesh", name: "m" },
    mtls: {
      enabledBackend: "ca",
      backends: [{ name: "ca", type: "builtin", conf: { caCert: { expiration: "10y" } } }],
    },
  };
  const authority = (part: string, data = part): Resource =>
    secret({ name: `m.ca-builtin-${part}-ca`, data: base64(data) });
  const conf = { cert: { secret: "m.ca-builtin-cert-ca" }, key: { secret: "m.ca-builtin-key-ca" } };
  const provided = (changes: object = {}): Resource => ({
    ...{
      type: "Mesh",
      name: "m",
      labels: { "kuma.io/origin": "global" },
      skipCreatingInitialPolicies: ["*"],
    },
    mtls: { enabledBackend: "ca", skipValidation: true, backends: [{ name: "ca", type: "provided", conf }] },
    ...changes,
  });
  it("explain a builtin authority that became a provided one, if the keys are the same", () => {
    const keys = [authority("cert"), authority("key")];
    const codes = [
      "owned-by-global",
      "builtin-became-provided",
      "secrets-come-after-the-mesh",
      "no-initial-policies",
    ];
    assert.deepEqual(told("joined", [builtin, ...keys], [provided(), ...keys]), allExplained(codes));
    for (const after of [
      [provided(), keys[0], authority("key", "another")],
      [provided(), keys[0]],
      [provided({ mtls: undefined }), ...keys],
      [provided({ mtls: { ...(provided().mtls as object), enabledBackend: "" } }), ...keys],
    ]) {
      assert.notDeepEqual(told("joined", [builtin, ...keys], after).problems, []);
    }
  });

  const global = (name: string, data: string, labels?: Record<string, string>): Resource => ({
    ...{ type: "GlobalSecret", name, data: base64(data) },
    ...(labels && { labels }),
  });
  it("explain the key of zone tokens by its public half, and by no other key", () => {
    const pair = () => generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    const key = pair();
    const pem = key.export({ type: "pkcs1", format: "pem" }).toString();
    const half = (of: typeof key) => createPublicKey(of).export({ type: "pkcs1", format: "pem" }).toString();
    const labels = { "kuma.io/origin": "global", "kuma.io/display-name": "zone-token-signing-key-1" };
    const before = [global("zone-token-signing-key-1", pem)];
    const after = (text: string) => [global("zone-token-signing-public-key-1", text, labels)];
    assert.deepEqual(told("joined", before, after(half(key))).problems, []);
    assert.match(
      told("joined", before, after(half(pair()))).problems[0],
      /^GlobalSecret zone-token-signing-key-1: data was/,
    );
  });

  it("explain what a control plane makes anew, where its store is a new one", () => {
    const names = ["envoy-admin-ca", "inter-cp-ca", "admin-user-token", "user-token-signing-key-1"];
    const [before, after] = ["a", "b"].map((data) => names.map((name) => global(name, data)));
    const codes = ["own-authority-made-anew", "own-tokens-made-anew"];
    for (const store of ["memory", "postgres"]) {
      assert.deepEqual(told("joined", before, after, {}, { store }), allExplained(codes));
    }
    assert.equal(told("joined", before, after, {}, { store: "kubernetes" }).problems.length, 4);
    assert.deepEqual(told("joined", [global("user-token-signing-key-2", "a")], [after[3]]).problems, []);
    const users = [global("partner-key", "a"), global("partner-key", "b")];
    assert.equal(told("joined", [users[0]], [users[1]]).problems.length, 1);
  });

  it("explain the labels that go from what is recreated when a zone joins again, and from nothing else", () => {
    const own = { ...global("admin-user-token", "a"), labels: ofZone };
    const generator = (name: string, labels: Record<string, string>): Resource => ({
      ...{ type: "HostnameGenerator", name, labels, spec: {} },
    });
    const alone = { "kuma.io/origin": "zone" };
    const before = [own, generator("local-universal", ofZone)];
    const after = [global("admin-user-token", "a"), generator("local-universal", alone)];
    assert.deepEqual(told("joined", before, after), allExplained(["made-anew-without-labels"]));
    assert.equal(told("joined", before, after, {}, { store: "kubernetes" }).problems.length, 5);
    const users = [generator("mine", ofZone), generator("mine", alone)];
    assert.equal(told("joined", [users[0]], [users[1]]).problems.length, 2);
  });

  it("explain a list of revocations that is gone with the keys, and not without them", () => {
    const [key, list] = [global("user-token-signing-key-1", "a"), global("user-token-revocations", "jti")];
    const renewed = global("user-token-signing-key-1", "b");
    assert.deepEqual(told("joined", [key, list], [renewed]).problems, []);
    assert.deepEqual(told("joined", [key, list], [key]).problems, [
      "GlobalSecret user-token-revocations is gone",
    ]);
  });

  it("explain what the stack leaves to the global, and nothing else", () => {
    const [before, after] = [[timeout()], [copied(timeout({ conf: {} }))]];
    const circumstances = { isLeftToGlobal: (key: string) => key === "Timeout m/slow" };
    assert.deepEqual(told("joined", before, after, circumstances).problems, []);
    assert.equal(told("joined", before, after, { isLeftToGlobal: () => false }).problems.length, 1);
  });

  it("explain what somebody accepts, by its name, and nothing else", () => {
    const circumstances = { isAccepted: (key: string) => key === "Timeout m/slow" };
    assert.deepEqual(told("joined", [timeout()], [], circumstances), allExplained(["accepted"]));
    assert.deepEqual(told("joined", [timeout({ name: "other" })], [], circumstances).problems, [
      "Timeout m/other is gone",
    ]);
    const both = { ...circumstances, isLeftToGlobal: () => true };
    assert.deepEqual(told("joined", [timeout()], [copied(timeout({ conf: {} }))], both).problems, []);
  });

  it("explain what is computed of a service's proxies, and nothing else of it", () => {
    const service = (spec: object): Resource => ({ type: "MeshService", mesh: "m", name: "a", spec });
    const before = service({ ports: [1], identities: [{ type: "ServiceTag", value: "a" }] });
    const computed = { state: "Available", identities: [{ type: "ServiceTag", value: "b" }] };
    assert.deepEqual(
      told("joined", [before], [service({ ports: [1], ...computed })]),
      allExplained(["computed-of-services"]),
    );
    assert.equal(told("joined", [before], [service({ ports: [2], ...computed })]).problems.length, 1);
  });

  it("explain an identifier only where it is put together from what is there", () => {
    const kri = (zone: string) => `kri_mt_m_${zone}__t_`;
    const after = policy({
      labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" },
      kri: kri("zone-1"),
    });
    const before = { ...after, kri: kri("") };
    assert.deepEqual(told("back", [before], [after]), allExplained(["computed-identifier"]));
    assert.equal(told("back", [after], [before]).problems.length, 1);
  });
});

describe("kuma/ledger: the rules when a zone is back or has handed over", () => {
  it("explain the labels that a secret gets when it is written back", () => {
    const after = secret({ labels: { ...ofZone, "kuma.io/mesh": "m" } });
    assert.deepEqual(
      told("back", [secret()], [after]),
      allExplained(["mesh-label", "labelled-when-written-back"]),
    );
    const wrong = secret({ labels: { ...ofZone, "kuma.io/zone": "zone-2" } });
    assert.equal(told("back", [secret()], [wrong]).problems.length, 1);
  });

  it("explain the labels of what a zone's own control plane had made, also when it joins on a new store", () => {
    const trust: Resource = { type: "MeshTrust", mesh: "m", name: "identity", spec: { trustDomain: "m.z" } };
    const written = { ...trust, labels: ofZone };
    const store = (store: string) => told("joined", [trust], [written], {}, { store });
    assert.deepEqual(store("memory"), allExplained(["labelled-when-written-back"]));
    assert.deepEqual(store("postgres"), allExplained(["labelled-when-written-back"]));
    assert.equal(store("file").problems.length, 3);
    const others = { ...trust, labels: { ...ofZone, "kuma.io/zone": "zone-2" } };
    assert.equal(told("joined", [trust], [others]).problems.length, 1);
    const what = "gets kuma.io/origin, kuma.io/zone and kuma.io/env";
    assert.deepEqual(
      foretell(record([trust])).map(({ rule, resources }) => [rule.code, resources]),
      [["labelled-when-written-back", [{ key: "MeshTrust m/identity", what }]]],
    );
  });

  it("do not explain a name with a hash, or an owner that stayed", () => {
    assert.notDeepEqual(told("back", [timeout()], [copied(timeout())]).problems, []);
    assert.equal(
      told("back", [timeout()], [timeout({ labels: { "kuma.io/origin": "global" } })]).problems.length,
      1,
    );
  });

  it("explain what the zone had of its owner's when its global got a lost mesh again, and nothing that it had lost", () => {
    const late = policy({ name: "late" });
    const circumstances = { leaving: record([late]), meshes: ["m"] };
    assert.deepEqual(
      told("joined", [policy()], [policy(), late], circumstances),
      allExplained(["changed-while-federated"]),
    );
    assert.deepEqual(told("joined", [policy()], [policy(), late], { meshes: ["m"] }).problems, [
      "MeshTimeout m/late is new",
    ]);
    assert.deepEqual(told("joined", [policy()], [late], circumstances).problems, ["MeshTimeout m/t is gone"]);
  });

  it("explain what the zone itself changed while it was federated, and only that", () => {
    const changed = policy({ spec: { to: [1] } });
    const leaving = (resources: Resource[]) => ({ leaving: record(resources) });
    assert.deepEqual(
      told("back", [policy()], [changed], leaving([changed])),
      allExplained(["changed-while-federated"]),
    );
    assert.equal(told("back", [policy()], [changed], leaving([policy()])).problems.length, 1);
    assert.deepEqual(told("back", [policy()], [], leaving([])), allExplained(["changed-while-federated"]));
    assert.deepEqual(told("back", [policy()], [], leaving([policy()])).problems, ["MeshTimeout m/t is gone"]);
    const ofLost = { ...leaving([]), meshes: ["m"] };
    assert.deepEqual(told("joined", [policy()], [], ofLost).problems, ["MeshTimeout m/t is gone"]);
    const known = { ...ofLost, isLeavingWhole: true };
    assert.deepEqual(told("joined", [policy()], [], known), allExplained(["changed-while-federated"]));
    // what only a global can own is the zone's again as it was, whatever the zone held when it left
    assert.deepEqual(told("back", [timeout()], [], leaving([])).problems, ["Timeout m/slow is gone"]);
    const own = secret({ labels: { "kuma.io/origin": "zone", "kuma.io/zone": "zone-1" } });
    for (const each of [secret(), own])
      assert.equal(told("back", [each], [], leaving([])).problems.length, 1);
  });

  it("look at some meshes alone, where the others are their owners'", () => {
    const other = policy({ mesh: "other" });
    const [before, after] = [record([policy(), other, secret()]), record([])];
    const ledger = compareRecords("joined", before, after, { meshes: ["other"] });
    assert.equal(ledger.recorded, 1);
    assert.deepEqual(unexplainedIn(ledger), ["MeshTimeout other/t is gone"]);
    assert.match(describeLedger(ledger, "zone-1"), /^zone zone-1 has mesh other again, which its global/);
  });

  it("explain a policy that was handed over, and no label of the user's that it lost", () => {
    const copy = copied(policy({ labels: { team: "a" } }));
    assert.deepEqual(
      told("handedOver", [policy()], [copy]),
      allExplained(["handed-over", "name-kept-in-label", "policy-owned-by-global"]),
    );
    const stripped = copied(policy({ labels: {} }));
    assert.deepEqual(told("handedOver", [policy()], [stripped]).problems, [
      `MeshTimeout m/t: label team was "a" and is none`,
    ]);
    assert.deepEqual(told("handedOver", [policy()], []).problems, ["MeshTimeout m/t is gone"]);
  });
});

describe("kuma/ledger: the table", () => {
  it("has one code for each rule, a sentence and a source", () => {
    const codes = RULES.map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
    for (const { code, reason, source, occasions } of RULES) {
      assert.match(code, /^[a-z-]+$/);
      assert.match(reason, /^[A-Za-z].*\.$/s, code);
      assert.ok(source.length > 0 && occasions.length > 0, code);
    }
  });
});

describe("docs/ledger.md", () => {
  it("has the rules as they are", () => {
    const text = fs.readFileSync(path.resolve(__dirname, "../../../docs/ledger.md"), "utf8");
    assert.equal(text.split("\n## The rules\n\n")[1], `${rulesInMarkdown()}\n`);
  });
});
