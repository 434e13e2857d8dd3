import type { LabHost } from "./labHosts";

const UNIT = "everybodys-view-test";
const SEEN = "/var/tmp/everybodys-view-test";

/** Keys, line by line, and tokens, in the files of this program that are not for everybody. */
const SECRETS = `find /etc/kuma-federation /var/lib/kuma-federation -type f ! -perm -004 -exec cat {} + 2>/dev/null |
grep -aoE '^[A-Za-z0-9+/]{64}$|eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+' | sort -u`;

/** What everybody on a host sees while something is done there: command lines, the journal, and files that anybody may read. */
export class EverybodysView {
  private readonly since: string;

  constructor(private readonly host: LabHost) {
    this.since = host.shell("date +%s").trim();
    host.shell(`install -o nobody -m 600 /dev/null ${SEEN}.commands
cat > ${SEEN}.sh <<'END'
while sleep 0.1; do ps -e -ww -o args=; done | awk '!seen[$0]++ { print; fflush() }' > ${SEEN}.commands
END
systemd-run --quiet --collect --unit=${UNIT} --uid=nobody sh ${SEEN}.sh`);
  }

  /** What this program keeps for itself there, now. */
  secrets(): string[] {
    return this.host.shell(SECRETS).trim().split("\n").filter(Boolean);
  }

  /** Where one of some secrets is seen: "commands", "journal", or a file. */
  seen(secrets: readonly string[]): string[] {
    const found = this.host.shell(`umask 077
cat > ${SEEN}.secrets <<'END'
${secrets.join("\n")}
END
journalctl -o cat --since @${this.since} > ${SEEN}.journal
for place in commands journal; do grep -qaF -f ${SEEN}.secrets ${SEEN}.$place && echo $place; done
setpriv --reuid=nobody --clear-groups grep -rlasF -f - /etc /opt/kuma-federation /run /tmp /var/lib /var/log /var/tmp /home/mesh < ${SEEN}.secrets | grep -v ^${SEEN}
exit 0`);
    return found.trim().split("\n").filter(Boolean);
  }

  end(): void {
    this.host.shell(`systemctl stop ${UNIT}; rm -f ${SEEN}.*`);
  }
}
