import * as assert from "node:assert/strict";
import type { UniversalZoneConfig } from "../../stack/settings/controlPlanes";
import { readStackConfig } from "../../stack/config";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { kumaErrorOf } from "../support/errors";

const universalGlobal = { platform: "universal", portBase: 5600 };
const existingGlobal = {
  platform: "existing",
  apiUrl: "https://global.example.com:5682",
  kdsAddress: "grpcs://global.example.com:5685",
};
const zone = { name: "zone-1", platform: "universal", portBase: 6600 };

type Values = Record<string, unknown>;

function read(values: Values) {
  const all: Values = { global: universalGlobal, zones: [zone], ...values };
  return readStackConfig(
    {
      keys: [],
      get: (key) => all[key],
      secretsIn: () => [],
    },
    "test",
  );
}

describe("stack/config", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", undefined));
  afterEach(cleanUp);

  it("fills in what is left out", () => {
    assert.deepEqual(read({}), {
      global: {
        platform: "universal",
        directory: ".kuma-federation/stacks/test/global",
        portBase: 5600,
        kumaCp: "auto",
        store: "auto",
        kdsHost: "127.0.0.1",
      },
      zones: [
        {
          platform: "universal",
          directory: ".kuma-federation/stacks/test/zones/zone-1",
          portBase: 6600,
          kumaCp: "auto",
          store: "auto",
          name: "zone-1",
          federated: true,
        },
      ],
      onConflict: "fail",
      onDrift: "repairMissing",
      onUndo: "keepOnGlobal",
      onFailedSwitch: "takeBack",
      acceptDifferences: [],
      removed: [],
      guardrails: "advisory",
      guardrailRules: {},
      drills: "refused",
    });
  });

  it("leaves a zone that died out of the zones, and names it", () => {
    const dead = { ...zone, name: "zone-2", portBase: 7600, remove: "force" };
    const { zones, removed } = read({ zones: [zone, dead] });
    assert.deepEqual([zones.map(({ name }) => name), removed], [["zone-1"], ["zone-2"]]);
    for (const remove of [true, "yes", "Force"])
      assert.throws(
        () => read({ zones: [{ ...zone, remove }] }),
        /zones\[0\]\.remove is .*; it must be force/,
      );
  });

  it("takes waves of a rollout, and tells what is wrong with them", () => {
    const waves = [1, 5, "all"];
    assert.deepEqual(read({ rollout: { waves } }).rollout, { waves, settle: 60 });
    assert.deepEqual(read({ rollout: { waves: [2], settle: 0 } }).rollout, { waves: [2], settle: 0 });
    assert.equal(read({}).rollout, undefined);
    for (const wrong of [[], [0], [1.5], ["all", 1], ["every"], "all", 5, [1001], undefined])
      assert.throws(
        () => read({ rollout: { waves: wrong } }),
        /rollout.waves .* must be a list of how many zones/,
      );
    for (const settle of [-1, 3601, "60", 1.5])
      assert.throws(
        () => read({ rollout: { waves, settle } }),
        /rollout.settle .* must be a whole number from 0/,
      );
    assert.throws(
      () => read({ rollout: { waves, wait: 1 } }),
      /rollout.wait is not known here; allowed are waves, settle/,
    );
    assert.throws(() => read({ rollout: [1, 5] }), /rollout .* must be an object/);
  });

  it("tells what is wrong with rules of guardrails, and takes what is right", () => {
    assert.deepEqual(
      read({ guardrailRules: { "a-b": "off", c: { level: "mandatory", most: 3 } } }).guardrailRules,
      {
        "a-b": "off",
        c: { level: "mandatory", most: 3 },
      },
    );
    for (const wrong of ["off", ["a-b"], { "a-b": "on" }, { "a-b": false }, { "a-b": { level: "high" } }])
      assert.throws(
        () => read({ guardrailRules: wrong }),
        /guardrailRules.* must be an object with, by the name of a rule/s,
      );
    assert.throws(
      () => read({ guardrails: "on" }),
      /guardrails is "on"; it must be one of off, advisory, mandatory/,
    );
  });

  it("takes what is given", () => {
    setEnvironment("KUMA_FEDERATION_STATE", "/state");
    const config = read({
      global: { ...universalGlobal, kumaCp: "download", store: "memory", kdsHost: "10.0.0.1" },
      zones: [{ ...zone, kumaCp: "path", store: "memory", federated: false, content: "dir" }],
      onConflict: "keepGlobal",
      policies: "policies/demo",
    });
    assert.deepEqual(config.global, {
      platform: "universal",
      directory: "/state/stacks/test/global",
      portBase: 5600,
      kumaCp: "download",
      store: "memory",
      kdsHost: "10.0.0.1",
    });
    const { kumaCp, store, federated, content } = config.zones[0] as UniversalZoneConfig;
    assert.deepEqual([kumaCp, store, federated, content], ["path", "memory", false, "dir"]);
    assert.deepEqual([config.onConflict, config.policies], ["keepGlobal", "policies/demo"]);
  });

  it("takes a global that others run", () => {
    for (const url of ["http://localhost:5681", "http://127.0.0.2", "http://[::1]:5681/x"])
      assert.equal(
        (read({ global: { ...existingGlobal, apiUrl: url } }).global as { apiUrl: string }).apiUrl,
        url,
      );
    assert.equal(
      (read({ global: { ...existingGlobal, apiCaFile: "api.crt" } }).global as { apiCaFile?: string })
        .apiCaFile,
      "api.crt",
    );
    assert.deepEqual(read({ global: { ...existingGlobal, kdsCaFile: "ca.crt" } }).global, {
      ...existingGlobal,
      kdsCaFile: "ca.crt",
    });
  });

  it("takes the two databases of a zone on Postgres", () => {
    const given = { user: "kuma", database: "alone", federatedDatabase: "federated" };
    const [first] = read({ zones: [{ ...zone, store: "postgres", postgres: given }] }).zones;
    assert.deepEqual((first as { postgres?: object }).postgres, {
      ...given,
      host: "127.0.0.1",
      port: 5432,
      passwordVariable: "KUMA_STORE_POSTGRES_PASSWORD",
      tlsMode: "disable",
    });
  });

  const universalKeys =
    "name, platform, federated, enabled, remove, cpToken, profile, portBase, kumaCp, store, postgres, content, product";
  const databases = { user: "kuma", database: "alone", federatedDatabase: "federated" };
  const listOfZones = "it must be a list of at least one zone.";
  const dnsLabel = "it must be 1 to 63 lower-case letters, digits and dashes (a DNS label).";
  const portRange = "it must be a whole number from 1024 to 65400.";
  const kumaCps = "it must be one of auto, embedded, path, download.";
  const kdsExample = "it must be an address such as grpcs://global.example.com:5685.";
  const inZone = (fields: Values) => ({ zones: [{ ...zone, ...fields }] });
  const inGlobal = (fields: Values) => ({ global: { ...universalGlobal, ...fields } });
  const inExisting = (fields: Values) => ({ global: { ...existingGlobal, ...fields } });

  const wrong: [Values, string][] = [
    [{ zones: undefined }, `The setting zones is missing; ${listOfZones}`],
    [{ zones: [] }, `The setting zones is []; ${listOfZones}`],
    [{ zones: "zone-1" }, `The setting zones is "zone-1"; ${listOfZones}`],
    [{ zones: [null] }, "The setting zones[0] is null; it must be an object."],
    [{ zones: [zone, "x"] }, 'The setting zones[1] is "x"; it must be an object.'],
    [{ global: undefined }, "The setting global is missing; it must be an object."],
    [{ global: [] }, "The setting global is []; it must be an object."],
    [
      { global: {} },
      "The setting global.platform is missing; it must be one of universal, kubernetes, host, existing, konnect.",
    ],
    [
      inGlobal({ platform: "openshift" }),
      'The setting global.platform is "openshift"; it must be one of universal, kubernetes, host, existing, konnect.',
    ],
    [inGlobal({ portBase: undefined }), `The setting global.portBase is missing; ${portRange}`],
    [inGlobal({ portBase: "5600" }), `The setting global.portBase is "5600"; ${portRange}`],
    [inGlobal({ portBase: 1023 }), `The setting global.portBase is 1023; ${portRange}`],
    [inGlobal({ portBase: 65_401 }), `The setting global.portBase is 65401; ${portRange}`],
    [inGlobal({ portBase: 5600.5 }), `The setting global.portBase is 5600.5; ${portRange}`],
    [inGlobal({ kumaCp: "own" }), `The setting global.kumaCp is "own"; ${kumaCps}`],
    [
      inGlobal({ store: "postgres" }),
      'The setting global.store is "postgres"; it must be one of auto, memory.',
    ],
    [inGlobal({ kdsHost: "" }), 'The setting global.kdsHost is ""; it must be a text.'],
    [
      inGlobal({ port: 1 }),
      "The setting global.port is not known here; allowed are platform, portBase, kumaCp, store, kdsHost.",
    ],
    [inExisting({ apiUrl: undefined }), "The setting global.apiUrl is missing; it must be a text."],
    [
      inExisting({ apiUrl: "global:5681" }),
      'The setting global.apiUrl is "global:5681"; it must be a URL such as http://localhost:5681, without credentials.',
    ],
    [inExisting({ kdsAddress: undefined }), "The setting global.kdsAddress is missing; it must be a text."],
    [
      inExisting({ kdsAddress: "grpc://g:5685" }),
      `The setting global.kdsAddress is "grpc://g:5685"; ${kdsExample}`,
    ],
    [inExisting({ kdsAddress: "grpcs://g" }), `The setting global.kdsAddress is "grpcs://g"; ${kdsExample}`],
    [
      inExisting({ apiUrl: "http://global.example.com:5681" }),
      'The setting global.apiUrl is "http://global.example.com:5681"; it must be an https address: tokens and keys are sent there.',
    ],
    [
      inExisting({ apiUrl: "http://127.0.0.1.example.com" }),
      'The setting global.apiUrl is "http://127.0.0.1.example.com"; it must be an https address: tokens and keys are sent there.',
    ],
    [
      inExisting({ kdsAddress: "grpc://global.example.com:5685" }),
      'The setting global.kdsAddress is "grpc://global.example.com:5685"; it must be an address such as grpcs://global.example.com:5685.',
    ],
    [inExisting({ apiCaFile: 7 }), "The setting global.apiCaFile is 7; it must be a text."],
    [inExisting({ kdsCaFile: 7 }), "The setting global.kdsCaFile is 7; it must be a text."],
    [
      inExisting({ portBase: 1 }),
      "The setting global.portBase is not known here; allowed are platform, apiUrl, apiCaFile, kdsAddress, kdsCaFile.",
    ],
    [inZone({ name: undefined }), "The setting zones[0].name is missing; it must be a text."],
    [inZone({ name: "Zone" }), `The setting zones[0].name is "Zone"; ${dnsLabel}`],
    [inZone({ name: "a.b" }), `The setting zones[0].name is "a.b"; ${dnsLabel}`],
    [inZone({ name: "-a" }), `The setting zones[0].name is "-a"; ${dnsLabel}`],
    [inZone({ name: "x".repeat(64) }), `The setting zones[0].name is "${"x".repeat(64)}"; ${dnsLabel}`],
    [
      inZone({ platform: "existing" }),
      'The setting zones[0].platform is "existing"; it must be one of universal, kubernetes, host.',
    ],
    [inZone({ portBase: null }), `The setting zones[0].portBase is null; ${portRange}`],
    [inZone({ kumaCp: true }), `The setting zones[0].kumaCp is true; ${kumaCps}`],
    [inZone({ store: 1 }), "The setting zones[0].store is 1; it must be one of auto, memory, postgres."],
    [
      inZone({ store: "postgres" }),
      "The setting zones[0].postgres is missing; it must be an object with user, database and federatedDatabase, as store is postgres.",
    ],
    [
      inZone({ postgres: databases }),
      'The setting zones[0].store is "auto"; it must be postgres where postgres is set as well.',
    ],
    [
      inZone({ store: "postgres", postgres: { ...databases, password: "canary" } }),
      "The setting zones[0].postgres.password is not known here; allowed are host, port, user, passwordVariable, tlsMode, caFile, database, federatedDatabase.",
    ],
    [
      inZone({ store: "postgres", postgres: { ...databases, tlsMode: "require" } }),
      'The setting zones[0].postgres.tlsMode is "require"; it must be one of disable, verifyNone, verifyCa, verifyFull.',
    ],
    [
      inZone({ store: "postgres", postgres: { ...databases, tlsMode: "verifyFull" } }),
      "The setting zones[0].postgres.caFile is missing; it must be a file with the server's authority, as tlsMode is verifyFull.",
    ],
    [
      inZone({ store: "postgres", postgres: { ...databases, port: 70_000 } }),
      "The setting zones[0].postgres.port is 70000; it must be a whole number from 1 to 65535.",
    ],
    [
      inZone({ store: "postgres", postgres: { ...databases, federatedDatabase: "alone" } }),
      "The settings zones[0].postgres.database and zones[0].postgres.federatedDatabase name the same database; a zone cannot be federated in the one in which it ran alone.",
    ],
    [
      {
        zones: ["one", "two"].map((name, index) => ({
          ...{ ...zone, name, portBase: 6_700 + 100 * index, store: "postgres" },
          postgres: { ...databases, database: name },
        })),
      },
      "Two zones are given the database federated at 127.0.0.1:5432; each needs two of its own.",
    ],
    [
      inZone({ profile: "all" }),
      'The setting zones[0].profile is "all"; it must be one of federation, federation-with-policies.',
    ],
    [inZone({ federated: "yes" }), 'The setting zones[0].federated is "yes"; it must be true or false.'],
    [inZone({ content: [] }), "The setting zones[0].content is []; it must be a text."],
    [
      inZone({ product: "Istio" }),
      'The setting zones[0].product is "Istio"; it must be one of kuma, kong-mesh.',
    ],
    [
      inZone({ product: "Kong Mesh" }),
      'The setting zones[0].product is "Kong Mesh", which is written kong-mesh now.',
    ],
    [inZone({ product: "Kuma" }), 'The setting zones[0].product is "Kuma", which is written kuma now.'],
    [inZone({ nmae: "x" }), `The setting zones[0].nmae is not known here; allowed are ${universalKeys}.`],
    [{ onDrift: "ask" }, 'The setting onDrift is "ask"; it must be one of repairMissing, repair, report.'],
    [
      { onFailedSwitch: "retry" },
      'The setting onFailedSwitch is "retry"; it must be one of takeBack, leave.',
    ],
    [
      { acceptDifferences: ["default/all"] },
      'The setting acceptDifferences is ["default/all"]; it must be a list of names as messages tell them, such as "MeshTimeout default/all".',
    ],
    [{ onUndo: "ask" }, 'The setting onUndo is "ask"; it must be one of keepOnGlobal, removeFromGlobal.'],
    [
      { onConflict: "ask" },
      'The setting onConflict is "ask"; it must be one of fail, keepGlobal, overwrite, or a list of rules.',
    ],
    [
      { zones: [zone, { ...zone, portBase: 7600 }] },
      'Two zones have the name "zone-1"; each zone needs its own.',
    ],
    [
      { zones: [zone, { ...zone, name: "zone-2", portBase: 6619 }] },
      "Two settings portBase are closer than 20 to each other (near 6619); control planes would share ports.",
    ],
    [
      { zones: [{ ...zone, portBase: 5600 }] },
      "Two settings portBase are closer than 20 to each other (near 5600); control planes would share ports.",
    ],
  ];
  for (const [values, message] of wrong) {
    it(message, async () => {
      assert.deepEqual(await kumaErrorOf(() => read(values)), { code: "invalid", message });
    });
  }

  for (const kdsHost of ["host:5685", "https://host", "a b", "::1", "[::1]"]) {
    it(`gives an address that can be dialled for kdsHost ${JSON.stringify(kdsHost)}, or refuses it`, () => {
      let host: string;
      try {
        ({ kdsHost: host } = read(inGlobal({ kdsHost })).global as { kdsHost: string });
      } catch {
        return;
      }
      const { hostname, port } = new URL(`https://${host}:5685`);
      assert.deepEqual([hostname, port], [kdsHost, "5685"]);
    });
  }

  it("takes control planes that are 20 apart", () => {
    const zones = [zone, { ...zone, name: "zone-2", portBase: 6620 }];
    assert.equal(read({ zones }).zones.length, 2);
  });

  it("takes the longest and the shortest names", () => {
    for (const name of ["a", "x".repeat(63), "0-9"]) assert.equal(read(inZone({ name })).zones[0].name, name);
  });
});
