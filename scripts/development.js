/**
 * The commands for those who change the code: what each does, takes and costs. Their help and the list in CONTRIBUTING.md follow
 * from it (`npm run generate`). Those of the program itself are declared in cli/commandLine/commands.ts.
 */
"use strict";

const DEVELOPMENT = {
  check: {
    does: "format, lint and types of what has changed",
    takes: "seconds, half a minute the first time",
  },
  lint: { does: "format, lint and types of everything, as CI looks at them", takes: "half a minute" },
  "test:unit": {
    does: "the tests that start no programs",
    words: "[FILE or FOLDER...] [options of mocha]",
    takes: "half a minute",
  },
  "test:watch": {
    does: "the unit tests, again at each change",
    words: "[FILE or FOLDER...] [options of mocha]",
  },
  "test:integration": {
    does: "the others, with the real engine, control planes, an API server, builds",
    words: "[FILE or FOLDER...] [options of mocha]",
    takes: "most of the time of all",
  },
  test: {
    does: "all tests, or those of the files and folders that are named; builds tools the first time",
    words: "[FILE or FOLDER...] [options of mocha]",
    example: "npm test -- test/kuma/federation/plan.test.ts -g conflict",
  },
  mutation: {
    does: "changes the code in small places, and shows what no unit test notices",
    words: "[options of StrykerJS]",
    example: "npm run mutation -- --mutate kuma/federation/plan.ts",
    takes: "minutes a file",
  },
  bench: {
    does: "measures the program beside the bare parts, as ratios in one run",
    words: "[PART] [NUMBER...]",
    takes: "minutes",
    ownHelp: true,
  },
  e2e: {
    does: "federates a zone that is installed in a cluster, looks at it from both sides, and takes it back",
    words: "--global-context CONTEXT --zone-context CONTEXT",
    takes: "minutes",
    ownHelp: true,
  },
  docs: {
    does: "makes a site of the pages in docs/, in docs/site/dist, and fails on a link that leads nowhere",
    takes: "half a minute",
  },
  generate: {
    does: "writes what follows from settings, commands, components and messages: pages and lists in the docs, `Pulumi.yaml`, the schemas",
    takes: "a second",
  },
};

const typed = (name) => (name === "test" ? "npm test" : `npm run ${name}`);
const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

/** The help of a command, where this file knows it. */
function developmentHelp(name) {
  if (!Object.hasOwn(DEVELOPMENT, name) || DEVELOPMENT[name].ownHelp) return undefined;
  const { does, words, example, takes } = DEVELOPMENT[name];
  return [
    `Usage: ${typed(name)}${words === undefined ? "" : ` -- ${words}`}`,
    "",
    sentence(does.replaceAll("`", "")),
    ...(example === undefined ? [] : [`For example: ${example}`]),
    ...(takes === undefined ? [] : [`It takes ${takes} on 2 cores.`]),
  ].join("\n");
}

/** As a list, one item each, for a page of the docs. */
function developmentList() {
  return Object.entries(DEVELOPMENT).map(([name, { does, example, takes }]) =>
    [
      `- \`${typed(name)}\`: ${does}`,
      takes === undefined ? "" : `; ${takes}`,
      example === undefined ? "" : `. For example \`${example}\``,
    ].join(""),
  );
}

/** Whether a command takes anything behind its name. */
function takesWords(name) {
  return DEVELOPMENT[name].words !== undefined;
}

module.exports = { DEVELOPMENT, developmentHelp, developmentList, takesWords };
