/**
 * `npm run mutation`: changes `kuma/` in many small places, one at a time, and tells which changes no unit test notices.
 * Some hours for all of it; `npm run mutation -- --mutate kuma/federation/plan.ts` is minutes.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  mutate: ["kuma/**/*.ts"],
  testRunner: "mocha",
  mochaOptions: {
    spec: [
      "test/kuma/**/*.test.ts",
      "test/kuma/konnect/client.test.ts",
      "test/kuma/konnect/recipient.test.ts",
    ],
  },
  coverageAnalysis: "perTest",
  // each would take all tests in a new process: names of types and the like, which a test of exact texts holds anyway
  ignoreStatic: true,
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportScoreTable: true },
  tempDirName: ".stryker-tmp",
  ignorePatterns: ["/.kuma-federation", "/bench"],
  concurrency: 1,
  timeoutMS: 30_000,
  timeoutFactor: 4,
};
