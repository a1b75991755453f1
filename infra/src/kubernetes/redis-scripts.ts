/**
 * How a Redis Cluster comes to be and stays together where addresses change. Both take `SHARDS`: shards with spaces between them,
 * copies of one with commas, each a name of the name service. `REDIS_PORT` is for tests.
 */

const COMMON = `set -eu
export REDISCLI_AUTH="$(cat "\${PASSWORD_FILE:-/run/secrets/redis-password}")"
port="\${REDIS_PORT:-6379}"
address() { getent hosts "$1" | awk '{ print $1; exit }'; }
ask() { host="$1"; shift; redis-cli -h "$host" -p "$port" "$@"; }
`;

/** Run beside a server that starts: once it is a member, it greets all others where they are now. Gives up after a minute. */
export const MEET = `${COMMON}
self="\${SELF:-127.0.0.1}"
tries=0
until ask "$self" ping 2>/dev/null | grep -qx PONG; do
  tries=$((tries + 1))
  # A large log is being read; the others greet this server when they start, and it finds those that stayed.
  [ "$tries" -lt 60 ] || exit 0
  sleep 1
done
# One that is no member yet is taken in by the job that forms the cluster.
ask "$self" cluster info | tr -d '\\r' | grep -qx 'cluster_known_nodes:1' && exit 0
for host in $(echo "$SHARDS" | tr ', ' '\\n\\n'); do
  there="$(address "$host" || true)"
  if [ -n "$there" ]; then ask "$self" cluster meet "$there" "$port" >/dev/null || true; fi
done
`;

/** Run once for each size: primaries get slots if nobody has any, all others become copies of their shard's first. */
export const FORM = `${COMMON}
for host in $(echo "$SHARDS" | tr ', ' '\\n\\n'); do
  until there="$(address "$host")" && ask "$there" ping 2>/dev/null | grep -qx PONG; do sleep 1; done
done
first=''
primaries=''
for shard in $SHARDS; do
  there="$(address "\${shard%%,*}")"
  [ -n "$first" ] || first="$there"
  primaries="$primaries $there:$port"
done
if ask "$first" cluster info | tr -d '\\r' | grep -qx 'cluster_slots_assigned:0'; then
  redis-cli --cluster create $primaries --cluster-yes
fi
known() { ask "$first" cluster nodes | grep -q "^$1 "; }
id() { ask "$1" cluster myid | tr -d '\\r'; }
for host in $(echo "$SHARDS" | tr ', ' '\\n\\n'); do
  there="$(address "$host")"
  new="$(id "$there")"
  known "$new" || ask "$first" cluster meet "$there" "$port" >/dev/null
  until known "$new"; do sleep 1; done
done
for shard in $SHARDS; do
  primary="$(id "$(address "\${shard%%,*}")")"
  for host in $(echo "$shard" | tr ',' '\\n'); do
    there="$(address "$host")"
    self="$(id "$there")"
    line="$(ask "$there" cluster nodes | grep "^$self ")"
    # Only one that is nobody's copy and has no slots; a failover may have made a copy the primary of its shard.
    if [ "$self" != "$primary" ] && echo "$line" | grep -q 'master' && ! echo "$line" | grep -Eq 'connected [0-9]+'; then
      until ask "$there" cluster nodes | grep -q "^$primary .*master"; do sleep 1; done
      ask "$there" cluster replicate "$primary" >/dev/null
    fi
  done
done
until ask "$first" cluster info | tr -d '\\r' | grep -qx 'cluster_state:ok'; do sleep 1; done
ask "$first" cluster info | head -n 7
`;
