import * as fs from "node:fs";
import * as path from "node:path";
import type { LabHost } from "./labHosts";

const DIRECTORY = "/var/lib/traffic-test";
const CA = `${DIRECTORY}/ca.crt`;

/** Answers each call with its name; perl is in every Debian. */
const SERVER = `use IO::Socket::INET; my ($port, $name) = @ARGV; $SIG{CHLD} = "IGNORE";
my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 64, ReuseAddr => 1) or die;
while (1) { my $c = $s->accept or next; if (fork) { close $c; next }
  while (my $l = <$c>) { next unless $l =~ /^\\r?\\n$/;
    print $c "HTTP/1.1 200 OK\\r\\ncontent-length: " . length($name) . "\\r\\n\\r\\n$name"; $c->flush; } exit }`;

/** Five calls a second; each that fails is a line with its time and status. */
const CLIENT = `while :; do
  [ "$(curl -s -m 5 -H 'connection: close' -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1/")" = 200 ] && echo ok || date '+failed %T.%N'
  sleep 0.2
done`;

/** A file of this machine to a host. */
function copy(host: LabHost, file: string, to: string): void {
  const text = fs.readFileSync(file).toString("base64");
  host.shell(`base64 -d > ${to} <<'END'\n${text}\nEND\nchmod 755 ${to}`);
}

/** Data plane proxies of services on hosts, with real `kuma-dp` and Envoy, and who calls them. */
export class LabTraffic {
  private readonly units: [LabHost, string][] = [];

  /** `kuma-dp` and Envoy lie beside the program that KUMA_CP names. */
  install(host: LabHost): void {
    const from = path.dirname(process.env.KUMA_CP as string);
    for (const name of ["kuma-dp", "envoy"])
      if (host.shell(`test -x /usr/local/bin/${name} && echo there || true`).trim() === "")
        copy(host, fs.realpathSync(path.join(from, name)), `/usr/local/bin/${name}`);
    host.shell(`rm -rf ${DIRECTORY}; install -d -m 777 ${DIRECTORY}`);
  }

  /**
   * A service that listens at a port, answers with its proxy's name, and is told to the mesh at the next port. `zone` has its control
   * plane on another host; `service` is what it is called, where not as its proxy.
   */
  serve(
    host: LabHost,
    name: string,
    port: number,
    token: string,
    { zone, service = name }: { zone?: LabHost; service?: string } = {},
  ): void {
    this.start(host, `${name}-server`, `perl -e '${SERVER.replaceAll("\n", " ")}' ${port} ${name}`);
    const inbound = `{port: ${port + 1}, servicePort: ${port}, serviceAddress: 127.0.0.1, tags: {kuma.io/service: ${service}, kuma.io/protocol: http}}`;
    this.proxy(host, name, token, `inbound: [${inbound}]`, port + 2, zone);
  }

  /** A service that only calls others, by name at ports of the loopback, or of another address of the host. */
  client(
    host: LabHost,
    name: string,
    port: number,
    token: string,
    outbounds: Record<string, number>,
    address = "127.0.0.1",
  ): void {
    const inbound = `{port: ${port + 1}, servicePort: ${port}, tags: {kuma.io/service: ${name}}}`;
    const outbound = Object.entries(outbounds).map(
      ([to, at]) => `{address: ${address}, port: ${at}, tags: {kuma.io/service: ${to}}}`,
    );
    this.proxy(host, name, token, `inbound: [${inbound}], outbound: [${outbound.join(", ")}]`, port + 2);
  }

  /** Begins to call what a client has at a port. */
  call(host: LabHost, name: string, port: number): void {
    const file = `${DIRECTORY}/call-${name}`;
    host.shell(`cat > ${file}.sh <<'END'\n${CLIENT}\nEND\n: > ${file}.log`);
    this.start(host, `call-${name}`, `/bin/sh -c "exec sh ${file}.sh ${port} >> ${file}.log"`);
  }

  /** Calls so far, and those that failed. */
  calls(host: LabHost, name: string): { made: number; failed: string[] } {
    const lines = host.shell(`cat ${DIRECTORY}/call-${name}.log`).trim().split("\n");
    return { made: lines.length, failed: lines.filter((line) => line !== "ok") };
  }

  stop(): void {
    for (const [host, unit] of this.units.reverse()) host.shell(`systemctl stop ${unit} 2>/dev/null || true`);
    for (const host of new Set(this.units.map(([each]) => each))) host.shell(`rm -rf ${DIRECTORY}`);
  }

  /** Ends what an earlier test has begun there. */
  static clear(host: LabHost): void {
    host.shell("systemctl stop 'traffic-test-*' 2>/dev/null; systemctl reset-failed 2>/dev/null; exit 0");
  }

  private proxy(
    host: LabHost,
    name: string,
    token: string,
    networking: string,
    admin: number,
    zone = host,
  ): void {
    const at = zone === host ? "127.0.0.1" : zone.address;
    const ca = zone.shell(
      "cat /var/lib/kuma-federation-test/kuma-cp.crt 2> /dev/null || cat /var/lib/kuma-cp/kuma-cp.crt",
    );
    const file = `${DIRECTORY}/${name}`;
    host.shell(`
printf %s '${token}' > ${file}.token
cat > ${CA} <<'END'
${ca.trim()}
END
cat > ${file}.yaml <<'END'
type: Dataplane
mesh: default
name: ${name}
networking: {address: ${host.address}, admin: {port: ${admin}}, ${networking}}
END`);
    const run = `/usr/local/bin/kuma-dp run --cp-address=https://${at}:5678 --ca-cert-file=${CA} --dataplane-file=${file}.yaml --dataplane-token-file=${file}.token --dns-enabled=false`;
    this.start(host, `${name}-proxy`, run, `--setenv=KUMA_READINESS_PORT=${admin + 1}`);
  }

  private start(host: LabHost, name: string, command: string, ...options: string[]): void {
    const unit = `traffic-test-${name}`;
    const properties = ["--collect", "--property=Restart=on-failure", "--property=RestartSec=1", ...options];
    host.shell(`systemd-run --quiet --unit=${unit} ${properties.join(" ")} -- ${command}`);
    this.units.push([host, unit]);
  }
}

const targetRef = { kind: "Mesh" };

/** Has the default mesh of a zone have mTLS, and everybody in it call everybody. */
export function openMesh(zone: LabHost, more: object = {}): void {
  const mtls = { enabledBackend: "ca-1", backends: [{ name: "ca-1", type: "builtin" }] };
  putResource(zone, "meshes/default", { type: "Mesh", name: "default", mtls, ...more });
  putResource(zone, "meshes/default/meshtrafficpermissions/everybody", {
    ...{ type: "MeshTrafficPermission", mesh: "default", name: "everybody" },
    spec: { targetRef, from: [{ targetRef, default: { action: "Allow" } }] },
  });
}

/** A data plane token of the control plane on a host. */
export function dataplaneToken(host: LabHost, name: string, admin = ""): string {
  const header = admin && `-H 'Authorization: Bearer ${admin}'`;
  const request = JSON.stringify({ name, mesh: "default", type: "dataplane" });
  return host
    .shell(
      `curl -sf ${header} -H 'content-type: application/json' -d '${request}' http://127.0.0.1:5681/tokens/dataplane`,
    )
    .trim();
}

/** Writes a resource to the control plane on a host whose admin is everybody there. */
export function putResource(host: LabHost, where: string, resource: object): void {
  host.shell(
    `curl -sf -X PUT -H 'content-type: application/json' -d @- http://127.0.0.1:5681/${where} <<'END'\n${JSON.stringify(resource)}\nEND`,
  );
}
