import * as assert from "node:assert/strict";
import { databaseName, sameDatabase } from "../../../kuma";

describe("kuma/zone/database", () => {
  const database = { host: "db", port: 5432, name: "kuma" };

  it("is called by name and address, and is the same where all of that is", () => {
    assert.equal(databaseName(database), "database kuma at db:5432");
    assert.ok(sameDatabase(database, { ...database }));
    for (const other of [{ host: "other" }, { port: 5433 }, { name: "next" }])
      assert.ok(!sameDatabase(database, { ...database, ...other }));
  });
});
