#!/usr/bin/env bash
# Runs what build-without-engine.sh built as an engine would: as process 1 of namespaces of its own, as the image's user, without
# capabilities, on a read-only root with two volumes, with the image's own entry point, environment and health check. Says what
# held; exit status 1 when something did not.
#   tools/container/try-image.sh [FOLDER]        default node_modules/.cache/image
# As root, for the namespaces. Some 20 seconds. Needs util-linux, iproute2.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

folder=$(realpath -m "${1:-node_modules/.cache/image}")
root=$folder/root
[[ -d $root/opt/polyplex ]] || { echo "there is no image in $folder: tools/container/build-without-engine.sh makes it" >&2; exit 1; }

# field EXPRESSION: of the image's settings, one line an item.
field() {
  node_modules/.bin/node -e 'const { config } = JSON.parse(require("fs").readFileSync(process.argv[1])).Docker; const found = eval(process.argv[2]); console.log(Array.isArray(found) ? found.join("\n") : found);' "$folder/image.json" "$1"
}
mapfile -t variables < <(field 'config.Env')
mapfile -t entrypoint < <(field 'config.Entrypoint')
mapfile -t command < <(field 'config.Cmd')
mapfile -t health < <(field 'config.Healthcheck.Test.slice(1)')
user=$(field 'config.User')

volumes=$(mktemp -d "$folder/volumes.XXXX")
# A volume takes over the owner of what it lies over.
for name in config data; do cp -a "$root/$name" "$volumes/"; done
# Engines bring a list of hosts.
[[ -e $root/etc/hosts ]] || touch "$root/etc/hosts"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$volumes/hosts"
failures=0 unshared='' main=''
cleanup() {
  [[ -z $unshared ]] || kill -KILL "$main" "$unshared" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$volumes"
}
trap cleanup EXIT

held() { echo "held: $*"; }
failed() { echo "FAILED: $*"; failures=$((failures + 1)); }
# expect WHAT COMMAND...
expect() { local what=$1; shift; if "$@"; then held "$what"; else failed "$what"; fi; }

# run NAME=VALUE... -- ARGUMENTS...: starts a container; its output is in $log.
run() {
  local more=()
  while [[ $1 != -- ]]; do more+=("$1"); shift; done
  shift
  log=$volumes/log-$RANDOM
  unshare --mount --pid --net --ipc --uts --fork -- bash -euc '
    root=$1 volumes=$2 mode=$3 user=$4; shift 4
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    for name in config data; do mount --bind "$volumes/$name" "$root/$name"; done
    [[ $mode != ro ]] || mount -o remount,bind,ro "$root/config"
    mount --bind "$volumes/hosts" "$root/etc/hosts"
    ip link set lo up
    exec chroot "$root" setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups --bounding-set=-all --no-new-privs "$@"
  ' bash "$root" "$volumes" "${config_mode:-rw}" "$user" env -i "${variables[@]}" "${more[@]}" "${entrypoint[@]}" "$@" >"$log" 2>&1 &
  unshared=$!
  for _ in $(seq 100); do
    main=$(pgrep -P "$unshared")
    [[ $(readlink "/proc/$main/exe") == */node ]] && return
    kill -0 "$unshared" 2>/dev/null || return
    sleep 0.05
  done
}
# inside COMMAND...: in the container, as its user.
inside() { nsenter --target "$main" --mount --pid --net --ipc --uts --root --wd --setuid "${user%:*}" --setgid "${user#*:}" -- env -i "${variables[@]}" "$@"; }
healthy() { inside "${health[@]}" >"$volumes/health" 2>&1; }
becomes_healthy() { for _ in $(seq 60); do healthy && return; sleep 0.25; done; cat "$volumes/health" "$log"; return 1; }
# ends_with STATUS SECONDS
ends_with() {
  local started=$SECONDS status=0
  timeout "$2" tail --pid="$unshared" -f /dev/null || { failed "it did not end in $2 seconds"; kill -KILL "$main" "$unshared"; }
  wait "$unshared" || status=$?
  unshared=''
  ((status == $1)) || { echo "status $status after $((SECONDS - started)) s"; tail -n 5 "$log"; return 1; }
}
status_line() { awk -v name="$1:" '$1 == name { print $NF }' "/proc/$main/status"; }

touch "$volumes/stamp"
run -- "${command[@]}"
expect 'the first start makes identities and becomes healthy' becomes_healthy
expect 'the server is process 1' test "$(status_line NSpid)" = 1
expect 'it is not root' test "$(status_line Uid)" = "${user%:*}"
expect 'it has no capabilities' test "$(status_line CapEff)" = 0000000000000000
expect 'it cannot get privileges' test "$(status_line NoNewPrivs)" = 1
expect 'its root cannot be written' bash -c '! "$@" 2>/dev/null' - nsenter --target "$main" --mount --root --setuid 1000 --setgid 1000 touch /tmp/written
addresses=$(inside polyplex address 2>&1)
expect 'the command line is there' test "$(wc -l <<<"$addresses")" -ge 2
round_trip() { inside bash -c 'polyplex check $(polyplex address)' >"$volumes/check" 2>&1 || { cat "$volumes/check"; return 1; }; }
expect 'a round trip through relay and file server' round_trip
kill -TERM "$main"
expect 'SIGTERM ends it in order' ends_with 0 20
expect 'it said that it stopped' grep -q 'stopped' "$log"

config_mode=ro run -- "${command[@]}"
expect 'it starts again with the configuration for reading alone' becomes_healthy
kill -TERM "$main"
expect 'and stops' ends_with 0 20

run -- start --only xftp --no-qr
expect 'a file server alone is healthy' becomes_healthy
kill -TERM "$main"
expect 'and stops' ends_with 0 20

# The kernel keeps from process 1 what it does not handle, and until its modules are loaded the program handles nothing. After
# that a signal ends it, whether it listens already (status 0) or not (143).
run -- "${command[@]}"
for _ in $(seq 600); do grep -q lmdb "/proc/$main/maps" && break; sleep 0.05; done
# How long the rest of the modules takes depends on the machine, so it is said again; 130 is what a second signal ends with.
ends_early() {
  local status=0
  for _ in $(seq 20); do kill -TERM "$main" 2>/dev/null; timeout 1.5 tail --pid="$unshared" -f /dev/null && break; done
  kill -0 "$unshared" 2>/dev/null && return 1
  wait "$unshared" || status=$?
  unshared=''
  ((status == 0 || status == 143 || status == 130))
}
expect 'SIGTERM while it starts ends process 1 too' ends_early

run POLYPLEX_STORAGE_ENGIN=redis -- "${command[@]}"
expect 'a setting that does not exist ends it with status 3' ends_with 3 20

run POLYPLEX_STORAGE_ENGINE=redis POLYPLEX_REDIS_URLS=redis://127.0.0.1:6379 POLYPLEX_SERVERS_RUN=smp -- "${command[@]}"
expect 'a Redis that is away ends it with status 6' ends_with 6 40

expect 'nothing was written outside the volumes' test -z "$(find "$root" -xdev -newer "$volumes/stamp" -not -path "$root/config*" -not -path "$root/data*" -print -quit)"
echo "$((failures)) failed"
((failures == 0))
