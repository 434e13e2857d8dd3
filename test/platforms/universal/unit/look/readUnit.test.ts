import * as assert from "node:assert/strict";
import { readConfiguration } from "../../../../../platforms/universal/unit/look/configuration";
import {
  environmentFile,
  parseEnvironmentFile,
} from "../../../../../platforms/universal/unit/look/environmentFile";
import { parseUnitUrl, unitName, unitUrl } from "../../../../../platforms/universal/unit/location";
import { lookAtUnit } from "../../../../../platforms/universal/unit/look/lookAtUnit";
import { busEscaped, readUnit } from "../../../../../platforms/universal/unit/look/readUnit";
import { kumaErrorOf } from "../../../../support/errors";
import { clientOf, FakeControlPlane, stopFakes } from "../../../../support/controlPlane/fakeControlPlane";
import { ARGV, FakeHost, FakeUnit } from "../../../../support/hosts/fakeHost";

const CONFIG = "/etc/kuma/kuma-cp.yaml";
const ENV = "/etc/kuma/kuma-cp.env";

async function configurationOf(unit: FakeUnit, own: string[] = []) {
  const host = new FakeHost(unit);
  return readConfiguration(host, await readUnit(host, "kuma-cp.service"), own);
}

describe("platforms/universal/unit: how a unit runs", () => {
  it("is what systemd tells, and its process", async () => {
    const unit = await readUnit(
      new FakeHost({
        environment: ["A=b c", "KUMA_X="],
        environmentFiles: [[ENV, true]],
        process: { program: ARGV[0], argv: ARGV, variables: { KUMA_X: "y=z" } },
        clock: Date.now() / 1000 + 100,
      }),
      "kuma-cp.service",
    );
    const { isActive, state, user, argv, environment, environmentFiles, process } = unit;
    assert.deepEqual([isActive, state, user, argv], [true, "active (running)", "kuma-cp", ARGV]);
    assert.deepEqual(environment, ["A=b c", "KUMA_X="]);
    assert.deepEqual(environmentFiles, [{ path: ENV, isOptional: true }]);
    assert.deepEqual(process, { pid: 42, program: ARGV[0], argv: ARGV, variables: { KUMA_X: "y=z" } });
    assert.ok(unit.clockAhead > 90 && unit.clockAhead < 110, String(unit.clockAhead));
  });

  it("has no process where that ends, or is not yet its program", async () => {
    const process = { program: "", argv: [] };
    const unit = await readUnit(new FakeHost({ process }), "kuma-cp.service");
    assert.equal(unit.process, undefined);
    assert.ok(await configurationOf({ process, files: { [CONFIG]: "" } }));
  });

  const wrong: [string, FakeUnit, RegExp][] = [
    ["no such unit", { loadState: "not-found" }, /There is no unit kuma-cp\.service on host/],
    ["no systemd", { systemd: "" }, /has no systemd/],
    ["an old systemd", { systemd: "systemd 239 (239-82.el8)" }, /has systemd 239; this program needs 240/],
    ["another program", { argv: ["/usr/sbin/nginx", "-g", "run"] }, /runs nginx, not kuma-cp run/],
    [
      "a script that starts it and stays",
      { process: { program: "/bin/dash", argv: ["sh", "/opt/start", "run"] } },
      /runs dash, not kuma-cp run.*exec/,
    ],
    ["no configuration", {}, /its configuration \/etc\/kuma\/kuma-cp\.yaml is not there/],
    [
      "no environment file",
      { environmentFiles: [[ENV, false]], files: { [CONFIG]: "" } },
      /kuma-cp\.env is not there/,
    ],
    ["a configuration that is none", { files: { [CONFIG]: "password: 'geheim" } }, /is no YAML/],
    ["an API by HTTPS only", { files: { [CONFIG]: "apiServer: {http: {enabled: false}}" } }, /by HTTPS only/],
  ];
  for (const [what, unit, sentence] of wrong) {
    it(`is told in a sentence where there is ${what}`, async () => {
      const { message } = await kumaErrorOf(configurationOf(unit));
      assert.match(message, sentence);
      assert.match(message, /Nothing was changed/);
      assert.doesNotMatch(message, /geheim/);
    });
  }

  it("is its configuration, over which variables win, the last file's most", async () => {
    const { api, storeType, database, zoneName } = await configurationOf(
      {
        files: {
          [CONFIG]: `
          apiServer: {http: {port: 1111, interface: 0.0.0.0}, basePath: /kuma/}
          store: {type: postgres, postgres: {dbName: in-file}}
          multizone: {zone: {name: zone-a}}`,
          [ENV]: "KUMA_API_SERVER_HTTP_PORT=3333\n",
          "/own.env": "KUMA_STORE_POSTGRES_DB_NAME=federated\n",
        },
        environment: ["KUMA_API_SERVER_HTTP_PORT=2222"],
        environmentFiles: [
          [ENV, false],
          ["/own.env", false],
        ],
      },
      ["/own.env"],
    );
    assert.deepEqual(api, { address: "127.0.0.1", port: 3333, basePath: "/kuma" });
    assert.deepEqual([storeType, database, zoneName], ["postgres", "in-file", "zone-a"]);
  });

  it("is Kuma's defaults where nothing is said, and the address at which it listens alone", async () => {
    const { api, storeType } = await configurationOf({ argv: [ARGV[0], "run"] });
    assert.deepEqual([api, storeType], [{ address: "127.0.0.1", port: 5681, basePath: "" }, "memory"]);
    const alone = await configurationOf({
      argv: [ARGV[0], "run"],
      environment: ["KUMA_API_SERVER_HTTP_INTERFACE=10.0.0.1"],
    });
    assert.equal(alone.api.address, "10.0.0.1");
  });

  it("is that of a program started by another, and of one that was replaced on disk", async () => {
    const { argv } = await configurationOf({
      argv: ["/usr/bin/env", "X=1", "kuma-cp", "run"],
      process: { program: "/opt/kuma/bin/kuma-cp (deleted)", argv: ["kuma-cp", "run"] },
    });
    assert.deepEqual(argv, ["/opt/kuma/bin/kuma-cp", "run"]);
  });
});

describe("platforms/universal/unit: a look at a zone that is to be switched", () => {
  afterEach(stopFakes);

  const look = async (unit: FakeUnit, federatedDatabase?: string) => {
    const fake = await FakeControlPlane.start();
    const files = { [CONFIG]: "", ...unit.files };
    return lookAtUnit(new FakeHost({ ...unit, files }), "kuma-cp.service", clientOf(fake), federatedDatabase);
  };
  const runningWith = (variables: Record<string, string>): FakeUnit => ({
    process: { program: ARGV[0], argv: ARGV, variables },
  });
  /** What `systemctl edit` makes, and that of this program. */
  const OWN = ["override", "zz-kuma-federation"].map(
    (name) => `/etc/systemd/system/kuma-cp.service.d/${name}.conf`,
  );
  const LAST = "/usr/lib/systemd/system/kuma-cp.service.d/zzz.conf";
  const postgres = { files: { [CONFIG]: "store: {type: postgres}" } };

  const wrong: [string, Promise<unknown> | (() => Promise<unknown>), RegExp][] = [
    ["does not run", () => look({ activeState: "failed" }), /does not run, it is failed \(dead\)/],
    ["has a clock that is late", () => look({ clock: Date.now() / 1000 - 900 }), /is 900 s behind that/],
    ["has a clock that is early", () => look({ clock: Date.now() / 1000 + 900 }), /is 900 s ahead of that/],
    ["has a full disk", () => look({ freeKb: 12 }), /The disk of host mesh@zone-a is full: there are 12 KiB/],
    [
      "runs as a user of the moment",
      () => look({ isUserDynamic: true }),
      /\(DynamicUser=yes\), .* Nothing was changed/,
    ],
    [
      "does not see what is put there",
      () => look({ isApart: true }),
      /does not see the host's \/var\/lib, .* Nothing was changed/,
    ],
    [
      "has a drop-in with the last word",
      () => look({ dropIns: [...OWN, LAST], files: { [LAST]: "[Service]\n EnvironmentFile =\n" } }),
      /zzz\.conf on host mesh@zone-a has an EnvironmentFile= that would win .* Nothing was changed/,
    ],
    [
      "is told its database by a script",
      () => look(runningWith({ KUMA_STORE_POSTGRES_DB_NAME: "of-script" })),
      /runs with another KUMA_STORE_POSTGRES_DB_NAME than the unit says/,
    ],
    ["is on Postgres without a second database", () => look(postgres), /setting federatedDatabase/],
    ["is to be federated in its own database", () => look(postgres, "kuma"), /setting federatedDatabase/],
  ];
  for (const [what, work, sentence] of wrong) {
    it(`says when it ${what}`, async () => {
      const { message } = await kumaErrorOf(work);
      assert.match(message, sentence);
      assert.match(message, /Nothing was changed/);
    });
  }

  it("is content with drop-ins that come before its own, and with one that says nothing of files", async () => {
    const [EDITED] = OWN;
    const files = { [EDITED]: "[Service]\nEnvironmentFile=/etc/x", [LAST]: "[Service]\nRestart=always\n" };
    assert.equal((await look({ dropIns: [...OWN, LAST], files })).storeType, "memory");
  });

  it("is content with what the unit says itself, and with what this program has added", async () => {
    const name = "KUMA_STORE_POSTGRES_DB_NAME";
    const own = "/var/lib/kuma-federation/kuma-cp.service/federation.env";
    const said = { environment: [`${name}=kuma`], ...runningWith({ [name]: "kuma" }) };
    assert.equal((await look(said)).storeType, "memory");
    const member = {
      environmentFiles: [[own, false]] as [string, boolean][],
      ...runningWith({ [name]: "next" }),
    };
    assert.equal((await look({ ...member, files: { [own]: `${name}=next` } })).storeType, "memory");
  });

  it("gives what it is, and the version of the program on disk", async () => {
    const { version, versionOnDisk, storeType } = await look({ version: "2.15.0" });
    assert.deepEqual([typeof version, versionOnDisk, storeType], ["string", "2.15.0", "memory"]);
  });
});

describe("platforms/universal/unit: files of variables", () => {
  it("are read as systemd reads them", () => {
    const text = `
# a comment
; another
A=plain word
 B = 'single $x "q"'
C="double \\"q\\" \\$x \\n"
D=one\\
two
E=a\\ b'c'"d"
KUMA_F=
export G=no
H=https://x#y
`;
    assert.deepEqual(parseEnvironmentFile(text), {
      A: "plain word",
      B: 'single $x "q"',
      C: 'double "q" $x \\n',
      D: "onetwo",
      E: "a bcd",
      KUMA_F: "",
      H: "https://x#y",
    });
  });

  it("give back what was written, whatever it is, but for line breaks", async () => {
    const variables = { A: `a "b" \\ $c \`d\` 'e' # f`, B: "", C: " x " };
    assert.deepEqual(parseEnvironmentFile(environmentFile(variables)), variables);
    assert.match((await kumaErrorOf(() => environmentFile({ A: "a\nb" }))).message, /line break/);
  });
});

describe("platforms/universal/unit: addresses of units", () => {
  it("name user, host, port and unit", () => {
    for (const location of [
      { host: "10.0.0.1", port: 2222, user: "a@b", unit: "kuma-cp.service" },
      { host: "fd00::1", port: 22, user: "root", unit: "zone@1.service" },
    ])
      assert.deepEqual(parseUnitUrl(unitUrl(location)), location);
    assert.equal(unitUrl({ host: "h", unit: "kuma-cp" }), "ssh://root@h:22/kuma-cp.service");
    assert.equal(parseUnitUrl("http://127.0.0.1:5681"), undefined);
  });

  it("are refused where they are none, as a name of a unit becomes part of paths", async () => {
    for (const unit of ["../x.service", "a/b.service", "x.timer", "", "a b"])
      assert.match((await kumaErrorOf(() => unitName(unit))).message, /no name of a service/);
    assert.match((await kumaErrorOf(() => parseUnitUrl("ssh://h/x"))).message, /no address of a unit/);
  });

  it("are escaped as the bus wants them", () => {
    assert.equal(busEscaped("kuma-cp.service"), "kuma_2dcp_2eservice");
    assert.equal(busEscaped("1a@2.service"), "_31a_402_2eservice");
  });
});
