import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { PostgresStore, postgresEnvironment } from "../../platforms/universal/postgresStore";
import { cleanUp, setEnvironment, tempDir } from "../support/cleanUp";
import { kumaErrorOf } from "../support/errors";
import { freePortBase } from "../support/fakeProgram";

const store: PostgresStore = {
  ...{ host: "127.0.0.1", port: 5432, user: "kuma", passwordVariable: "A_PASSWORD" },
  ...{ database: "alone", federatedDatabase: "federated" },
};

/** Refuses to migrate as `kuma-cp` does, and shows what it was given. */
const PROGRAM = `
const { KUMA_STORE_POSTGRES_PASSWORD: password, KUMA_STORE_POSTGRES_USER: user } = process.env;
console.error("usage\\nError: " + process.argv.slice(2).join(" ") + ": user " + user + " with " + password + " refused");
process.exit(1);
`;

describe("platforms/universal: a control plane on Postgres", () => {
  let directory: string;
  beforeEach(() => (directory = tempDir()));
  afterEach(cleanUp);

  async function start() {
    const program = path.join(directory, "kuma-cp.js");
    fs.writeFileSync(program, PROGRAM);
    const zone = new ControlPlaneProcess(path.join(directory, "zone-1"));
    const failure = await kumaErrorOf(async () =>
      zone.start({
        ...{ title: "zone-1", command: [process.execPath, program], portBase: await freePortBase() },
        ...{ portSetting: "", environment: postgresEnvironment(store, store.database), postgres: store },
      }),
    );
    assert.equal(zone.isRunning(), false);
    return failure;
  }

  it("is not started without a password, and says which variable is to hold it", async () => {
    setEnvironment("A_PASSWORD", undefined);
    assert.deepEqual(await start(), {
      code: "invalid",
      message:
        "The variable A_PASSWORD, which is to hold the password of the database of zone-1, is not set; zone-1 was not started.",
    });
  });

  it("is not started where its tables cannot be made, and says why without the password", async () => {
    setEnvironment("A_PASSWORD", "canary-password");
    assert.deepEqual(await start(), {
      code: "unreachable",
      message:
        "The database alone of zone-1 at 127.0.0.1:5432 could not be prepared (Error: migrate up: user kuma with … refused), so zone-1 was not started. " +
        "Check that it exists, and that the user may create tables in it.",
    });
    const file = fs.readFileSync(path.join(directory, "zone-1/settings.json"), "utf8");
    assert.ok(!file.includes("canary"));
  });
});
