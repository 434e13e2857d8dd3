import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as yaml from "js-yaml";
import { valueAt } from "../../../../kuma/api/json";
import { ControlPlaneSpec, controlPlaneService } from "../../../../platforms/universal/install/controlPlane";
import { assertRoom, isInPlace } from "../../../../platforms/universal/install/installation";
import { filesOf } from "../../../../platforms/universal/install/service";
import { kumaErrorOf } from "../../../support/errors";
import { FakeHost } from "../../../support/hosts/fakeHost";

const PROGRAMS = "/opt/kuma-federation/kuma-2.14.3";
const spec = (more: Partial<ControlPlaneSpec> = {}): ControlPlaneSpec => ({
  unit: "kuma-cp.service",
  title: "the global control plane",
  owner: "hosts/global",
  role: { kind: "global", kdsCert: "CERT", kdsKey: "canary-key", makesMesh: false },
  admin: { kid: "mine", key: "PUBLIC", token: "canary-token" },
  ...more,
});
const postgres = {
  ...{ host: "127.0.0.1", port: 5432, user: "kuma", password: 'canary-"$x', database: "kuma" },
  tlsMode: "disable" as const,
};
const written = (more?: Partial<ControlPlaneSpec>) =>
  new Map(filesOf(controlPlaneService(spec(more)), PROGRAMS).map((file) => [file.path, file]));

/** A host as it answers the one look, for what a test is about. */
class BareHost extends FakeHost {
  constructor(private readonly lines: Record<string, string | string[]>) {
    super();
  }

  override async run() {
    const there = {
      ...{ systemd: "systemd 252", clock: String(Date.now() / 1000), arch: "x86_64", free: "9000000" },
      ...{ state: "inactive", enabled: "", fragment: "", first: "", ...this.lines },
    };
    const stdout = Object.entries(there).flatMap(([key, value]) =>
      [value].flat().map((each) => `${key} ${each}\n`),
    );
    return { status: 0, stdout: stdout.join(""), stderr: "" };
  }
}

describe("platforms/universal/install: what is written on a host", () => {
  it("has its secrets in files that only root, or the unit's user, may read", () => {
    for (const [path, { content, mode, owner }] of written({ postgres })) {
      if (!content.includes("canary")) continue;
      const isOwn = mode === 0o600 && owner === "root:root";
      assert.ok(isOwn || (mode === 0o640 && owner === "root:kuma-cp"), path);
    }
    assert.deepEqual(
      [...written({ postgres })].filter(([, { content }]) => content.includes("canary")).length,
      3,
    );
  });

  it("prepares a database before each start, and a store in memory not at all", () => {
    const unit = (more?: Partial<ControlPlaneSpec>) =>
      written(more).get("/etc/systemd/system/kuma-cp.service")?.content ?? "";
    assert.match(unit({ postgres }), /\nExecStartPre=\/opt\/\S+\/bin\/kuma-cp migrate up --config-file /);
    assert.doesNotMatch(unit(), /ExecStartPre/);
    assert.match(
      unit(),
      /\nExecStart=\/opt\/kuma-federation\/kuma-2\.14\.3\/bin\/kuma-cp run --config-file /,
    );
  });

  const zone = { kind: "zone", zoneName: "z", kdsAddress: "grpcs://k:443", kdsCa: "" } as const;
  const variablesOf = (more: Partial<ControlPlaneSpec>) => controlPlaneService(spec(more)).variables;

  it("has a zone's servers show a certificate for the address before its instances", () => {
    const server = { cert: "CERT\nCA", key: "canary-key" };
    const files = written({ role: { ...zone, server } });
    const at = (name: string) => `/etc/kuma-federation/kuma-cp/${name}`;
    assert.deepEqual([files.get(at("server.crt"))?.mode, files.get(at("server.key"))?.mode], [0o644, 0o640]);
    const { KUMA_GENERAL_TLS_CERT_FILE: cert, KUMA_GENERAL_TLS_KEY_FILE: key } = variablesOf({
      role: { ...zone, server },
    });
    assert.deepEqual([cert, key], [at("server.crt"), at("server.key")]);
    assert.equal(variablesOf({ role: zone }).KUMA_GENERAL_TLS_CERT_FILE, undefined);
  });

  it("has a zone of Konnect's its token and the control plane's id, by the names of its version", () => {
    const role = { ...zone, konnect: { controlPlaneId: "the-id", token: "canary-spat" } };
    const token = "/etc/kuma-federation/kuma-cp/cp-token";
    assert.deepEqual(
      [written({ role }).get(token)?.mode, written({ role }).get(token)?.owner],
      [0o640, "root:kuma-cp"],
    );
    for (const [version, name] of [
      [undefined, "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH"],
      ["2.14.3", "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH"],
      ["3.0.0", "KUMA_MULTIZONE_ZONE_KDS_AUTH_TOKEN_PATH"],
    ] as const) {
      const variables = variablesOf({ role, version });
      assert.deepEqual([variables[name], variables.KMESH_MULTIZONE_ZONE_KONNECT_CP_ID], [token, "the-id"]);
      assert.equal(variables.SSL_CERT_FILE, undefined);
    }
  });

  it("has a zone of Kong Mesh's that shows its global a token find it in a file", () => {
    const role = { ...zone, cpToken: "canary-token" };
    const token = "/etc/kuma-federation/kuma-cp/cp-token";
    assert.deepEqual(written({ role }).get(token), {
      ...{ path: token, content: "canary-token", mode: 0o640, owner: "root:kuma-cp", isTrusted: false },
    });
    const { KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH: path, KMESH_MULTIZONE_ZONE_KONNECT_CP_ID: id } =
      variablesOf({ role });
    assert.deepEqual([path, id], [token, undefined]);
    assert.doesNotMatch(JSON.stringify(controlPlaneService(spec({ role })).variables), /canary/);
  });

  it("keeps what the user's configuration says, and its keys beside that of this program", () => {
    const validator = { useSecrets: true, publicKeys: [{ kid: "theirs", key: "K" }] };
    const config = { reports: { enabled: false }, apiServer: { authn: { tokens: { validator } } } };
    const text = written({ config }).get("/etc/kuma-federation/kuma-cp/kuma-cp.conf.yml")?.content ?? "";
    const document: unknown = yaml.load(text);
    assert.equal(valueAt(document, "reports", "enabled"), false);
    assert.deepEqual(valueAt(document, "apiServer", "authn", "tokens", "validator"), {
      useSecrets: true,
      publicKeys: [
        { kid: "theirs", key: "K" },
        { kid: "mine", key: "PUBLIC" },
      ],
    });
  });
});

describe("platforms/universal/install: a host on which something is to be installed", () => {
  const service = controlPlaneService(spec());
  const looked = (lines: Record<string, string | string[]>) => assertRoom(new BareHost(lines), { service });

  it("is taken where nothing stands against it", () => looked({ listens: ["1538", "0016"] }));

  const wrong: [string, Record<string, string | string[]>, RegExp][] = [
    ["no systemd", { systemd: "" }, /has no systemd/],
    ["an old systemd", { systemd: "systemd 239" }, /has systemd 239; this program needs 240/],
    ["a wrong clock", { clock: String(Date.now() / 1000 - 900) }, /is \d+ s behind that of this machine/],
    ["another architecture", { arch: "riscv64" }, /is of an architecture that Kuma has no programs for/],
    ["no room", { free: "900000" }, /has 879 MiB left for \/opt\/kuma-federation, .* need 1024 MiB/],
    ["no way to run what is put there", { noexec: "/opt" }, /mounted with noexec\. Nothing was changed/],
    [
      "a taken port",
      { listens: ["1635", "1631"] },
      /needs port 5681, 5685 on host .* something else listens/,
    ],
    [
      "a unit of others",
      { fragment: "/lib/systemd/system/kuma-cp.service", first: "[Unit]" },
      /already \(\/lib\S+\), which this program has not installed\. Nothing was changed\..* setting unit/,
    ],
    [
      "a unit of another stack",
      {
        fragment: "/etc/systemd/system/kuma-cp.service",
        first: "# Written by kuma-federation for eu/global",
      },
      /which belongs to eu\/global\. Nothing was changed/,
    ],
  ];
  for (const [what, lines, sentence] of wrong) {
    it(`is refused in one sentence where there is ${what}`, async () => {
      assert.match((await kumaErrorOf(looked(lines))).message, sentence);
    });
  }

  it("is left alone where the unit is this stack's, and its certificate is one that the state does not have", async () => {
    const certificate = filesOf(service, PROGRAMS).find(({ path }) => path.endsWith("/kds-server.crt"));
    assert.ok(certificate);
    const { path, mode, owner, content } = certificate;
    const there = (text: string) => ({
      fragment: "/etc/systemd/system/kuma-cp.service",
      first: `# Written by kuma-federation for ${service.owner}`,
      file: `${createHash("sha256").update(text).digest("hex")} ${mode.toString(8)} ${owner} ${path}`,
    });
    assert.match(
      (await kumaErrorOf(looked(there("another")))).message,
      /the state of the stack does not know it: .* Nothing of it was changed\./,
    );
    await looked(there(content));
  });

  it("has it in place only where every file is as it was written, and the unit runs and comes back", async () => {
    const file = ({ path, content, mode, owner }: ReturnType<typeof filesOf>[number], text = content) =>
      `${createHash("sha256").update(text).digest("hex")} ${mode.toString(8)} ${owner} ${path}`;
    const files = filesOf(service, PROGRAMS);
    const whole = {
      state: "active",
      enabled: "enabled",
      programs: "there",
      file: files.map((each) => file(each)),
    };
    const isThere = (more: object) => isInPlace(new BareHost({ ...whole, ...more }), { service });
    assert.equal(await isThere({}), true);
    for (const more of [
      { state: "failed" },
      { enabled: "disabled" },
      { programs: [] },
      { file: whole.file.slice(1) },
    ])
      assert.equal(await isThere(more), false, JSON.stringify(more));
    const changed = files.map((each, at) => file(each, at === 0 ? "edited" : each.content));
    assert.equal(await isThere({ file: changed }), false);
  });
});
