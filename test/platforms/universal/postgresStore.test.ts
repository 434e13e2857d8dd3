import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { UniversalArgs, processSettings, settingsAgain } from "../../../platforms/universal/settings";
import { PostgresStore, postgresEnvironment } from "../../../platforms/universal/postgresStore";
import { cleanUp, later, setEnvironment, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { writeFakeProgram } from "../../support/controlPlane/fakeProgram";
import { freePortBase } from "../../support/ports";

const store: PostgresStore = {
  ...{ host: "127.0.0.1", port: 5432, user: "kuma", passwordVariable: "A_PASSWORD", tlsMode: "disable" },
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
        "The variable A_PASSWORD, which is to hold the password of its database, is not set, so zone-1 was not started. " +
        "Set it in the environment, and run it again.",
    });
  });

  it("goes on when the password is missing for a restart", async () => {
    setEnvironment("A_PASSWORD", undefined);
    const zone = new ControlPlaneProcess(path.join(directory, "zone-1"));
    later(() => zone.remove());
    const settings = {
      ...{ title: "zone-1", command: writeFakeProgram(directory), portBase: await freePortBase() },
      ...{ portSetting: "", environment: {} },
    };
    await zone.start(settings);
    const { code } = await kumaErrorOf(() => zone.start({ ...settings, postgres: store }));
    assert.equal(code, "invalid");
    assert.equal(zone.isRunning(), true);
  });

  it("is not started where its tables cannot be made, and says why without the password", async () => {
    setEnvironment("A_PASSWORD", "canary-password");
    assert.deepEqual(await start(), {
      code: "unreachable",
      message:
        "The database alone at 127.0.0.1:5432 could not be prepared (Error: migrate up: user kuma with … refused), so zone-1 was not started. " +
        "Check that it exists, and that the user may create tables in it.",
    });
    assert.equal(new ControlPlaneProcess(path.join(directory, "zone-1")).settings(), undefined);
  });

  describe("is run again", () => {
    const args: UniversalArgs = {
      ...{ name: "zone-1", directory: "", portBase: 5600, kumaCp: "path", store: "postgres" },
      ...{ portSetting: "", postgres: store },
    };
    const lastOn = (database: string, more: Record<string, string> = {}) => ({
      ...{ title: "zone-1", command: ["kuma-cp"], portBase: 5600, portSetting: "", postgres: store },
      environment: { ...postgresEnvironment(store, database), ...more },
    });
    const alone = lastOn("alone");
    const federated = lastOn("federated", { KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS: "grpcs://g:5685" });

    for (const [what, last, database] of [
      ["alone", alone, "alone"],
      ["federated", federated, "federated"],
    ] as const) {
      it(`where its server is by now, ${what}`, () => {
        assert.deepEqual(settingsAgain(last, args), last);
        const { environment } = settingsAgain(last, {
          ...args,
          postgres: { ...store, host: "new", port: 1 },
        });
        assert.equal(environment.KUMA_STORE_POSTGRES_HOST, "new");
        assert.equal(environment.KUMA_STORE_POSTGRES_PORT, "1");
        assert.equal(environment.KUMA_STORE_POSTGRES_DB_NAME, database);
      });
    }

    const refused = (last: typeof alone, changes: Partial<UniversalArgs>) =>
      kumaErrorOf(async () => settingsAgain(last, { ...args, ...changes }));

    it("on no other store or database than the one that holds its data", async () => {
      const moved = (changes: Partial<PostgresStore>) => ({ postgres: { ...store, ...changes } });
      assert.deepEqual(await refused(alone, moved({ database: "x" })), {
        code: "invalid",
        message:
          "The setting postgres.database of zone-1 has changed, but zone-1 was started with alone, which holds its data. " +
          "Nothing was changed. Set it back, or take the stack down first.",
      });
      for (const [last, changes] of [
        [federated, moved({ database: "x" })],
        [federated, moved({ federatedDatabase: "x" })],
        [alone, { postgres: undefined }],
      ] as const) {
        assert.equal((await refused(last, changes)).code, "invalid");
      }
      // where it has not been yet
      settingsAgain(alone, { ...args, ...moved({ federatedDatabase: "x" }) });
    });
  });

  it("is not the stand-in, which has no such store", async () => {
    const args = { ...{ name: "zone-1", directory, portBase: 5600, portSetting: "", postgres: store } };
    const { code, message } = await kumaErrorOf(() =>
      processSettings({ ...args, kumaCp: "embedded", store: "postgres" }, {}),
    );
    assert.equal(code, "invalid");
    assert.match(message, /^The setting store of zone-1 is postgres, which the stand-in does not have\. /);
  });
});
