#!/usr/bin/env bash
# Makes the secrets of the compose file, in ./secrets: the password of Redis, as the relay reads it and as Redis does, the
# tokens of the admin ports, for who may do everything and who may read, and the password of Grafana. Keeps what is there. The files can be read by all inside a container that is given them,
# whatever its user; the folder keeps everybody else on the machine out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

mkdir -p -m 700 secrets
for name in redis-password admin-token reader-token grafana-password; do
  [[ -s secrets/$name ]] || random >"secrets/$name"
done
password=$(<secrets/redis-password)
printf 'requirepass %s\nmasterauth %s\n' "$password" "$password" >secrets/redis-auth.conf
chmod 644 secrets/*
