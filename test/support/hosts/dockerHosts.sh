#!/bin/bash
# Hosts for test/integration/hosts on a machine with systemd, sshd and Docker, as root: itself is the first one, containers with
# systemd and sshd are the others. For machines that are thrown away: it makes a user here who may become root.
#   KLAB_HOME=DIRECTORY dockerHosts.sh FIRST SECOND...
# test/support/hosts/labHosts.ts has their addresses and the names of their links.
set -eu
DIR=$KLAB_HOME/hosts
NETWORK=10.90.0
FIRST=21

mkdir -p "$DIR"
printf '%s\n' "$@" > "$DIR/names"
: > "$DIR/known_hosts"
[ -f "$DIR/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C test -f "$DIR/id_ed25519"

login() { # the commands that let the tests in, for a shell as root
  cat << EOF
set -e
useradd --create-home --shell /bin/bash mesh
echo 'mesh ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/mesh
install -d -m 700 -o mesh -g mesh /home/mesh/.ssh
echo '$(cat "$DIR/id_ed25519.pub")' > /home/mesh/.ssh/authorized_keys
chown mesh:mesh /home/mesh/.ssh/authorized_keys
ssh-keygen -A
systemctl start ssh
EOF
}

known() { # address: waits for its sshd, and takes its key
  local i
  for ((i = 0; i < 60; i++)); do
    if ssh-keyscan -t ed25519 "$1" 2> /dev/null | grep -v '^#' >> "$DIR/known_hosts"; then return; fi
    sleep 1
  done
  echo "$1 does not answer over SSH" >&2
  exit 1
}

docker build --quiet --tag kuma-federation-host - << 'EOF'
FROM debian:12
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  systemd systemd-sysv dbus openssh-server sudo iproute2 iptables curl ca-certificates procps postgresql
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
EOF
docker network create --subnet "$NETWORK.0/24" --gateway "$NETWORK.1" --opt com.docker.network.bridge.name=klab0 klab > /dev/null

login | sh
shift
number=$FIRST
for name; do
  number=$((number + 1))
  docker run --detach --quiet --name "$name" --hostname "$name" --privileged --cgroupns private \
    --network klab --ip "$NETWORK.$number" kuma-federation-host > /dev/null
  docker exec "$name" sh -c 'until systemctl is-system-running --wait 2> /dev/null | grep -Eq "running|degraded"; do sleep 0.5; done'
  login | docker exec --interactive "$name" sh
  # the name by which the tests cut a host off
  index=$(docker exec "$name" cat /sys/class/net/eth0/iflink)
  link=$(ip -o link | sed -n "s/^$index: \([^@:]*\).*/\1/p")
  ip link set "$link" down
  ip link set "$link" name "klab-h$number"
  ip link set "klab-h$number" up
done
# with a container on it the bridge is up
ip address add "$NETWORK.$FIRST/24" dev klab0
number=$FIRST
while read -r _; do
  known "$NETWORK.$number"
  number=$((number + 1))
done < "$DIR/names"
