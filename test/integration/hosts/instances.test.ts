import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { captureLog } from "../../support/captureLog";
import { cleanUp } from "../../support/cleanUp";
import { databases } from "../../support/hosts/labDatabase";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { LabZone, api, killedAfter, setUp, takeDown } from "../../support/hosts/labZone";

const hosts = labHosts(3);
const why = whyNoLab(hosts);

const GLOBAL =
  "mode: global\nstore: {type: memory}\ndefaults: {skipMeshCreation: true}\nmultizone: {global: {kds: {zoneInsightFlushInterval: 1s}}}";
const DATABASES = ["kumatest", "kumatest2"];

const onPostgres = (server: string) =>
  `mode: zone\nstore: {type: postgres, postgres: {host: ${server}, port: 5432, user: kumatest, dbName: kumatest}}\nmultizone: {zone: {name: zone-p}}`;

/** Two instances of one zone's control plane, on hosts of their own and one database. */
describe(`several instances of a zone on hosts${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  let global: LabHost;
  let instances: [LabHost, LabHost];
  let lab: LabZone;
  let original: string[];

  before(function () {
    if (why) this.skip();
  });
  beforeEach(async () => {
    const [first, ...zone] = hosts as LabHost[];
    [global, instances] = [first, zone as [LabHost, LabHost]];
    instances.forEach(takeDown);
    await setUp(global, GLOBAL);
    const password = randomBytes(12).toString("hex");
    const [server] = instances;
    databases(server, password, DATABASES, { all: true });
    for (const host of instances)
      await setUp(host, onPostgres(server.address), `KUMA_STORE_POSTGRES_PASSWORD=${password}`);
    lab = new LabZone(instances, "zone-p", global, "kumatest2");
    original = content();
  });
  afterEach(cleanUp);
  after(() => hosts?.forEach(takeDown));

  /** What the zone has, as each of its instances tells it. */
  function content(): string[] {
    const [first, second] = instances.map((host) =>
      ["meshes", "meshtimeouts", "meshretries", "secrets"].flatMap((type) => {
        const { items } = api(host, `/${type}?size=1000`) as { items: Record<string, string>[] };
        return items.map(({ mesh, name, data }) => `${type} ${mesh} ${name} ${data}`).sort();
      }),
    );
    assert.deepEqual(second, first, "both have the same");
    return first;
  }
  const dials = () =>
    instances.map((host) => /"globalAddress":"(grpcs)?/.exec(JSON.stringify(api(host, "/config")))?.[1]);
  const traces = () =>
    instances
      .map((host) =>
        host.shell(
          "ls -d /var/lib/kuma-federation /etc/systemd/system/*.d/*-kuma-federation.conf 2>/dev/null; exit 0",
        ),
      )
      .join("")
      .trim();
  const isBack = () => {
    assert.deepEqual([content(), traces(), dials()], [original, "", [undefined, undefined]]);
  };

  const refusalOf = (run: Promise<unknown>) =>
    run.then(
      () => assert.fail("it was not refused"),
      (error: Error) => error,
    );

  it("are all switched one after another, have nothing to do then, and are all taken back", async () => {
    const { lines } = captureLog();
    await lab.up();
    assert.deepEqual(dials(), ["grpcs", "grpcs"]);
    content();
    const [first, second] = instances.map(
      ({ access }) => `kuma-federation-test.service on host mesh@${access.host}`,
    );
    assert.deepEqual(
      lines.filter((line) => line.includes("instances")),
      [
        `${first}: runs as a member of the global, 1 of 2 instances`,
        `${second}: runs as a member of the global, 2 of 2 instances`,
      ],
    );
    assert.deepEqual(await lab.up(), []);
    await lab.back();
    isBack();
    assert.match(
      lines.filter((line) => line.includes("instances")).at(-1) ?? "",
      /runs alone, 2 of 2 instances/,
    );
  });

  it("are whole after a kill, at any step", async () => {
    for (const count of [6, 9, 12, 15]) {
      assert.equal(await killedAfter(count, () => lab.up()), true, `join, ${count}`);
      await lab.up();
      assert.deepEqual([dials(), await lab.up()], [["grpcs", "grpcs"], []]);
      await lab.back();
      isBack();
    }
    for (const count of [3, 9, 12, 15, 18]) {
      await lab.up();
      await killedAfter(count, () => lab.back());
      await lab.back();
      isBack();
    }
  });

  it("are refused, before anything is changed, where one of them does not answer", async () => {
    const away = { ...instances[1], access: { ...instances[1].access, host: "10.90.0.250" } };
    const { message } = await refusalOf(
      new LabZone([instances[0], away], "zone-p", global, "kumatest2").up(),
    );
    assert.match(message, /host mesh@10\.90\.0\.250 cannot be reached over SSH/i);
    isBack();
  });

  it("are refused, before anything is changed, where each has a store of its own", async () => {
    const memory = "mode: zone\nstore: {type: memory}\nmultizone: {zone: {name: zone-p}}";
    for (const host of instances) await setUp(host, memory);
    const { message } = await refusalOf(new LabZone(instances, "zone-p", global).up());
    assert.match(message, /is one of 2 instances in the setting ssh, and keeps what it has in memory/);
    assert.equal(traces(), "");
  });
});
