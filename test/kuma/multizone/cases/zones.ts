import { Cases, sound, zoneOn } from "../worlds";

const ending = (ends: string, renewed = false) =>
  sound({ ends: [{ what: "token", zone: null, ends, renewed }] });

export const ZONES: Cases = {
  "zone-connections": [
    ["one each", sound(), "ok"],
    ["none, as a zone is offline", sound({ zones: [zoneOn("a", { online: false, instances: [] })] }), "ok"],
    [
      "two of one name",
      sound({ zones: [zoneOn("a", { instances: ["y", "x"] })] }),
      "blocker",
      ["zone a: instances x, y"],
    ],
  ],
  "certificates-and-tokens": [
    ["one that ends in a year", ending("2027-11-27T12:00:00Z"), "ok"],
    [
      "one that ends in three days",
      ending("2026-11-30T12:00:00Z"),
      "warning",
      ["token: ends 2026-11-30T12:00:00Z"],
    ],
    ["one that is renewed before", ending("2026-11-28T12:00:00Z", true), "ok"],
    [
      "one that has ended",
      ending("2026-11-27T11:59:00Z", true),
      "blocker",
      ["token: ended 2026-11-27T11:59:00Z"],
    ],
    ["one whose end nobody can read", ending("never"), "ok"],
    ["one that ends in 14 days", ending("2026-12-11T12:00:00Z"), "ok"],
    [
      "one that ends a second before that",
      ending("2026-12-11T11:59:59Z"),
      "warning",
      ["token: ends 2026-12-11T11:59:59Z"],
    ],
    ["one that ends now", ending("2026-11-27T12:00:00Z"), "blocker", ["token: ended 2026-11-27T12:00:00Z"]],
    [
      "one that has ended, and one that ends soon",
      sound({
        ends: [
          { what: "token", zone: "a", ends: "2026-11-28T12:00:00Z", renewed: false },
          { what: "certificate", zone: null, ends: "2026-11-26T12:00:00Z", renewed: false },
        ],
      }),
      "blocker",
      ["certificate: ended 2026-11-26T12:00:00Z", "token: ends 2026-11-28T12:00:00Z"],
    ],
  ],
  "zone-versions": [
    ["the same ones", sound(), "ok"],
    ["two minors apart", sound({ zones: [zoneOn("a", { version: "2.12.0" })] }), "ok"],
    [
      "three minors apart, between zones",
      sound({ zones: [zoneOn("a", { version: "2.11.0" }), zoneOn("b")] }),
      "warning",
      ["the global runs 2.14.3, and zone a 2.11.0", "zone b runs 2.14.3, and zone a 2.11.0"],
    ],
    [
      "a zone that is newer",
      sound({ zones: [zoneOn("a", { version: "2.15.0" })] }),
      "warning",
      ["zone a runs 2.15.0, newer than the global's 2.14.3"],
    ],
    [
      "a build of one's own",
      sound({ zones: [zoneOn("a", { version: "mine" })] }),
      "warning",
      ["zone a runs mine"],
    ],
    ["none that is told", sound({ zones: [zoneOn("a", { version: undefined })] }), "ok"],
    [
      "zones of two minors, and no global that tells its own",
      sound({
        globalVersion: undefined,
        zones: [zoneOn("a", { version: "2.12.0" }), zoneOn("b", { version: "2.13.0" })],
      }),
      "ok",
    ],
    [
      "two that are the oldest",
      sound({
        zones: [
          zoneOn("a", { version: "2.11.0" }),
          zoneOn("b", { version: "2.11.5" }),
          zoneOn("c", { version: "2.12.0" }),
        ],
      }),
      "warning",
      ["the global runs 2.14.3, and zone a 2.11.0"],
    ],
    [
      "another major",
      sound({ globalVersion: "3.0.0", zones: [zoneOn("a")] }),
      "warning",
      ["the global runs 3.0.0, and zone a 2.14.3"],
    ],
    [
      "a build of one's own beside a zone that is newer",
      sound({ zones: [zoneOn("a", { version: "mine" }), zoneOn("b", { version: "2.15.0" })] }),
      "warning",
      ["zone b runs 2.15.0, newer than the global's 2.14.3"],
    ],
  ],
};
