import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { errorsOf } from "../../../platforms/errorLines";
import { logFrom } from "../../../platforms/universal/logLines";
import { cleanUp, tempDir } from "../../support/cleanUp";

const line = (level: string, text: string) => `2026-11-26T07:00:00.000Z\t${level}\t${text}`;
const tooLarge = (size: number) =>
  line(
    "ERROR",
    `kds-mux-client\tglobal stream failed\t{"error": "rpc error: code = ResourceExhausted desc = ${size}"}`,
  );

describe("platforms/universal/logLines", () => {
  afterEach(cleanUp);

  it("picks errors, the last of each kind, without the time", () => {
    const log = [
      line("INFO", "starting"),
      tooLarge(1),
      line("ERROR", "x509: unknown authority"),
      tooLarge(2),
    ];
    assert.deepEqual(errorsOf([...log, "Error: could not start", ""].join("\n")), [
      "ERROR x509: unknown authority",
      'ERROR kds-mux-client global stream failed {"error": "rpc error: code = ResourceExhausted desc = 2"}',
      "Error: could not start",
    ]);
  });

  it("shows few and short lines", () => {
    const kinds = ["a", "b", "c", "d", "e", "f"].map((kind) => line("ERROR", kind.repeat(1_000)));
    const shown = errorsOf(kinds.join("\n"));
    assert.deepEqual([shown.length, Math.max(...shown.map(({ length }) => length))], [5, 401]);
    assert.match(shown[4], /^ERROR f+…$/);
  });

  it("looks at what was added only", () => {
    const process = new ControlPlaneProcess(tempDir());
    assert.deepEqual(logFrom(process)(), []);
    process.writeFile("kuma-cp.log", `${line("ERROR", "before")}\n`);
    const since = logFrom(process);
    fs.appendFileSync(process.file("kuma-cp.log"), `${line("ERROR", "after")}\n`);
    assert.deepEqual(since(), ["ERROR after"]);
  });
});
