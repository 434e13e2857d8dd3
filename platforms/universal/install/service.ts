import { environmentFile } from "../unit/look/environmentFile";
import { baseOf, dataOf, settingsOf, unitFileOf } from "./places";

/** A program of Kuma's that is run as a unit of systemd which this program makes. */
export interface Service {
  /** Its whole name, such as kuma-cp.service. */
  unit: string;
  /** How messages call what it is, such as "the global control plane". */
  title: string;
  /** Which resource of which stack it belongs to: one that belongs to another is not touched. */
  owner: string;
  /** System user that it runs as; made where it is not there. */
  user: string;
  /** Of the archive, such as "kuma-cp", and what it is started with. */
  command: readonly string[];
  /** What has to succeed before each start. */
  before?: readonly string[];
  /** Files beside its settings, by name. */
  files: Readonly<Record<string, ServiceFile>>;
  /** For root only: they may hold secrets. */
  variables: Readonly<Record<string, string>>;
  /** TCP ports that it listens on. */
  ports: readonly number[];
}

export interface ServiceFile {
  content: string;
  /** Only root and the unit's user may read it. */
  isSecret?: boolean;
  /** Others trust it: only a stack whose state has it puts another one in its place. */
  isTrusted?: boolean;
}

/** A file as it is to be on the host. */
export interface WantedFile {
  path: string;
  content: string;
  mode: number;
  owner: string;
  isTrusted: boolean;
}

const MARK = "# Written by kuma-federation for";

/** Where a file of a service lies. */
export function fileOf(unit: string, name: string): string {
  return `${settingsOf(unit)}/${name}`;
}

/** All files of a service; the unit's own one last, as it names the others. `programs` is where its program lies. */
export function filesOf(service: Service, programs: string): WantedFile[] {
  const { unit, user, files, variables } = service;
  const own = Object.entries(files).map(([name, { content, isSecret = false, isTrusted = false }]) => ({
    ...{ path: fileOf(unit, name), content, isTrusted },
    ...(isSecret ? { mode: 0o640, owner: `root:${user}` } : { mode: 0o644, owner: "root:root" }),
  }));
  const ofRoot = { owner: "root:root", isTrusted: false };
  return [
    ...own,
    { ...ofRoot, path: fileOf(unit, VARIABLES), content: environmentFile(variables), mode: 0o600 },
    { ...ofRoot, path: unitFileOf(unit), content: unitFile(service, programs), mode: 0o644 },
  ];
}

const VARIABLES = "variables.env";

/** Whom a unit's file names; undefined for one that this program has not written. */
export function ownerIn(firstLine: string): string | undefined {
  return firstLine.startsWith(`${MARK} `) ? firstLine.slice(MARK.length + 1) : undefined;
}

function unitFile({ unit, title, owner, user, command, before }: Service, programs: string): string {
  const line = (argv: readonly string[]) => [`${programs}/bin/${argv[0]}`, ...argv.slice(1)].join(" ");
  return `${MARK} ${owner}
# What is changed here is lost; a drop-in beside it is kept as long as the unit is there.
[Unit]
Description=${title}
Wants=network-online.target
After=network-online.target postgresql.service

[Service]
User=${user}
Group=${user}
EnvironmentFile=${fileOf(unit, VARIABLES)}
WorkingDirectory=${dataOf(unit)}
${before ? `ExecStartPre=${line(before)}\n` : ""}ExecStart=${line(command)}
StateDirectory=${baseOf(unit)}
StateDirectoryMode=0750
Restart=on-failure
RestartSec=2
LimitNOFILE=1048576
NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
`;
}
