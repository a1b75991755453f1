#!/usr/bin/env bash
# Builds the image of deploy/container where there is no container engine and no registry of images: Debian's buildah carries
# out the Dockerfile itself, step by step, in a chroot. Its two base images are made here, of Debian by debootstrap, and of Node
# from the workspace's npm package. Leaves the image's files in FOLDER/root, and image.json, its settings, beside them.
#   tools/container/build-without-engine.sh [FOLDER]        default node_modules/.cache/image
# As root, with debootstrap, buildah and crun (apt-get install). Some minutes; 2 GB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for program in debootstrap buildah; do
  command -v "$program" >/dev/null || { echo "$program is missing; on Debian: apt-get install --no-install-recommends debootstrap buildah crun" >&2; exit 1; }
done
((EUID == 0)) || { echo 'debootstrap and buildah need root here' >&2; exit 1; }

folder=$(realpath -m "${1:-node_modules/.cache/image}")
mkdir -p "$folder"
storage=(--root "$folder/storage" --runroot "$folder/run" --storage-driver vfs)
say() { printf '\n=== %s\n' "$*"; }

if [[ ! -f $folder/debian/etc/debian_version ]]; then
  say 'debian:bookworm-slim, by debootstrap'
  rm -rf "$folder/debian"
  debootstrap --variant=minbase bookworm "$folder/debian" >"$folder/debootstrap.log"
  rm -rf "$folder"/debian/var/cache/apt/* "$folder"/debian/var/lib/apt/lists/* "$folder"/debian/usr/share/{doc,man,locale}
fi

# commit CONTAINER NAME
commit() { buildah "${storage[@]}" commit --quiet --rm "$1" "localhost/$2" >/dev/null; }

if ! buildah "${storage[@]}" inspect --type image localhost/debian:bookworm-slim >/dev/null 2>&1; then
  container=$(buildah "${storage[@]}" from scratch)
  buildah "${storage[@]}" add --quiet "$container" "$folder/debian" / >/dev/null
  commit "$container" debian:bookworm-slim
fi

say 'node:24-bookworm-slim: the same with Node and npm'
container=$(buildah "${storage[@]}" from localhost/debian:bookworm-slim)
place=$(buildah "${storage[@]}" mount "$container")
install -m 755 "$(realpath node_modules/node/bin/node)" "$place/usr/local/bin/node"
npm=$(dirname "$(dirname "$(realpath "$(command -v npm)")")")
mkdir -p "$place/usr/local/lib/node_modules"
cp -r "$npm" "$place/usr/local/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$place/usr/local/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$place/usr/local/bin/npx"
# Where a network's own authority signs what npm fetches, the builder has to know it too.
if [[ -n ${NODE_EXTRA_CA_CERTS:-} ]]; then
  install -D -m 644 "$NODE_EXTRA_CA_CERTS" "$place/etc/ssl/extra.pem"
  buildah "${storage[@]}" config --env NODE_EXTRA_CA_CERTS=/etc/ssl/extra.pem "$container"
fi
commit "$container" node:24-bookworm-slim

say 'deploy/container/Dockerfile'
buildah "${storage[@]}" build --isolation chroot --network host --format docker --pull-never \
  --ignorefile deploy/container/Dockerfile.dockerignore -f deploy/container/Dockerfile \
  --build-arg NODE_IMAGE=localhost/node:24-bookworm-slim --build-arg BASE_IMAGE=localhost/debian:bookworm-slim \
  ${TARGETARCH:+--build-arg TARGETARCH="$TARGETARCH"} -t polyplex .

say 'its files'
rm -rf "$folder/root"
container=$(buildah "${storage[@]}" from --pull-never localhost/polyplex)
cp -a "$(buildah "${storage[@]}" mount "$container")" "$folder/root"
buildah "${storage[@]}" inspect --type image localhost/polyplex >"$folder/image.json"
buildah "${storage[@]}" rm "$container" >/dev/null
for part in . opt/polyplex/node_modules opt/polyplex/dist usr/local/bin/node; do du -sh "$folder/root/$part"; done
