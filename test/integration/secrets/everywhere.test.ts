import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Resource, canonicalJson, packSnapshot } from "../../../kuma";
import { needsEngine } from "../../support/pulumi/engine";
import { Secret, secretOf, secretsIn } from "../../support/secretSearch";
import { Run, Sandbox, adminTokens, filesBelow, getJson, oneZone, put } from "../support";

/** What anyone can work out for a secret whose few possible values are known, and then look for. */
const guessed = (resource: Resource) =>
  createHash("sha256").update(canonicalJson(resource)).digest("hex").slice(0, 16);

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Canaries in what a user gives; the keys and tokens that control planes make are read from their APIs. */
const GIVEN = {
  inMesh: "canary-in-mesh-7f3b91d2",
  global: "canary-global-a02c55e1",
  providedKey: `-----BEGIN RSA PRIVATE KEY-----\ncanaryProvidedKey0123456789abcdef\n-----END RSA PRIVATE KEY-----\n`,
  token: "canary-token-5518fe90.part-two-of-it.part-three-of-it",
  onGlobal: "canary-on-global-c3d4e5f6",
};

/**
 * Files that hold secrets because that is what they are for, below the test's directory. Each is readable by its owner
 * only. There are no others.
 */
const HOLDERS: Record<string, RegExp> = {
  "the passphrase of this clone": /^state\/passphrase$/,
  "the store of a control plane":
    /^state\/stacks\/test\/(global|zones\/zone-1)\/work\/store\.(json|journal)$/,
  "the token of a control plane's admin": /^state\/stacks\/test\/(global|zones\/zone-1)\/admin-token$/,
  "the key that a control plane makes for its data plane server":
    /^state\/stacks\/test\/(global|zones\/zone-1)\/work\/kuma-cp\.key$/,
  "the key of the KDS server": /^state\/stacks\/test\/global\/kds-server\.key$/,
};
/** Written by the test, as a user's own files. */
const GIVEN_FILES = /^content\//;

describe("secrets", function () {
  needsEngine();
  let sandbox: Sandbox;

  before(() => {
    sandbox = new Sandbox({ KUMA_GLOBAL_TOKEN: GIVEN.token });
    // temporary files of everything that is run
    sandbox.environment.TMPDIR = path.join(sandbox.directory, "tmp");
    fs.mkdirSync(sandbox.environment.TMPDIR);
  });
  after(() => sandbox?.remove());

  it("are found nowhere but where they have to be, whatever was done", async () => {
    const content = sandbox.writeContent("content", [
      {
        type: "Mesh",
        name: "default",
        mtls: { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] },
      },
      { type: "Secret", mesh: "default", name: "canary", data: base64(GIVEN.inMesh) },
      { type: "Secret", mesh: "default", name: "provided-key", data: base64(GIVEN.providedKey) },
      { type: "GlobalSecret", name: "canary", data: base64(GIVEN.global) },
    ]);
    const { config, zoneUrl, globalUrl } = await oneZone({ content });
    sandbox.writeStack("test", config);
    const secrets = Object.entries(GIVEN).map(([what, text]) => secretOf(what, text));
    const inMesh = { type: "Secret", mesh: "default", name: "canary", data: base64(GIVEN.inMesh) };
    secrets.push(secretOf("guessed digest of a secret", guessed(inMesh)));
    secrets.push(
      secretOf(
        "guessed digest of a global secret",
        guessed({ type: "GlobalSecret", name: "canary", data: base64(GIVEN.global) }),
      ),
    );

    await sandbox.startZones();
    await expect(0, "preview");
    secrets.push(secretOf("admin token of the zone", adminTokens(zoneUrl)[0]));
    secrets.push(...(await secretsOf("zone", zoneUrl)));
    secrets.push(secretOf("passphrase", fs.readFileSync(path.join(sandbox.state, "passphrase"), "utf8")));
    await expect(0, "preview", "--diff");
    await expect(0, "up");
    const key = path.join(sandbox.state, "stacks/test/global/kds-server.key");
    secrets.push(secretOf("key of the KDS server", fs.readFileSync(key, "utf8")));
    secrets.push(secretOf("admin token of the global", adminTokens(globalUrl)[0]));
    secrets.push(...(await secretsOf("global", globalUrl)));
    assert.ok(secrets.length >= 15, `${secrets.length} secrets are looked for`);
    search("after up", secrets);
    assertKeysEncrypted(path.join(sandbox.state, "backend/.pulumi/stacks/kuma-federation/test.json"));

    assert.match((await expect(0, "up")).output, /nothing to do/);
    await expect(0, "refresh");
    await expect(0, "status");
    await expect(0, "status", "--output", "json");

    const [zone] = config.zones as object[];
    sandbox.writeStack("test", { ...config, zones: [{ ...zone, federated: false }] });
    await expect(0, "up");
    search("after the way back", secrets);

    // a run that fails on secrets that differ
    for (const [where, name] of [
      ["meshes/default/secrets", "canary"],
      ["globalsecrets", "canary"],
    ]) {
      const scope =
        where === "globalsecrets" ? { type: "GlobalSecret" } : { type: "Secret", mesh: "default" };
      await put(`${globalUrl}/${where}/${name}`, { ...scope, name, data: base64(GIVEN.onGlobal) });
    }
    sandbox.writeStack("test", config);
    const failed = await expect(2, "up");
    assert.match(failed.output, /Secret default\/canary: zone hmac:[0-9a-f]{16}, global hmac:[0-9a-f]{16}\n/);
    search("after a failure", secrets);

    await expect(0, "destroy");
    search("after destroy", secrets);
    const left = filesBelow(sandbox.directory).map((file) => path.relative(sandbox.directory, file));
    assert.deepEqual(left.sort(), ["Pulumi.test.yaml", "content/content.yaml"]);
  });

  it("would be found by this search, in every form", () => {
    const secret = secretOf("it", GIVEN.inMesh);
    const forms = [
      `x${GIVEN.inMesh}y`,
      ...["", "a", "ab"].map((before) => base64(`${before}${GIVEN.inMesh} and more`)),
      `{"data":"${base64(GIVEN.inMesh)}"}`,
      packSnapshot({
        originals: [{ type: "Secret", name: "s", data: base64(GIVEN.inMesh) }],
        kept: [],
      }),
    ];
    for (const form of forms) assert.deepEqual(secretsIn(`before "${form}" after`, [secret]), ["it"], form);
    assert.deepEqual(secretsIn("nothing of the kind", [secret]), []);
  });

  async function expect(status: number, ...[command, ...args]: string[]): Promise<Run> {
    const run = await sandbox.run(command, "--stack", "test", ...args);
    assert.equal(run.status, status, `${command} ${args.join(" ")}\n${run.output}`);
    return run;
  }

  /** Looks through everything that was printed, and every file. */
  function search(when: string, secrets: readonly Secret[]): void {
    assert.deepEqual(secretsIn(sandbox.printed, secrets), [], `printed, ${when}`);
    const leaks: string[] = [];
    for (const file of filesBelow(sandbox.directory)) {
      const name = path.relative(sandbox.directory, file);
      if (GIVEN_FILES.test(name)) continue;
      const bytes = fs.readFileSync(file);
      const found = secretsIn(bytes, secrets);
      // the authority's key is in the state only: what it looks like is not known here, but how it begins is
      if (bytes.includes("PRIVATE KEY")) found.push("a private key");
      if (found.length === 0) continue;
      const holder = Object.values(HOLDERS).some((pattern) => pattern.test(name));
      if (!holder) leaks.push(`${name}: ${found.join(", ")}`);
      else assert.equal(fs.statSync(file).mode & 0o777, 0o600, `${name} is for its owner only`);
    }
    assert.deepEqual(leaks, [], when);
  }
});

/** The keys of digests stand in the state, and only as what Pulumi has encrypted. */
function assertKeysEncrypted(checkpoint: string): void {
  type State = { checkpoint: { latest: { resources: Record<"inputs" | "outputs", object | undefined>[] } } };
  const state = fs.readFileSync(checkpoint, "utf8");
  assert.match(state, /"Secret default\/canary":"hmac:[0-9a-f]{16}"/);
  const { resources } = (JSON.parse(state) as State).checkpoint.latest;
  const keys = resources
    .flatMap(({ inputs, outputs }) => [inputs, outputs])
    .flatMap((properties) => Object.entries(properties ?? {}))
    .flatMap(([name, value]) => (name === "digestKey" ? [JSON.stringify(value)] : []));
  // inputs and outputs of the record of the way back, and of what was carried
  assert.equal(keys.length, 4);
  for (const key of keys)
    assert.match(key, /^\{"4dabf18193072939515e22adb298388d":"1b470612\w+","ciphertext":/);
}

/** Every secret that a control plane has: authorities, signing keys, its admin token, those of users. */
async function secretsOf(who: string, url: string): Promise<Secret[]> {
  type List = { items: { type: string; name: string; data: string }[] };
  const lists = await Promise.all(
    ["secrets", "globalsecrets"].map((list) => getJson<List>(`${url}/${list}`)),
  );
  return lists.flatMap(({ items }) =>
    items
      // a certificate is no secret
      .filter(({ name }) => !name.includes("ca-builtin-cert"))
      .map(({ type, name, data }) =>
        secretOf(`${type} ${name} of the ${who}`, privatePart(Buffer.from(data, "base64").toString("utf8"))),
      ),
  );
}

/** What follows a certificate in the same secret. */
function privatePart(text: string): string {
  return text.replace(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n?/g, "");
}
