import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { issueAuthority } from "../../../platforms/kdsCertificate";
import type { Properties } from "../../../resources/provider/handler";
import { cleanUp, later, tempDir } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { packedPrograms } from "../../support/hosts/kumaArchive";
import { databases } from "../../support/hosts/labDatabase";
import { LabHost, labHosts, setSshd, whyNoLab } from "../../support/hosts/labHosts";
import { clear, installed } from "../../support/hosts/labStack";
import { LabZone, UNIT, api, setUp, takeDown, traces } from "../../support/hosts/labZone";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import { until } from "../../support/until";

const hosts = labHosts(3);
const why = whyNoLab(hosts);

const GLOBAL =
  "mode: global\nstore: {type: memory}\ndefaults: {skipMeshCreation: true}\nmultizone: {global: {kds: {zoneInsightFlushInterval: 1s}}}";
const ZONE = "mode: zone\nstore: {type: memory}\nmultizone: {zone: {name: zone-m}}";
const ON_POSTGRES = "mode: zone\nstore: {type: postgres}\nmultizone: {zone: {name: zone-p}}";
const DATABASES = ["kumatest", "kumatest2"];
const ETC = "/etc/systemd/system";

/** How people have their hosts and units, other than the rest of the tests has them. */
describe(`hosts as people have them${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  let global: LabHost;
  let zone: LabHost;
  let other: LabHost;
  before(function () {
    if (why) this.skip();
    [global, zone, other] = hosts as LabHost[];
  });
  beforeEach(() => setUp(global, GLOBAL));
  afterEach(cleanUp);
  after(() => hosts?.forEach(takeDown));

  const isMember = (host: LabHost) => JSON.stringify(api(host, "/config")).includes('"globalAddress":"grpcs');

  /** Has a host run a shell's text now, and another one after the test. */
  function now(host: LabHost, text: string, afterwards: string): void {
    later(() => void host.shell(afterwards));
    host.shell(text);
  }

  async function restarted(host: LabHost): Promise<void> {
    host.shell(`systemctl daemon-reload; systemctl restart ${UNIT}`);
    await until("its API", () => api(host, "/meshes/default"));
  }

  async function joinsAndReturns(host: LabHost, lab: LabZone): Promise<void> {
    await lab.up();
    assert.equal(isMember(host), true);
    assert.deepEqual(await lab.up(), []);
    await lab.back();
    assert.deepEqual([isMember(host), traces(host)], [false, ""]);
  }

  // systemd 9788 and 13198
  it("a zone that has everything from the file that `systemctl edit` names", async () => {
    const password = randomBytes(12).toString("hex");
    databases(other, password, DATABASES, { all: true });
    await setUp(other, ZONE);
    const file = "/etc/kuma-federation-test/edited.env";
    const variables = {
      HOST: "127.0.0.1",
      PORT: "5432",
      USER: "kumatest",
      DB_NAME: DATABASES[0],
      PASSWORD: password,
    };
    const lines = Object.entries(variables).map(([name, value]) => `KUMA_STORE_POSTGRES_${name}=${value}`);
    const edited = `${ETC}/${UNIT}.d/override.conf`;
    other.shell(`
cat > /etc/kuma-federation-test/kuma-cp.yaml <<'END'
${ON_POSTGRES}
END
cat > ${file} <<'END'
KUMA_GENERAL_WORK_DIR=/var/lib/kuma-federation-test
${lines.join("\n")}
END
chmod 600 ${file}; mkdir -p ${ETC}/${UNIT}.d
printf '[Service]\\nEnvironmentFile=\\nEnvironmentFile=${file}\\n' > ${edited}`);
    await restarted(other);
    const lab = new LabZone(other, "zone-p", global, DATABASES[1]);
    await joinsAndReturns(other, lab);

    // with a name that comes last it has the last word
    now(other, `mv ${edited} ${ETC}/${UNIT}.d/zzz.conf`, `rm -rf ${ETC}/${UNIT}.d`);
    await restarted(other);
    const again = new LabZone(other, "zone-p", global, DATABASES[1]).up();
    await assert.rejects(again, /zzz\.conf .* would win over .* Nothing was changed/);
    assert.deepEqual([isMember(other), traces(other)], [false, ""]);
  });

  // systemd 11846
  it("a unit that is named by its alias, whose journal is told of", async () => {
    await setUp(zone, ZONE);
    now(
      zone,
      `ln -s ${UNIT} ${ETC}/kuma-alias.service; systemctl daemon-reload`,
      `rm -rf ${ETC}/kuma-alias.service*; systemctl daemon-reload`,
    );
    const lab = () => new LabZone(zone, "zone-m", global, undefined, undefined, "kuma-alias.service");
    await joinsAndReturns(zone, lab());
    const refuses = `test -z "$KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS" || { echo Error: not as a member >&2; exit 3; }`;
    now(
      zone,
      `mkdir -p ${ETC}/${UNIT}.d; printf '[Service]\\nExecStartPre=/bin/sh -c %s\\n' "'${refuses.replaceAll('"', '\\"').replaceAll("$", "\\$")}'" > ${ETC}/${UNIT}.d/50-user.conf; systemctl daemon-reload`,
      `rm -rf ${ETC}/${UNIT}.d`,
    );
    const { message } = await kumaErrorOf(lab().up());
    assert.match(message, /Its journal says:\s+Error: not as a member/);
    assert.equal(isMember(zone), false);
  });

  // systemd 1090, as PostgreSQL's units are on Debian
  it("a unit of a template", async () => {
    await setUp(zone, ZONE);
    const unit = "kuma-federation-test@zone-m.service";
    now(
      zone,
      `sed 's/^ExecStart=.*/& --log-level info/' ${ETC}/${UNIT} > ${ETC}/kuma-federation-test@.service; systemctl daemon-reload; systemctl stop ${UNIT}; systemctl start ${unit}`,
      `systemctl stop '${unit}'; rm -rf ${ETC}/kuma-federation-test@*; systemctl daemon-reload`,
    );
    await until("its API", () => api(zone, "/meshes/default"));
    await joinsAndReturns(zone, new LabZone(zone, "zone-m", global, undefined, undefined, unit));
  });

  // python-diamond 640
  it("a unit that may be started once in an hour", async () => {
    await setUp(zone, ZONE);
    now(
      zone,
      `mkdir -p ${ETC}/${UNIT}.d; printf '[Unit]\\nStartLimitBurst=1\\nStartLimitIntervalSec=1h\\n' > ${ETC}/${UNIT}.d/50-user.conf`,
      `rm -rf ${ETC}/${UNIT}.d`,
    );
    await restarted(zone);
    const lab = new LabZone(zone, "zone-m", global);
    await lab.up();
    await lab.back();
    assert.equal(isMember(zone), false);
  });

  // sumaform 1881
  it("an SSH server that lets in one at a time", async () => {
    await setUp(zone, ZONE);
    later(() => setSshd(zone));
    setSshd(zone, "MaxStartups 1:100:1");
    await joinsAndReturns(zone, new LabZone(zone, "zone-m", global));
  });

  async function inputs(archive = packedPrograms(tempDir())): Promise<Properties> {
    const { host: address, user, ...ssh } = zone.access;
    const { cert, key } = await issueAuthority("test");
    return {
      ...{
        url: `ssh://${user}@${address}:22/kuma-cp.service`,
        ssh,
        title: "the global",
        owner: "test/habits",
      },
      ...{ archive: { from: archive.archive, sha256: archive.sha256 }, admin: {}, removesData: true },
      role: { kind: "global", kdsCert: cert, kdsKey: key, makesMesh: false },
    };
  }

  // tproxy-server 2, NixOS/nix 15714
  it("a root whose files are its own, and an archive packed under a strict umask", async () => {
    clear(zone);
    const sudo = "/etc/sudoers.d/kuma-federation-test";
    now(zone, `echo 'Defaults umask=0077, umask_override' > ${sudo}`, `rm -f ${sudo}`);
    const given = await inputs(packedPrograms(tempDir(), "u=rwx,go="));
    const state = new Map<string, Properties>();
    await new HandlerRun(state).step("hostControlPlane", given);
    assert.equal((await new HandlerRun(state).step("hostControlPlane", given)).changed, false);
    await new HandlerRun(state).remove("hostControlPlane");
    assert.equal(installed(zone), "");
  });

  // k3s 7372
  it("an /opt from which nothing may be run", async () => {
    clear(zone);
    now(zone, "mount -t tmpfs -o noexec,size=2g tmpfs /opt", "umount /opt");
    const given = await inputs();
    await assert.rejects(
      new HandlerRun(new Map()).step("hostControlPlane", given),
      /mounted with noexec\. Nothing was changed/,
    );
    assert.equal(installed(zone), "");
  });

  it("a disk of its own for what this program keeps, which is full", async () => {
    await setUp(zone, ZONE);
    const place = "/var/lib/kuma-federation";
    now(
      zone,
      `mkdir -p ${place}; mount -t tmpfs -o size=64k tmpfs ${place}`,
      `umount ${place}; rmdir ${place} 2>/dev/null; exit 0`,
    );
    const joins = new LabZone(zone, "zone-m", global).up();
    await assert.rejects(joins, /The disk of .* is full: there are \d+ KiB left .* Nothing was changed/);
    assert.equal(isMember(zone), false);
  });

  it("a clock that is a quarter of an hour ahead", async () => {
    await setUp(zone, ZONE);
    const date = "/usr/local/sbin/date";
    // the hosts of a lab have one clock
    now(
      zone,
      `printf '#!/bin/sh\\nexec /usr/bin/date -d "15 minutes" "$@"\\n' > ${date}; chmod 755 ${date}`,
      `rm -f ${date}`,
    );
    await assert.rejects(
      new LabZone(zone, "zone-m", global).up(),
      /The clock of .* is \d+ s ahead .* Nothing was changed/,
    );
    assert.deepEqual([isMember(zone), traces(zone)], [false, ""]);
  });
});
