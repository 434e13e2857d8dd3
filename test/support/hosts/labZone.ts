import * as fs from "node:fs";
import { SshHost } from "../../../platforms/universal/hosts/sshHost";
import type { Properties } from "../../../resources/provider/handler";
import { HandlerRun } from "../pulumi/handlerRun";
import type { LabHost } from "./labHosts";
import { until } from "../until";

export const UNIT = "kuma-federation-test.service";
const WORK = "/var/lib/kuma-federation-test";
const CONFIG = "/etc/kuma-federation-test";

/** Puts a unit with kuma-cp on a host of the lab, as people do: a user, a configuration, a file of variables. */
export async function setUp(host: LabHost, configuration: string, variables = ""): Promise<void> {
  const program = process.env.KUMA_CP as string;
  if (host.shell("test -x /usr/local/bin/kuma-cp && echo there || true").trim() === "")
    host.shell(
      `base64 -d > /usr/local/bin/kuma-cp <<'END'\n${fs.readFileSync(program).toString("base64")}\nEND\nchmod 755 /usr/local/bin/kuma-cp`,
    );
  host.shell(`
    systemctl disable --now ${UNIT} 2>/dev/null
    rm -rf ${WORK} ${CONFIG} /var/lib/kuma-federation /etc/systemd/system/${UNIT}.d
    id kuma-test >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin kuma-test
    install -d -o kuma-test ${WORK}; install -d ${CONFIG}
    cat > ${CONFIG}/kuma-cp.yaml <<'END'
${configuration}
END
    install -m 600 /dev/null ${CONFIG}/kuma-cp.env
    cat > ${CONFIG}/kuma-cp.env <<'END'
KUMA_GENERAL_WORK_DIR=${WORK}
${variables}
END
    cat > /etc/systemd/system/${UNIT} <<'END'
[Service]
User=kuma-test
EnvironmentFile=${CONFIG}/kuma-cp.env
ExecStartPre=/bin/sh -c '! grep -q "type: postgres" ${CONFIG}/kuma-cp.yaml || exec /usr/local/bin/kuma-cp migrate up --config-file ${CONFIG}/kuma-cp.yaml'
ExecStart=/usr/local/bin/kuma-cp run --config-file ${CONFIG}/kuma-cp.yaml
Restart=on-failure
[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload; systemctl enable --now ${UNIT}`);
  await until(`kuma-cp on ${host.name}`, () => adminToken(host) !== "");
}

export function takeDown(host: LabHost): void {
  host.shell(
    `systemctl disable --now ${UNIT}; rm -rf /etc/systemd/system/${UNIT} /etc/systemd/system/${UNIT}.d ${CONFIG} ${WORK} /var/lib/kuma-federation; systemctl daemon-reload`,
  );
}

/** What is left of a membership on a host. */
export const traces = (zone: LabHost) =>
  zone
    .shell(
      "ls -d /var/lib/kuma-federation /etc/systemd/system/*.d/*-kuma-federation.conf 2>/dev/null; systemctl list-units --all --plain --no-legend 'kuma-federation-next*'",
    )
    .trim();

export function api(host: LabHost, path: string): unknown {
  return JSON.parse(host.shell(`curl -sf http://127.0.0.1:5681${path}`));
}

function adminToken(host: LabHost): string {
  const { data } = api(host, "/globalsecrets/admin-user-token") as { data: string };
  return Buffer.from(data, "base64").toString();
}

/** What a zone on a host and a global go through in one `up` after another, by the handlers of the resources. */
export class LabZone {
  readonly state = new Map<string, Properties>();
  private readonly global: Properties;

  /** @param zone the host of its control plane, or those of all instances */
  constructor(
    private readonly zone: LabHost | readonly LabHost[],
    private readonly zoneName: string,
    global: LabHost,
    private readonly federatedDatabase?: string,
    private readonly onConflict: unknown = "fail",
    private readonly unit = UNIT,
  ) {
    const kdsCa = global.shell(`cat ${WORK}/kuma-cp.crt`);
    this.global = { url: `https://${global.address}:5682`, ca: kdsCa, tokens: [adminToken(global)] };
    this.kds = { kdsAddress: `grpcs://${global.address}:5685`, kdsCa };
  }

  private readonly kds: Properties;

  /** Gives which of the resources had something to do. With `tokenDays` the zone shows its global a token. */
  async up({
    tokenDays = undefined as number | undefined,
    proxyHosts = undefined as LabHost[] | undefined,
    beforeSwitch = () => {},
  } = {}): Promise<string[]> {
    const [first, ...instances] = [this.zone].flat().map(({ access: { host, user, ...ssh } }) => ({
      ...{ url: `ssh://${user}@${host}:22/${this.unit}`, ssh },
    }));
    const zone = { ...first, ...(instances.length > 0 && { instances }) };
    const place = { zoneName: this.zoneName, zone };
    const database =
      this.federatedDatabase === undefined ? {} : { federatedDatabase: this.federatedDatabase };
    const run = new HandlerRun(this.state);
    const changed: string[] = [];
    const step = async (name: Parameters<HandlerRun["step"]>[0], inputs: Properties) => {
      const done = await run.step(name, inputs);
      if (done.changed) changed.push(name);
      return done.outs;
    };
    await step("hostZone", { ...place, ...database });
    const sides = { ...place, global: this.global };
    const federation = {
      ...sides,
      ...this.kds,
      zoneStarted: "",
      globalVersion: "2",
      onConflict: this.onConflict,
    };
    await step("globalWayBack", { ...federation, onUndo: "keepOnGlobal" });
    const carried = await step("federatedResources", {
      ...federation,
      onDrift: "repairMissing",
      digestKey: "",
    });
    const { adminToken: token, snapshot, resources, generation, refilled } = carried;
    const member = {
      ...sides,
      ...database,
      ...(proxyHosts && { proxyHosts: proxyHosts.map(({ access }) => access) }),
      global: { ...this.global, tokens: [[token].flat() as string[], this.global.tokens] },
      snapshot,
    };
    const shown =
      tokenDays === undefined
        ? {}
        : { cpToken: (await step("cpToken", { ...sides, tokenDays, generation })).token };
    const { before } = await step("universalWayBack", member);
    beforeSwitch();
    await step("universalZoneFederation", {
      ...{ ...member, ...this.kds, resources, generation, refilled, before, ...shown },
      ...{ onConflict: this.onConflict, onFailedSwitch: "takeBack" },
    });
    return changed;
  }

  /** What follows for proxies of a zone that is a member; gives whether there was something to do. */
  async tokens(proxyHosts: LabHost[]): Promise<boolean> {
    const { zoneName, zone, global } = this.state.get("universalZoneFederation") as Properties;
    const inputs = { zoneName, zone, global, proxyHosts: proxyHosts.map(({ access }) => access) };
    return (await new HandlerRun(this.state).step("hostTokens", inputs)).changed;
  }

  async back(): Promise<void> {
    const run = new HandlerRun(this.state);
    for (const name of [
      "universalZoneFederation",
      "universalWayBack",
      "federatedResources",
      "globalWayBack",
    ] as const)
      await run.remove(name);
  }
}

/** Ends the program, as a kill does, once it has changed so many things on hosts; nothing is done from then on. */
export async function killedAfter(changes: number, work: () => Promise<unknown>): Promise<boolean> {
  const { run } = SshHost.prototype;
  let left = changes;
  SshHost.prototype.run = async function (argv, options = {}) {
    if (left < 0 || (options.changes && left-- === 0)) {
      left = -1;
      throw new Error("killed");
    }
    return run.call(this, argv, options);
  };
  try {
    await work();
    return false;
  } catch (error) {
    if ((error as Error).message.includes("killed")) return true;
    throw error;
  } finally {
    SshHost.prototype.run = run;
  }
}
