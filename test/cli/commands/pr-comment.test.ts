import * as assert from "node:assert/strict";
import { prComment } from "../../../cli/commands/pr-comment";
import { PREVIEW_REPORT } from "../../../cli/preview/report";
import { parseReport as parse } from "../../../cli/reports";
import { parseArguments, type Arguments } from "../../../cli/commandLine/arguments";
import { UsageError } from "../../../cli/commandLine/usageError";
import { reportOf } from "../comment/reports";

const parseReport = (json: string, from: string) =>
  parse(json, from, PREVIEW_REPORT, { of: "a preview", command: "preview" });

describe("cli/commands/pr-comment", () => {
  const refused = (json: string, message: RegExp) =>
    assert.throws(
      () => parseReport(json, "a.json"),
      (error) => error instanceof UsageError && message.test(error.message),
    );

  it("reads what a preview has printed", () => {
    const report = reportOf("dev");
    assert.deepEqual(parseReport(JSON.stringify(report), "a.json"), report);
  });

  it("says of anything else what it is not", () => {
    refused("", /^a\.json holds no JSON\. It must be what npm run preview -- --output json prints/);
    refused("Preview of stack dev", /^a\.json holds no JSON/);
    refused("[]", /^a\.json is no report of a preview/);
    refused("{}", /^a\.json is no report of a preview: version is missing/);
    refused(JSON.stringify({ ...reportOf("dev"), version: 2 }), /version is not 1/);
    refused(JSON.stringify({ ...reportOf("dev"), outcome: "fine" }), /outcome is not/);
    refused(JSON.stringify({ ...reportOf("dev"), zones: [{ zone: 1 }] }), /zones\.0\.zone is not string/);
  });

  it("names a file that cannot be read", async () => {
    const args = parseArguments(["pr-comment", "no-such.json"]) as Arguments;
    await assert.rejects(
      prComment("", args),
      /no-such\.json cannot be read \(ENOENT\)\. Nothing was printed\./,
    );
  });
});
