#!/usr/bin/env bash
# Installs Polyplex on one machine with Debian 12 or later (or another Linux with systemd and glibc): relay and file server as a
# service. What it does can be done by hand: docs/deploy/one-machine.md.
set -euo pipefail

# Empty but in tests, whose folder it is in place of this machine's root.
readonly ROOT=${ROOT:-}
readonly CONFIG=$ROOT/etc/polyplex DATA=$ROOT/var/lib/polyplex SYSTEMD=$ROOT/etc/systemd/system SERVICE=polyplex
# Between two looks at whether the servers are ready.
readonly PAUSE=${PAUSE:-2}
UNITS=(polyplex.service polyplex-smp@.service polyplex-xftp@.service polyplex-ntf@.service polyplex-bot.service polyplex-backup.service polyplex-backup.timer)

usage() {
  cat <<'END'
deploy/install.sh [install|upgrade|uninstall] [OPTIONS]

  install     (default) user, program, identity, settings and service. Run again, it mends what is missing and changes nothing else
  upgrade     the program of this folder takes the place of the installed one: check, backup, drain, start
  uninstall   service and program go; settings, keys and data stay, and how to remove them is said

  --host NAME       by which apps reach this machine; needed for the first install
  --prefix FOLDER   of the program (default /opt/polyplex)
  --no-start        enable nothing, start nothing (for images and containers)
  --no-backup       of an upgrade: without a backup before it, and without a copy of the bot's data
  --wait SECONDS    how long to wait until the servers are ready (default 120); 0 does not wait
  --push            make a push proxy too
  --dry-run         say what would be done, and do nothing
  --help

Exit status: 0 done, and what was started is ready; 1 it could not be done; 2 wrong use; 3 done, but not ready in time.

Run it as root, from a release or a clone of the repository. It needs npm with Node 20 or later to build (apt-get install npm on
Debian 13, or nodejs.org); Node 24, on which the servers run, comes as an npm package.
END
}

action=install host='' prefix=/opt/polyplex start=true backup=true push=false dry=false wait=120
while (($# > 0)); do
  case $1 in
    install | upgrade | uninstall) action=$1 ;;
    --host) host=${2:?--host needs a name}; shift ;;
    --prefix) prefix=${2:?--prefix needs a folder}; shift ;;
    --no-start) start=false ;;
    --no-backup) backup=false ;;
    --wait) wait=${2:?--wait needs seconds}; shift ;;
    --push) push=true ;;
    --dry-run) dry=true ;;
    --help | -h) usage; exit 0 ;;
    *) echo "install.sh: $1 is not known (see --help)" >&2; exit 2 ;;
  esac
  shift
done

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fail() { echo "install.sh: $*" >&2; exit 1; }
say() { echo "• $*"; }
# do_it COMMAND...: does it, or says it.
do_it() { if $dry; then echo "  would run: $*"; else "$@"; fi; }
has_systemd() { [[ -d $ROOT/run/systemd/system ]]; }
program() { "$prefix/bin/node" "$prefix/dist/polyplex.mjs" "$@"; }

$dry || [[ -n $ROOT ]] || ((EUID == 0)) || fail 'it must be run as root (or with --dry-run)'
[[ $prefix == /* && $prefix != / ]] || fail '--prefix must be an absolute path'
[[ $wait =~ ^[0-9]{1,5}$ ]] || { echo 'install.sh: --wait must be a number of seconds' >&2; exit 2; }

# Builds in this folder, and puts what the servers need into FOLDER.
build_to() {
  local place=$1
  [[ -f $source/package-lock.json ]] || fail "$source is no release of Polyplex"
  command -v npm >/dev/null || fail 'npm is not there: apt-get install npm, or Node 24 from nodejs.org'
  local major; major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= 20)) || fail "Node $major is too old to build: 20 or later is needed"
  say "building in $source (some minutes)"
  do_it env -C "$source" npm ci --no-audit --no-fund
  do_it env -C "$source" NX_DAEMON=false npm run build
  say "the program goes to $place"
  do_it rm -rf "$place"
  do_it install -d -m 755 "$place/bin" "$place/docs"
  do_it install -m 755 "$source/node_modules/node/bin/node" "$place/bin/node"
  do_it cp -r "$source/dist" "$source/deploy" "$source/package.json" "$source/package-lock.json" "$source/README.md" "$source/LICENSE" "$place/"
  do_it cp -r "$source/docs/." "$place/docs"
  # npm wants the manifests of the workspace; the packages themselves are in the bundle.
  do_it env -C "$source" bash -c 'cp --parents apps/*/package.json libs/*/package.json libs/*/*/package.json "$0"' "$place"
  do_it env -C "$place" npm ci --omit=dev --ignore-scripts --no-audit --no-fund
  do_it bash -c 'cd "$0" && find node_modules -maxdepth 2 -type l -not -path "*/.bin/*" -delete && rm -rf apps libs' "$place"
}

install_units() {
  local unit
  say 'user and units'
  do_it install -D -m 644 "$source/deploy/systemd/polyplex.sysusers.conf" "$ROOT/etc/sysusers.d/polyplex.conf"
  do_it systemd-sysusers "$ROOT/etc/sysusers.d/polyplex.conf"
  do_it install -d -m 755 "$SYSTEMD"
  for unit in "${UNITS[@]}"; do
    if $dry; then echo "  would install: $SYSTEMD/$unit"; continue; fi
    sed -e "s#/opt/polyplex#$prefix#g; s#/usr/bin/node#$prefix/bin/node#g" "$source/deploy/systemd/$unit" >"$SYSTEMD/$unit.new"
    chmod 644 "$SYSTEMD/$unit.new"
    mv "$SYSTEMD/$unit.new" "$SYSTEMD/$unit"
  done
  ! has_systemd || do_it systemctl daemon-reload
  do_it install -d -m 755 "$ROOT/usr/local/bin"
  if ! $dry; then
    printf '#!/bin/sh\nexport POLYPLEX_CONFIG_DIR="${POLYPLEX_CONFIG_DIR:-%s}"\nexec %s/bin/node %s/dist/polyplex.mjs "$@"\n' "$CONFIG" "$prefix" "$prefix" >"$ROOT/usr/local/bin/polyplex"
    chmod 755 "$ROOT/usr/local/bin/polyplex"
  fi
}

# Whether systemd had to start the service three times and more: it does not stay up.
keeps_ending() {
  local times; times=$(systemctl show --property NRestarts --value "$SERVICE" 2>/dev/null) || return 1
  [[ $times =~ ^[0-9]+$ ]] && ((times >= 3))
}

# await_ready BACK: until the admin ports of all servers of this machine say that they are ready. Where they do not in time, says what
# they say, what the service said last, and what to do; BACK is how to undo it, if there is a way. Ends with 3 then.
await_ready() {
  local back=$1 seen='' end=$((SECONDS + wait))
  if ! $start || $dry || ! has_systemd || ((wait == 0)); then return; fi
  say "waiting until the servers are ready, $wait seconds at most"
  while true; do
    if seen=$(program status --config-dir "$CONFIG" 2>&1); then say 'ready'; return; fi
    if ((SECONDS >= end)) || keeps_ending; then break; fi
    sleep "$PAUSE"
  done
  {
    echo "install.sh: the service is installed, but not ready. \"polyplex status\" says:"
    sed 's/^/  | /' <<<"$seen"
    echo 'Its last words:'
    journalctl --unit "$SERVICE" --lines 10 --no-pager --output cat 2>/dev/null | sed 's/^/  | /' || true
    echo 'What to do:'
    echo "  journalctl -u $SERVICE -n 50          # all that it said; systemd starts it again every 2 seconds"
    echo '  polyplex config check                # settings, certificates, ports: what is wrong, and where'
    echo '  polyplex status                      # which server is not ready, and why'
    echo "When it is mended: systemctl restart $SERVICE; polyplex status"
    [[ -z $back ]] || echo "$back"
  } >&2
  exit 3
}

own_config() { do_it chown -R root:polyplex "$CONFIG"; do_it chmod -R u=rwX,g=rX,o= "$CONFIG"; }

do_install() {
  if [[ ! -f $CONFIG/server.crt && -z $host ]]; then fail 'a new server needs --host NAME, the name by which apps reach it'; fi
  if [[ -f $prefix/dist/polyplex.mjs ]]; then say "the program is in $prefix already; \"upgrade\" replaces it"; else build_to "$prefix"; fi
  install_units
  do_it install -d -o polyplex -g polyplex -m 700 "$DATA"
  if [[ -f $CONFIG/server.crt ]]; then
    say "the identity in $CONFIG stays"
  else
    say "identity and settings in $CONFIG"
    local flags=(init --yes --host "$host" --config-dir "$CONFIG" --data-dir "$DATA")
    ! $push || flags+=(--push)
    if $dry; then echo "  would run: polyplex ${flags[*]}"; else program "${flags[@]}"; fi
  fi
  own_config
  if $start && has_systemd; then
    do_it systemctl enable --now "$SERVICE.service" "$SERVICE-backup.timer"
    say 'started: systemctl status polyplex, journalctl -u polyplex, polyplex status'
  else
    say 'not started: systemctl enable --now polyplex.service polyplex-backup.timer'
  fi
  if [[ -f $CONFIG/ca/ca.key ]]; then
    say "next: take $CONFIG/ca and $CONFIG/xftp/ca to a safe place offline and remove them here; then polyplex check \"\$(polyplex address)\" from another machine"
  fi
  await_ready ''
}

is_running() { has_systemd && systemctl is-active --quiet "$SERVICE"; }

do_upgrade() {
  [[ -f $prefix/dist/polyplex.mjs ]] || fail "nothing is installed in $prefix"
  local next=$prefix.next previous=$prefix.previous status=0
  build_to "$next"
  say 'asking the new program about settings and data'
  if ! $dry; then
    "$next/bin/node" "$next/dist/polyplex.mjs" upgrade check --config-dir "$CONFIG" || status=$?
    # 1: it would work, but for a backup, which is made now.
    ((status <= 1)) || { rm -rf "$next"; fail "the new program cannot take over (status $status); nothing was changed"; }
  fi
  if $backup && is_running; then
    say 'a backup'
    do_it runuser -u polyplex -- "$prefix/bin/node" "$prefix/dist/polyplex.mjs" admin backup start --wait --config-dir "$CONFIG"
  fi
  local was_running=false
  ! is_running || was_running=true
  if $was_running; then say 'draining'; do_it systemctl stop "$SERVICE"; fi
  if $backup && $was_running; then copy_bot "$next"; fi
  do_it rm -rf "$previous"
  do_it mv "$prefix" "$previous"
  do_it mv "$next" "$prefix"
  install_units
  local back="Back again: systemctl stop $SERVICE; mv $prefix $prefix.bad; mv $previous $prefix; systemctl start $SERVICE"
  if $was_running && $start; then
    do_it systemctl start "$SERVICE"
    await_ready "$back (where \"upgrade check\" said above that data are converted, only with the backup: docs/operations/backup.md)"
  elif $was_running; then
    say "not started: systemctl start $SERVICE"
  fi
  other_units
  say "done. $back"
}

# copy_bot NEXT: the bot's data can only be copied while it is stopped (docs/operations/directory-bot.md). One copy stays, that of before
# the last upgrade. Without room for it nothing is changed, and NEXT goes.
copy_bot() {
  local data=$DATA/bot copy=$DATA/bot.before-upgrade
  [[ -d $data ]] || return 0
  say "a copy of the bot's data: $copy"
  do_it rm -rf "$copy"
  do_it cp -a --reflink=auto "$data" "$copy" && return
  rm -rf "$copy" "$1"
  systemctl start "$SERVICE"
  fail "the data of the bot could not be copied; nothing was changed. Make room on $DATA, or copy it elsewhere by hand and say --no-backup"
}

# Nodes of a network and a bot on its own go on with the program that they began with.
other_units() {
  local others
  has_systemd || return 0
  others=$(systemctl list-units --plain --no-legend --state active 'polyplex-smp@*' 'polyplex-xftp@*' 'polyplex-ntf@*' polyplex-bot.service 2>/dev/null | cut -d ' ' -f 1) || return 0
  [[ -z $others ]] || say "these run the old program still; restart one, wait until it is ready, then the next: systemctl restart" $others
}

do_uninstall() {
  local unit
  if has_systemd; then do_it systemctl disable --now "$SERVICE.service" "$SERVICE-backup.timer" || true; fi
  for unit in "${UNITS[@]}"; do do_it rm -f "$SYSTEMD/$unit"; done
  do_it rm -f "$ROOT/etc/sysusers.d/polyplex.conf" "$ROOT/usr/local/bin/polyplex"
  ! has_systemd || do_it systemctl daemon-reload
  do_it rm -rf "$prefix" "$prefix.next" "$prefix.previous"
  say "$CONFIG (identity, keys, settings) and $DATA (queues, messages, files) are still there, and so is the user. To remove them for good: rm -r $CONFIG $DATA; userdel polyplex"
}

"do_$action"
