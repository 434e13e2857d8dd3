import * as assert from "node:assert/strict";
import { readStackConfig } from "../../stack/config";
import { cleanUp, setEnvironment } from "../support/cleanUp";
import { kumaErrorOf } from "../support/errors";

type Values = Record<string, unknown>;

const konnectGlobal = { platform: "konnect", region: "eu", controlPlane: "my-global" };
const zone = { name: "zone-1", platform: "universal", portBase: 6600 };
const ID = "bf138ba2-c9b1-4229-b268-04d9d8a6410b";

function read(more: Values = {}) {
  const all: Values = { global: { ...konnectGlobal, ...more }, zones: [zone] };
  return readStackConfig({ keys: [], get: (key) => all[key], secretsIn: () => [] }, "test");
}

describe("stack/konnect", () => {
  beforeEach(() => setEnvironment("KUMA_FEDERATION_STATE", undefined));
  afterEach(cleanUp);

  it("knows the addresses of a region of Konnect, and what is left out", () => {
    assert.deepEqual(read().global, {
      platform: "konnect",
      region: "eu",
      controlPlane: "my-global",
      create: false,
      zoneProvisioning: "systemAccount",
      tokenDays: 90,
      addresses: {
        apiUrl: "https://eu.api.konghq.com",
        identityUrl: "https://global.api.konghq.com",
        kdsAddress: "grpcs://eu.mesh.sync.konghq.com:443",
      },
    });
  });

  it("takes other addresses for Konnect, one by one or those of a stand-in", () => {
    const kdsAddress = "grpcs://kds.example.com:8443";
    const own = read({ kdsAddress, apiUrl: "https://proxy.example.com/" });
    assert.deepEqual((own.global as { addresses: object }).addresses, {
      apiUrl: "https://proxy.example.com",
      identityUrl: "https://global.api.konghq.com",
      kdsAddress,
    });
    const standIn = read({ standIn: { portBase: 7600 } }).global;
    const { addresses, systemCaFile } = standIn as { addresses: object; systemCaFile: string };
    assert.deepEqual(addresses, {
      apiUrl: "http://127.0.0.1:7681",
      identityUrl: "http://127.0.0.1:7681",
      kdsAddress: "grpcs://127.0.0.1:7685",
    });
    assert.match(systemCaFile, /test\/konnect\/work\/konnect\.crt$/);
  });

  const eitherNameOrId =
    "Give either the setting global.controlPlane (a name) or global.controlPlaneId, so that it is clear which control plane in Konnect is meant.";
  const kdsExample = "it must be an address such as grpcs://global.example.com:5685.";
  const wrong: [Values, string][] = [
    [{ region: "mars" }, 'The setting global.region is "mars"; it must be one of us, eu, au, me, in, sg.'],
    [{ controlPlane: undefined }, eitherNameOrId],
    [{ controlPlaneId: ID }, eitherNameOrId],
    [
      { controlPlane: undefined, controlPlaneId: "my-global" },
      'The setting global.controlPlaneId is "my-global"; it must be a UUID, as Konnect shows it.',
    ],
    [
      { controlPlane: undefined, controlPlaneId: ID, create: true },
      "The setting global.create is true; it must be false where global.controlPlaneId is given: an id cannot be chosen.",
    ],
    [
      { zoneProvisioning: "portal" },
      'The setting global.zoneProvisioning is "portal"; it must be one of systemAccount, wizard.',
    ],
    [{ tokenDays: 400 }, "The setting global.tokenDays is 400; it must be a whole number from 1 to 365."],
    [
      { apiUrl: "http://konnect.example.com" },
      'The setting global.apiUrl is "http://konnect.example.com"; it must be an https address: the Konnect token is sent there.',
    ],
    [
      { apiUrl: "http://127.0.0.1.example.com" },
      'The setting global.apiUrl is "http://127.0.0.1.example.com"; it must be an https address: the Konnect token is sent there.',
    ],
    [{ kdsAddress: "grpc://k:443" }, `The setting global.kdsAddress is "grpc://k:443"; ${kdsExample}`],
    [
      { standIn: { portBase: 7600, port: 1 } },
      "The setting global.standIn.port is not known here; allowed are portBase.",
    ],
    [
      { standIn: { portBase: 6600 } },
      "Two settings portBase are closer than 20 to each other (near 6600); control planes would share ports.",
    ],
  ];
  for (const [values, message] of wrong) {
    it(message, async () => {
      assert.deepEqual(await kumaErrorOf(() => read(values)), { code: "invalid", message });
    });
  }
});
