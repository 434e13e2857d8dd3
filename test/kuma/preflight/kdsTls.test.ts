import * as assert from "node:assert/strict";
import { mock } from "node:test";
import { ControlPlane, Dialled, Facts, Federation } from "../../../kuma";
import { kdsTls } from "../../../kuma/preflight/checks/connection/kds";
import { NotYet } from "../../../kuma/preflight/notYet";

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const SOUND = {
  ...{ names: ["kds.example.com"], issuer: "CA of KDS", notAfter: new Date(NOW + 365 * DAY_MS) },
  protocol: "h2",
};

/** What is told of a certificate, whatever server has it: `dial.test.ts` has how one is looked at. */
describe("kuma/preflight: the certificate at the KDS address", () => {
  beforeEach(() => mock.timers.enable({ apis: ["Date"], now: NOW }));
  afterEach(() => mock.timers.reset());

  const factsOf = (federation: Partial<Federation> = {}) =>
    new Facts({
      zoneName: "zone-1",
      zone: {} as ControlPlane,
      global: {} as ControlPlane,
      kdsAddress: "grpcs://kds.example.com:5685",
      kdsCa: "PEM",
      zoneRunsHere: true,
      onConflict: "fail",
      ...federation,
    });
  const told = (tls: Dialled["tls"], federation?: Partial<Federation>) => {
    const dialled = { host: "kds.example.com", port: 5685, from: "here", tls };
    return kdsTls.run(Object.assign(factsOf(federation), { kds: () => Promise.resolve(dialled) }));
  };
  const SEEN = "kds.example.com, port 5685, dialled from here";
  const BY_ZONE = "checked with the authority that the zone gets";
  const BY_NODE = "checked with the authorities of Node; the zone uses those of its system";
  const EVIDENCE = [SEEN, "certificate for kds.example.com, issued by CA of KDS", BY_ZONE];
  const REFUSED = "The zone would refuse the certificate at the KDS address kds.example.com: ";

  it("waits for an address, and for the authority to check by", async () => {
    await assert.rejects(kdsTls.run(factsOf({ kdsAddress: undefined })), NotYet);
    await assert.rejects(kdsTls.run(factsOf({ kdsCa: undefined })), NotYet);
  });

  it("tells of an address without TLS before there is anything to look at", async () => {
    const early = { kdsAddress: "grpc://kds.example.com:5685", kdsCa: undefined, global: undefined };
    assert.equal((await kdsTls.run(factsOf(early))).verdict, "warning");
  });

  const SENTENCE = "The zone will accept the certificate at the KDS address.";
  for (const [when, tls, kdsCa, evidence] of [
    ["is valid", SOUND, "PEM", EVIDENCE],
    ["ends in exactly 14 days", { ...SOUND, notAfter: new Date(NOW + 14 * DAY_MS) }, "PEM", EVIDENCE],
    ["does not tell its end", { ...SOUND, notAfter: undefined }, "PEM", EVIDENCE],
    ["is known to Node", SOUND, "", [...EVIDENCE.slice(0, 2), BY_NODE]],
    [
      "does not tell who issued it",
      { ...SOUND, issuer: undefined, names: ["a", "b"] },
      "PEM",
      [SEEN, "certificate for a, b", BY_ZONE],
    ],
  ] as const) {
    it(`is taken when it ${when}`, async () => {
      const found = await told({ ...tls, names: [...tls.names] }, { kdsCa });
      assert.deepEqual(found, { verdict: "ok", sentence: SENTENCE, evidence });
    });
  }

  it("is warned of from 14 days before its end", async () => {
    assert.deepEqual(await told({ ...SOUND, notAfter: new Date(NOW + 13.9 * DAY_MS) }), {
      verdict: "warning",
      sentence: "The certificate at the KDS address ends in 13 day(s); the zone loses its global then.",
      evidence: EVIDENCE,
      remedy: "Renew it; a control plane reads a new one when it is started.",
    });
  });

  it("is warned of where an Ingress for HTTP/1 has it, which lets no gRPC through (kumahq/kuma 3724)", async () => {
    for (const protocol of [undefined, "http/1.1"]) {
      const { verdict, sentence, evidence, remedy } = await told({ ...SOUND, protocol });
      assert.equal(verdict, "warning");
      assert.match(sentence, /kds\.example\.com does not agree to HTTP\/2 .*missing selected ALPN property/);
      assert.match(String(remedy), /pass TCP through/);
      assert.deepEqual(evidence, EVIDENCE);
    }
    // what is worse is told first
    assert.equal((await told({ ...SOUND, protocol: undefined, names: [] })).verdict, "blocker");
  });

  for (const [rejected, words] of [
    ["ERR_TLS_CERT_ALTNAME_INVALID", "it is not valid for kds.example.com."],
    ["CERT_HAS_EXPIRED", "it has expired."],
    ["CERT_NOT_YET_VALID", "it is not valid yet."],
  ]) {
    it(`is refused for ${rejected}, whoever has signed it`, async () => {
      for (const kdsCa of ["PEM", ""]) {
        const { verdict, sentence } = await told({ ...SOUND, rejected }, { kdsCa });
        assert.deepEqual([verdict, sentence], ["blocker", REFUSED + words]);
      }
    });
  }

  it("is refused with the words of a reason that is no code", async () => {
    for (const rejected of ["path length of CA", "CA is not one", "A B"]) {
      const { sentence } = await told({ ...SOUND, rejected });
      assert.equal(sentence, `${REFUSED}${rejected}.`);
    }
    const { sentence } = await told({ ...SOUND, rejected: "SELF_SIGNED" });
    assert.match(sentence, /: it was not signed by the authority that the zone gets \(SELF_SIGNED\)\.$/);
  });

  it("is refused when it holds no name, which Node alone takes from its subject", async () => {
    const { verdict, sentence, evidence } = await told({ ...SOUND, names: [] });
    assert.deepEqual([verdict, sentence], ["blocker", `${REFUSED}it holds no name that it is valid for.`]);
    assert.deepEqual(evidence, [SEEN, "certificate for no name, issued by CA of KDS", BY_ZONE]);
  });

  it("is not judged by a handshake from elsewhere than the zone's machine", async () => {
    const failed = { failed: "it did not answer in time", names: [] };
    assert.equal((await told(failed)).verdict, "blocker");
    assert.equal((await told(failed, { zoneRunsHere: false })).verdict, "inconclusive");
  });
});
