#!/usr/bin/env bash
# Makes the archive that machines install, from this checkout: the built program, its production packages and the Node they run on.
#   infra/release.sh FOLDER        prints its path and SHA-256 for target.release
# Built for the system and processor that it is run on.
set -euo pipefail
folder=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(node -p 'require("./package.json").version')
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/polyplex"
git archive HEAD | tar --extract --directory "$place/polyplex"
cd "$place/polyplex"
npm ci --loglevel=error
npm run -s build:quiet
mkdir "$place/bin" && cp node_modules/node/bin/node "$place/bin/node"
npm ci --omit=dev --loglevel=error
# The bundle holds the workspace's own packages; their links would lead nowhere.
find node_modules -maxdepth 2 -type l -not -path '*/.bin/*' -delete
mkdir "$place/out" && cp -r dist node_modules package.json LICENSE deploy "$place/bin" "$place/out/"
archive="$folder/polyplex-$version-linux-$(uname -m).tar.gz"
tar --create --gzip --file "$archive" --directory "$place" --owner 0 --group 0 --numeric-owner --sort name --transform "s,^out,polyplex-$version," out
sha256sum "$archive"
