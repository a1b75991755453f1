#!/usr/bin/env bash
# Debian packages that the tests need beside Node: openssl makes certificates and is the strange TLS client; strace shows
# that what was answered had been flushed. Installs what is missing where that can be done without asking, else says how.
set -euo pipefail

missing=()
command -v openssl >/dev/null || missing+=(openssl)
command -v strace >/dev/null || missing+=(strace)
[[ -s /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
((${#missing[@]} == 0)) && exit 0

root=()
if ((EUID != 0)); then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then root=(sudo -n); else root=(false); fi
fi
command -v apt-get >/dev/null || root=(false)
if [[ ${root[0]:-} == false ]]; then
  echo "the tests need ${missing[*]}, on Debian: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "installing for the tests: ${missing[*]}"
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
