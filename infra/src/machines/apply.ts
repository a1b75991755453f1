/**
 * The script that brings a machine to what the stack says, run over SSH at the first deployment and at every change: machine after
 * machine, so that a fleet is updated with none missing but one. It reads the files from its standard input, since they hold secrets,
 * and a cloud's user data would keep those for whoever asks. Run again it changes nothing.
 */
import type { MachineStack } from '../config/schema.ts';
import { fillIn, type SecretName, secretEntry } from '../secrets/names.ts';
import { redisPorts } from './files.ts';
import type { MachineFile } from './machine-file.ts';
import type { Machine } from './plan.ts';

/** `ROOT` is empty but in tests. */
const HEAD = `set -euo pipefail
umask 077
ROOT="\${ROOT:-}"
pending="$ROOT/etc/polyplex-pending"
mkdir -p -m 755 "$ROOT/etc"
# What a run before this one changed and did not come to restart.
changed=$(tr '\\n' ' ' 2>/dev/null <"$pending" || true)
note() { changed="$changed $1"; echo "$1" >>"$pending"; }

put() { # PATH MODE OWNER, content from standard input
  local path="$ROOT$1" new="$ROOT$1.new"
  mkdir -p -m 755 "$(dirname "$path")"
  base64 -d >"$new"
  chmod "$2" "$new"
  chown "$3" "$new"
  if cmp -s "$new" "$path"; then mv -f "$new" "$path"; else mv -f "$new" "$path"; note "$1"; fi
}

fetch() { # URL SHA256 FOLDER: an archive, if it is not that one already
  [[ -f $ROOT$3/.sha256 && $(<"$ROOT$3/.sha256") == "$2" ]] && return
  local archive; archive=$(mktemp)
  curl --fail --silent --show-error --location --retry 5 --output "$archive" "$1"
  echo "$2  $archive" | sha256sum --check --quiet
  rm -rf "$ROOT$3.new" "$ROOT$3.old"
  mkdir -p -m 755 "$ROOT$3.new"
  (umask 022 && tar --extract --file "$archive" --directory "$ROOT$3.new" --strip-components 1 --no-same-owner)
  echo "$2" >"$ROOT$3.new/.sha256"
  rm -f "$archive"
  if [[ -d $ROOT$3 ]]; then mv "$ROOT$3" "$ROOT$3.old"; fi
  mv "$ROOT$3.new" "$ROOT$3"
  note "$3"
}

ready() { # URL: within five minutes
  for _ in $(seq 150); do
    curl --fail --silent --max-time 3 --output /dev/null "$1" && return
    sleep "\${PAUSE:-2}"
  done
  echo "not ready: $1" >&2
  return 1
}

run() { # SERVICE: started, or restarted where something changed
  systemctl enable --quiet "$1"
  if [[ -n $changed ]]; then systemctl restart "$1"; else systemctl start "$1"; fi
}
`;

const quote = (text: string): string => `'${text.replaceAll('\'', '\'\\\'\'')}'`;

function packagesOf(stack: MachineStack, machine: Machine): readonly string[] {
  return [
    'ca-certificates', 'curl', 'unattended-upgrades',
    ...(machine.role === 'redis' ? ['redis-server', 'redis-tools'] : []),
    ...(machine.hasMonitoring ? ['prometheus', 'prometheus-alertmanager'] : []),
    ...(machine.hasTor ? ['tor'] : []),
    ...(stack.backups?.remote === undefined ? [] : ['rsync']),
  ];
}

/** Own services take the place of Debian's. */
function install(packages: readonly string[]): readonly string[] {
  return [
    `if ! dpkg-query --show ${packages.join(' ')} >/dev/null 2>&1; then`,
    '  export DEBIAN_FRONTEND=noninteractive',
    '  apt-get update -qq',
    `  apt-get install -qq -y --no-install-recommends ${packages.join(' ')} >/dev/null`,
    '  systemctl disable --quiet --now redis-server 2>/dev/null || true',
    'fi',
  ];
}

const FILES = [
  '# Users own some of the files, so they come first.',
  'declare -a later=()',
  'while read -r path mode owner content; do',
  '  if [[ $path == /etc/sysusers.d/* ]]; then put "$path" "$mode" "$owner" <<<"$content"; systemd-sysusers; else later+=("$path $mode $owner $content"); fi',
  'done',
  'for line in "${later[@]}"; do read -r path mode owner content <<<"$line"; put "$path" "$mode" "$owner" <<<"$content"; done',
];

/** Services of Polyplex, started and waited for until they are ready. */
function units({ role, units: servers }: Machine): readonly string[] {
  if (servers.length === 0) return [];
  const services = role === 'all' ? ['polyplex.service'] : servers.map(({ server }) => (server === 'bot' ? 'polyplex-bot.service' : `polyplex-${server}@a.service`));
  const host = role === 'all' ? '127.0.0.1' : '"$address"';
  return [...services.map((service) => `run ${service}`), ...servers.map(({ adminPort }) => `ready http://${host}:${adminPort}/readyz`)];
}

/** One after the other, and only when the one before answers again with its data. */
function redis(stack: MachineStack, machine: Machine): readonly string[] {
  if (machine.role !== 'redis' || stack.redis === undefined) return [];
  const wait = [
    'export REDISCLI_AUTH; REDISCLI_AUTH=$(sed -n "s/^requirepass //p" "$ROOT/etc/polyplex-redis/auth.conf")',
    'redis_ready() { for _ in $(seq 900); do if redis-cli -p "$1" info replication 2>/dev/null | tr -d "\\r" | grep -Eqx "role:master|master_link_status:up"; then return; fi; sleep "${PAUSE:-2}"; done; echo "Redis $1 is not ready" >&2; return 1; }',
  ];
  return ['sysctl --quiet --system', ...wait, ...redisPorts(stack.redis).flatMap((port) => [`run polyplex-redis@${port}.service`, `redis_ready ${port}`])];
}

function others(stack: MachineStack, machine: Machine): readonly string[] {
  return [
    ...(machine.hasMonitoring ? ['run prometheus.service', 'run prometheus-alertmanager.service'] : []),
    ...(machine.hasMonitoring && stack.target.grafana !== undefined ? ['run polyplex-grafana.service'] : []),
    ...(machine.hasTor ? ['chmod 700 "$ROOT/var/lib/tor/polyplex"', 'chown debian-tor:debian-tor "$ROOT/var/lib/tor/polyplex"', 'run tor.service'] : []),
    ...(stack.backups !== undefined && (machine.role === 'all' || (machine.role === 'relay' && machine.index === 0)) ? ['systemctl enable --quiet --now polyplex-backup.timer'] : []),
  ];
}

/** For `bash`, as root, with the lines of `bundle` on its standard input. */
export function applyScript(stack: MachineStack, machine: Machine): string {
  const { release, grafana } = stack.target;
  return [
    HEAD, `address=${quote(machine.address)}`, ...install(packagesOf(stack, machine)), ...FILES,
    ...(machine.units.length === 0 ? [] : [`fetch ${quote(release.url)} ${release.sha256} /opt/polyplex`]),
    ...(machine.hasMonitoring && grafana !== undefined ? [`fetch ${quote(grafana.url)} ${grafana.sha256} /opt/grafana`] : []),
    '# What was replaced by hand is taken up again, and so are secrets.', `[[ $(cat "$ROOT/etc/polyplex-secrets-version" 2>/dev/null) == ${stack.secretsVersion} ]] || note secrets`,
    'systemctl daemon-reload', ...redis(stack, machine), ...units(machine), ...others(stack, machine),
    `echo ${stack.secretsVersion} >"$ROOT/etc/polyplex-secrets-version"`, 'rm -f "$pending"', 'echo "changed:${changed:- nothing}"', '',
  ].join('\n');
}

/** A line for each file: path, mode, owner, content in base64. */
export function bundle(files: readonly MachineFile[], secrets: Readonly<Partial<Record<SecretName, string>>>): string {
  return files.map(({ path, mode, owner, content }) => `${path} ${mode} ${owner} ${encode(content, secrets)}\n`).join('');
}

function encode(content: MachineFile['content'], secrets: Readonly<Partial<Record<SecretName, string>>>): string {
  if (typeof content === 'string') return Buffer.from(content).toString('base64');
  const value = secrets[content.secret] ?? '';
  return secretEntry(content.secret).isBinary === true ? value : Buffer.from(fillIn(content, value)).toString('base64');
}

/** Run once on the first machine of Redis: forms the cluster where there is none. */
export function formScript({ primaries, replicas }: { readonly primaries: readonly string[]; readonly replicas: readonly string[] }): string {
  const [host = '', port = ''] = (primaries[0] ?? '').split(':');
  return [
    'set -euo pipefail',
    'export REDISCLI_AUTH; REDISCLI_AUTH=$(sed -n "s/^requirepass //p" "${ROOT:-}/etc/polyplex-redis/auth.conf")',
    `if ! redis-cli -h ${host} -p ${port} cluster info | grep -q '^cluster_slots_assigned:16384'; then`,
    `  redis-cli --cluster create ${[...primaries, ...replicas].join(' ')} --cluster-replicas ${replicas.length === 0 ? 0 : 1} --cluster-yes`,
    'fi',
    `until redis-cli -h ${host} -p ${port} cluster info | grep -q '^cluster_state:ok'; do sleep 1; done`, '',
  ].join('\n');
}
