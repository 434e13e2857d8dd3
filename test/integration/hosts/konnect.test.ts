import * as assert from "node:assert/strict";
import * as net from "node:net";
import { cleanUp, later, tempDir } from "../../support/cleanUp";
import { startKonnect } from "../../support/controlPlane/standInKonnect";
import { packedPrograms } from "../../support/hosts/kumaArchive";
import { LabHost, labHosts, whyNoLab } from "../../support/hosts/labHosts";
import { clear } from "../../support/hosts/labStack";
import { HandlerRun } from "../../support/pulumi/handlerRun";
import type { Properties } from "../../../resources/provider/handler";
import { until } from "../../support/until";

const hosts = labHosts(2);
const why = whyNoLab(hosts, 2);
/** This machine, as hosts of the lab see it. */
const HERE = "10.90.0.1";

/** Lets a host of the lab come to a port of this machine's loopback; gives its own port. */
async function doorTo(port: number): Promise<number> {
  const server = net.createServer((socket) => {
    const onward = net.connect(port, "127.0.0.1");
    for (const each of [socket, onward]) each.on("error", () => {});
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, HERE, resolve));
  later(() => void server.close());
  return (server.address() as net.AddressInfo).port;
}

/**
 * What is put on a host for Konnect, by the stand-in's token. A real kuma-cp is started with it; it is Kuma's, which has no
 * use for the token, and the stand-in does not speak the real KDS: that a zone comes online was not run.
 */
describe(`a zone for Konnect that is installed on a host${why ? ` (skipped: ${why})` : ""}`, function () {
  this.timeout(3_600_000);
  before(function () {
    if (why) this.skip();
  });
  afterEach(async () => {
    clear((hosts as LabHost[])[1]);
    await cleanUp();
  });

  it("has its token in a file for the unit's user, the control plane's id, and the authority to trust", async () => {
    const [, host] = hosts as LabHost[];
    clear(host);
    const konnect = await startKonnect();
    const { id: controlPlaneId } = await konnect.client().createControlPlane("g");
    const state = new Map<string, Properties>();
    const access = async () => {
      const inputs = { ...konnect.addresses, region: "eu", token: konnect.token };
      const zone = { controlPlaneId, zoneName: "zone-k", provisioning: "systemAccount", tokenDays: 90 };
      return (await new HandlerRun(state).step("konnectZone", { ...inputs, ...zone })).outs;
    };
    const kdsAddress = `grpcs://${HERE}:${await doorTo(konnect.kdsPort)}`;
    const { host: address, user, ...ssh } = host.access;
    const { archive: from, sha256 } = packedPrograms(tempDir());
    const install = async () => {
      const { zoneToken: token } = await access();
      const told = { controlPlaneId, token, systemCaFile: konnect.caFile };
      const inputs = {
        ...{ url: `ssh://${user}@${address}:22/kuma-cp.service`, ssh, title: "zone zone-k", owner: "test/k" },
        ...{ archive: { from, sha256 }, admin: {}, removesData: true },
        role: { kind: "zone", zoneName: "zone-k", kdsAddress, kdsCa: "", konnect: told },
      };
      return { token, changed: (await new HandlerRun(state).step("hostControlPlane", inputs)).changed };
    };

    const { token } = await install();
    assert.equal((await install()).changed, false);
    const settings = "/etc/kuma-federation/kuma-cp";
    const kept = () => host.shell(`stat -c '%a %U:%G' ${settings}/cp-token; cat ${settings}/cp-token`).trim();
    assert.equal(kept(), `640 root:kuma-cp\n${token as string}`);
    const variables = () =>
      host
        .shell("tr '\\0' '\\n' < /proc/$(systemctl show -p MainPID --value kuma-cp)/environ")
        .split("\n")
        .filter((line) => /KONNECT|TOKEN_PATH|SSL_CERT|GLOBAL_ADDRESS|ROOT_CA/.test(line))
        .sort();
    assert.deepEqual(variables(), [
      `KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_PATH=${settings}/cp-token`,
      `KMESH_MULTIZONE_ZONE_KONNECT_CP_ID=${controlPlaneId}`,
      `KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS=${kdsAddress}`,
      `SSL_CERT_FILE=${settings}/system-ca.crt`,
    ]);
    const open = host.shell("ps -ef; journalctl -o cat -u kuma-cp; cat /etc/systemd/system/kuma-cp.service");
    assert.ok(!open.includes(token as string));
    // it has verified the stand-in by that authority, and then they do not understand each other
    const said = () => host.shell("journalctl -u kuma-cp -o cat");
    await until("it to dial the stand-in", () => /missing selected ALPN property/.test(said()));
    assert.doesNotMatch(said(), /unknown authority/);

    // a token of the zone's that is void is followed by another one, and the unit restarted with it
    const { account } = state.get("konnectZone") as { account: { id: string } };
    await konnect.client().deleteSystemAccount(account.id);
    const { token: next, changed } = await install();
    assert.equal(changed, true);
    assert.notEqual(next, token);
    assert.equal(kept().split("\n")[1], next);
    await new HandlerRun(state).remove("hostControlPlane");
    assert.equal(host.shell(`ls -d ${settings} 2>/dev/null; exit 0`), "");
  });
});
