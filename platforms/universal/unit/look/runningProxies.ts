import { type ProxyToken, parseProxyToken } from "../../../../kuma";
import { readFiles } from "../../hosts/files";
import { Host, output } from "../../hosts/host";

/** A `kuma-dp` that runs on a host. */
export interface RunningProxy {
  host: Host;
  /** The unit of the system that runs it; undefined where another program does. */
  unit?: string;
  /** `--name`, as far as it is told. */
  name?: string;
  /** `--proxy-type`: undefined for the proxy of a service. */
  kind?: string;
  /** Where its token lies; undefined where that is on its command line or in its environment. */
  file?: TokenFile;
  token?: ProxyToken;
}

interface TokenFile {
  path: string;
  /** For example 0o600. */
  mode: number;
  owner: string;
}

/** Each process in a line: unit, directory, arguments and variables, what may hold anything in base64. */
const LOOK = `
for p in /proc/[0-9]*; do
  exe=$(readlink "$p/exe" 2>/dev/null) || continue
  exe=\${exe% (deleted)}
  [ "\${exe##*/}" = kuma-dp ] || continue
  unit=$(sed -n 's#^\\(0::\\|[0-9]*:name=systemd:\\)/system\\.slice/\\(.*/\\)\\{0,1\\}\\([^/]*\\.service\\)$#\\3#p' "$p/cgroup" | head -n 1)
  echo "proxy \${unit:--} $(readlink "$p/cwd" | base64 -w0) $(base64 -w0 "$p/cmdline") $(base64 -w0 "$p/environ")."
done
exit 0
`;

/** Of files: what they really are, their mode and owner. */
const STAT = `for f; do r=$(readlink -f -- "$f") && [ -f "$r" ] && echo "$(stat -c '%a %U:%G' -- "$r") $r" || echo -; done`;

/** All that run on a host, whichever control plane they are of. */
export async function runningProxies(host: Host): Promise<RunningProxy[]> {
  const text = await output(host, ["sh", "-c", LOOK], "look for data plane proxies", { asRoot: true });
  const found = text.split("\n").flatMap((line) => (line.startsWith("proxy ") ? [processIn(line)] : []));
  const paths = found.flatMap(({ path }) => path ?? []);
  if (paths.length === 0)
    return found.map(({ inline, unit, name, kind }) => ({ host, unit, name, kind, ...tokenOf(inline) }));
  const stats = (
    await output(host, ["sh", "-c", STAT, "sh", ...paths], "look at the tokens of proxies", { asRoot: true })
  ).split("\n");
  const files = new Map(paths.map((path, index) => [path, fileIn(stats[index])]));
  const there = [...files].flatMap(([path, file]) => (file ? [[path, file] as const] : []));
  const texts = await readFiles(
    host,
    there.map(([, file]) => file.path),
  );
  const texted = new Map(there.map(([path], index) => [path, texts[index]]));
  return found.map(({ inline, path = "", ...told }) => {
    const file = files.get(path);
    return { host, ...told, ...(file && { file }), ...tokenOf(texted.get(path) ?? inline) };
  });
}

function tokenOf(text: string | undefined): Pick<RunningProxy, "token"> {
  const token = text === undefined ? undefined : parseProxyToken(text);
  return token ? { token } : {};
}

function fileIn(line: string): TokenFile | undefined {
  const match = /^([0-7]+) (\S+) (.+)$/.exec(line);
  return match ? { mode: parseInt(match[1], 8), owner: match[2], path: match[3] } : undefined;
}

interface Process extends Pick<RunningProxy, "unit" | "name" | "kind"> {
  /** Of the file of its token, or the token itself. */
  path?: string;
  inline?: string;
}

/** What a process is told; a flag wins over its variable (Kuma v2.14.3, app/kuma-dp/cmd/run.go). */
function processIn(line: string): Process {
  const [, unit, ...parts] = line.replace(/\.$/, "").split(" ");
  const [cwd, cmdline, environ] = parts.map((part) => Buffer.from(part, "base64").toString("utf8"));
  const argv = cmdline.split("\0");
  const variables = environ.split("\0");
  const told = (flag: string, variable: string) => {
    const at = argv.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
    const fromFlag =
      at < 0 ? undefined : argv[at].includes("=") ? argv[at].slice(flag.length + 3) : argv[at + 1];
    const set = variables.find((each) => each.startsWith(`KUMA_${variable}=`));
    return fromFlag || set?.slice(variable.length + 6) || undefined;
  };
  const path = told("dataplane-token-file", "DATAPLANE_RUNTIME_TOKEN_PATH");
  const inline = told("dataplane-token", "DATAPLANE_RUNTIME_TOKEN");
  return {
    ...(unit !== "-" && { unit }),
    name: told("name", "DATAPLANE_NAME"),
    kind: told("proxy-type", "DATAPLANE_PROXY_TYPE"),
    // one that is given in clear is written to a file by kuma-dp itself, and so wins
    ...(inline !== undefined
      ? { inline }
      : path !== undefined && { path: path.startsWith("/") ? path : `${cwd.trim()}/${path}` }),
  };
}
