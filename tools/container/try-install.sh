#!/usr/bin/env bash
# Runs deploy/install.sh on a fresh Debian 12, which debootstrap makes in a chroot: install, again, upgrade, uninstall; and what it
# installed, as the unit says it, but for systemd itself, which does not run in a chroot: a script in its place starts what the unit says.
#   tools/container/try-install.sh [FOLDER]        default node_modules/.cache/install
# As root, with debootstrap. Some minutes; 2 GB. Network of its own but for npm, so nothing else on this machine is in the way.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v debootstrap >/dev/null || { echo 'debootstrap is missing; on Debian: apt-get install debootstrap' >&2; exit 1; }
((EUID == 0)) || { echo 'debootstrap needs root here' >&2; exit 1; }
folder=$(realpath -m "${1:-node_modules/.cache/install}")
machine=$folder/machine
mkdir -p "$folder"
failures=0
expect() { local what=$1; shift; if "$@"; then echo "held: $what"; else echo "FAILED: $what"; failures=$((failures + 1)); fi; }

if [[ ! -e $folder/made ]]; then
  echo '=== a Debian 12'
  rm -rf "$machine"
  debootstrap --variant=minbase --include=systemd,ca-certificates bookworm "$machine" >"$folder/debootstrap.log"
  touch "$folder/made"
fi
# As if Node and npm had been installed from nodejs.org.
install -m 755 "$(realpath node_modules/node/bin/node)" "$machine/usr/local/bin/node"
mkdir -p "$machine/usr/local/lib/node_modules"
cp -r "$(dirname "$(dirname "$(realpath "$(command -v npm)")")")" "$machine/usr/local/lib/node_modules/"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$machine/usr/local/bin/npm"
variables=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
if [[ -n ${NODE_EXTRA_CA_CERTS:-} ]]; then
  install -D -m 644 "$NODE_EXTRA_CA_CERTS" "$machine/etc/ssl/extra.pem"
  variables+=(NODE_EXTRA_CA_CERTS=/etc/ssl/extra.pem)
fi
cp /etc/resolv.conf /etc/hosts "$machine/etc/"
rm -rf "$machine"/{usr/src/polyplex,opt/polyplex*,etc/polyplex,var/lib/polyplex} && mkdir -p "$machine/usr/src/polyplex"
git ls-files -co --exclude-standard -z | xargs -0 sh -c 'for name; do [ ! -e "$name" ] || printf "%s\0" "$name"; done' sh | tar --null -T - -c | tar x -C "$machine/usr/src/polyplex"

on_machine() {
  unshare --mount --pid --fork bash -euc 'mount --make-rprivate /; mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; exec chroot "$0" env -i "$@"' "$machine" "${variables[@]}" "$@"
}
facts() { (cd "$machine" && find etc/polyplex -type f -print0 | sort -z | xargs -0 sha256sum; stat -c '%n %U %a' etc/polyplex/*) >"$folder/$1"; }

echo '=== --dry-run'
on_machine /usr/src/polyplex/deploy/install.sh --dry-run --host smp.example.org >"$folder/dry.log"
expect 'a dry run does nothing' test ! -e "$machine/opt/polyplex" -a ! -e "$machine/etc/polyplex"
expect 'without a name it says what is missing' bash -c '! "$@" 2>/dev/null' - chroot "$machine" env -i "${variables[@]}" /usr/src/polyplex/deploy/install.sh
echo '=== install'
on_machine /usr/src/polyplex/deploy/install.sh --host localhost >"$folder/install.log" 2>&1 || { tail "$folder/install.log"; exit 1; }
expect 'there is a user' grep -q ^polyplex: "$machine/etc/passwd"
expect 'keys can be read by it and nobody else' test "$(stat -c %a "$machine/etc/polyplex/server.key")" = 640
expect 'settings are right, for that user' on_machine setpriv --reuid=polyplex --regid=polyplex --clear-groups polyplex config check
facts first
echo '=== what the unit starts'
try='set -u
  eval "$(sed -n "s/^Environment=\(.*\)/export \1/p" /etc/systemd/system/polyplex.service)"
  setpriv --reuid=polyplex --regid=polyplex --clear-groups --no-new-privs $(sed -n "s/^ExecStart=//p" /etc/systemd/system/polyplex.service) >/tmp/start.log 2>&1 &
  server=$!
  for i in $(seq 200); do grep -q Ready. /tmp/start.log && break; sleep 0.1; done
  polyplex check $(polyplex address) || { cat /tmp/start.log; exit 1; }
  polyplex upgrade check; echo "upgrade check: $?"
  setpriv --reuid=polyplex --regid=polyplex --clear-groups polyplex admin backup start --wait || exit 1
  polyplex upgrade check >/tmp/again.log || exit 1
  kill -TERM $server; wait $server'
# With a network of its own, in which nobody else has the ports.
alone() { unshare --net bash -c 'ip link set lo up; machine=$1; shift; mount --make-rprivate /; exec unshare --mount --pid --fork bash -euc "mount --make-rprivate /; mount -t proc proc \"\$0/proc\"; mount --rbind /dev \"\$0/dev\"; exec chroot \"\$0\" env -i \"\$@\"" "$machine" "$@"' bash "$machine" "${variables[@]}" "$@"; }
expect 'it serves, backs up, and ends in order' alone bash -c "$try"
echo '=== again'
cat >"$machine/usr/local/sbin/systemctl" <<'END'
#!/bin/bash
unit=/etc/systemd/system/polyplex.service
case $1 in
  enable | start)
    eval "$(sed -n 's/^Environment=\(.*\)/export \1/p' $unit)"
    setpriv --reuid=polyplex --regid=polyplex --clear-groups --no-new-privs $(sed -n 's/^ExecStart=//p' $unit) >/tmp/again.log 2>&1 & ;;
  is-active) false ;;
esac
END
chmod 755 "$machine/usr/local/sbin/systemctl"
again='mkdir -p /run/systemd/system; status=0; /usr/src/polyplex/deploy/install.sh --host other.example.org --wait "$0" || status=$?; rmdir /run/systemd/system; exit $status'
alone bash -c "$again" 120 >"$folder/again.log" 2>&1 || true
expect 'it waited until the servers were ready' grep -qx '• ready' "$folder/again.log"
cp "$machine/etc/polyplex/polyplex.yaml" "$folder/polyplex.yaml"
echo 'nonsense: 1' >>"$machine/etc/polyplex/polyplex.yaml"
status=0
alone bash -c "$again" 5 >"$folder/broken.log" 2>&1 || status=$?
expect 'of servers that do not start it tells what to do' bash -c '[[ $1 == 3 ]] && grep -q nonsense "$0" && grep -q "journalctl -u polyplex" "$0"' "$folder/broken.log" "$status"
cat "$folder/polyplex.yaml" >"$machine/etc/polyplex/polyplex.yaml"
facts second
expect 'a second run changes nothing' cmp "$folder/first" "$folder/second"
echo '=== upgrade'
on_machine /usr/src/polyplex/deploy/install.sh upgrade >"$folder/upgrade.log" 2>&1 || { tail "$folder/upgrade.log"; exit 1; }
expect 'the program before is kept' test -e "$machine/opt/polyplex.previous/dist/polyplex.mjs"
facts third
expect 'an upgrade leaves settings and keys' cmp "$folder/first" "$folder/third"
expect 'the new one reads them' on_machine setpriv --reuid=polyplex --regid=polyplex --clear-groups polyplex config check
echo '=== uninstall'
on_machine /usr/src/polyplex/deploy/install.sh uninstall >"$folder/uninstall.log"
expect 'program and units are gone' test ! -e "$machine/opt/polyplex" -a ! -e "$machine/etc/systemd/system/polyplex.service"
expect 'identity and data stay' test -e "$machine/etc/polyplex/server.key" -a -e "$machine/var/lib/polyplex/smp/data.mdb"
echo "$failures failed"
((failures == 0))
