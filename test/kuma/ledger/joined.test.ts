import * as assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { Resource } from "../../../kuma";
import { base64, HASH, timeout, copied, ofZone, policy, secret, told, allExplained } from "./records";

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

  it("explain by one rule what zones that joined before have of proxies", () => {
    const ofOthers = { "kuma.io/origin": "global", "kuma.io/zone": "other" };
    const ingress = { type: "ZoneIngress", name: `ingress-${HASH}`, labels: ofOthers };
    const service = timeout({
      type: "MeshService",
      name: `web-${HASH}`,
      labels: { ...ofOthers, "kuma.io/managed-by": "meshservice-generator" },
    });
    assert.deepEqual(told("joined", [], [ingress, service]), allExplained(["comes-from-the-global"]));
  });

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
    const proxy = (networking: object): Resource => ({ type: "Dataplane", mesh: "m", name: "p", networking });
    const outbound = [{ address: "240.0.0.1", port: 80, tags: { "kuma.io/service": "a" } }];
    const transparent = { transparentProxying: { redirectPortInbound: 15006 } };
    const noted = [proxy(transparent), proxy({ ...transparent, outbound })] as const;
    assert.deepEqual(told("joined", [noted[0]], [noted[1]]), allExplained(["outbounds-noted"]));
    assert.deepEqual(told("back", [noted[1]], [noted[0]]), allExplained(["outbounds-noted"]));
    // without it they are its owner's
    assert.equal(told("joined", [proxy({})], [proxy({ outbound })]).problems.length, 1);
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
