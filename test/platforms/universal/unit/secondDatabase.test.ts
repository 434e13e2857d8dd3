import * as assert from "node:assert/strict";
import type { RunOptions } from "../../../../platforms/universal/hosts/host";
import { createDatabase } from "../../../../platforms/universal/unit/secondDatabase";
import { kumaErrorOf } from "../../../support/errors";
import { FakeHost } from "../../../support/hosts/fakeHost";

const CONFIG = `store: {type: postgres, postgres: {host: db, port: 5433, user: kuma, dbName: zone, tls: {mode: verifyCa}}}`;

/** A host whose psql ends in some way. */
class DatabaseHost extends FakeHost {
  readonly seen: { argv: readonly string[]; stdin?: string }[] = [];

  constructor(
    config: string,
    private readonly stderr = "",
  ) {
    super({
      environment: [
        "KUMA_STORE_POSTGRES_PASSWORD=canary-password",
        "KUMA_STORE_POSTGRES_TLS_CA_PATH=/etc/ca",
      ],
      files: { "/etc/kuma/kuma-cp.yaml": config },
    });
  }

  override async run(argv: readonly string[], options: RunOptions = {}) {
    if (!argv.join(" ").includes("psql")) return super.run(argv, options);
    this.seen.push({ argv: argv.slice(4), stdin: options.stdin });
    return { status: this.stderr === "" ? 0 : 3, stdout: "", stderr: this.stderr };
  }
}

describe("platforms/universal/unit: the second database of a zone", () => {
  it("is made on the zone's server by its user, whose password is in no argument", async () => {
    const host = new DatabaseHost(CONFIG);
    await createDatabase(host, "kuma-cp.service", "next");
    const [{ argv, stdin = "" }] = host.seen;
    assert.deepEqual(argv, ["next", "db", "5433", "kuma", "zone", "verify-ca", "/etc/ca"]);
    assert.match(
      stdin,
      /^canary-password\n\s*select format\('create database %I', :'name'\) where not exists/,
    );
  });

  it("is not asked for of a zone in memory", async () => {
    const host = new DatabaseHost("store: {type: memory}");
    await createDatabase(host, "kuma-cp.service", "next");
    assert.deepEqual(host.seen, []);
  });

  it("is told of in one sentence where it cannot be made, without the password", async () => {
    const host = new DatabaseHost(
      CONFIG,
      "psql: canary-password\nERROR:  permission denied to create database\n",
    );
    const { message } = await kumaErrorOf(createDatabase(host, "kuma-cp.service", "next"));
    assert.match(
      message,
      /^The database next could not be created from host mesh@zone-a, as user kuma on db:5433: ERROR:  permission denied to create database\. The zone was not touched\. Let that user create databases/,
    );
    const leaking = new DatabaseHost(CONFIG, "psql: wrong canary-password");
    assert.doesNotMatch((await kumaErrorOf(createDatabase(leaking, "u", "next"))).message, /canary/);
  });
});
