#!/usr/bin/env bash
# Made by `npm --prefix infra run render`; a test keeps it so. Makes the Secrets of this stack, and its namespace:
#   secrets.sh CONFIG_FOLDER SECRETS_FOLDER | kubectl apply -f -
# CONFIG_FOLDER is what `polyplex init` made. SECRETS_FOLDER keeps what else there is: tokens and passwords, which are made when
# missing, and what only you have. Keep both safe; the CA keys are not read, and a server's key that is the CA's is refused.
set -euo pipefail
config=$1 secrets=$2
umask 077
mkdir -p "$secrets"

own() { [[ -s $secrets/$1 ]] || { echo "missing: $secrets/$1, $2" >&2; exit 1; }; }
make() { [[ -s $secrets/$1 ]] || head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' >"$secrets/$1"; }
public() { openssl pkey -in "$1" -pubout; }
# online CERTIFICATE KEY: the key is that of the first certificate, and of none that signs others.
online() {
  local of_key; of_key=$(public "$2")
  [[ $(openssl x509 -in "$1" -noout -pubkey) == "$of_key" ]] || { echo "$1 and $2 do not belong together" >&2; exit 1; }
  if openssl x509 -in "$1" -noout -ext basicConstraints 2>/dev/null | grep -q 'CA:TRUE'; then echo "$2 is the key of the CA: it stays offline" >&2; exit 1; fi
}
bytes() { base64 -w 0 <"$1"; }
# template TEXT FILE: TEXT with {} replaced by the file's content.
template() { local value; value=$(<"$2"); printf '%b' "${1//\{\}/$value}" | base64 -w 0; }

make adminToken
make readerToken
online "$config/server.crt" "$config/server.key"
online "$config/xftp/server.crt" "$config/xftp/server.key"

cat <<END
---
apiVersion: v1
kind: Secret
metadata:
  name: relay
  namespace: polyplex
  labels:
    app.kubernetes.io/name: relay
    app.kubernetes.io/part-of: single
type: Opaque
data:
  server.crt: $(bytes "$config/server.crt")
  server.key: $(bytes "$config/server.key")
  fingerprint: $(bytes "$config/fingerprint")
  password: $(bytes "$config/password")
  admin-token: $(bytes "$secrets/adminToken")
  reader-token: $(bytes "$secrets/readerToken")
END
cat <<END
---
apiVersion: v1
kind: Secret
metadata:
  name: files
  namespace: polyplex
  labels:
    app.kubernetes.io/name: files
    app.kubernetes.io/part-of: single
type: Opaque
data:
  xftp.server.crt: $(bytes "$config/xftp/server.crt")
  xftp.server.key: $(bytes "$config/xftp/server.key")
  xftp.fingerprint: $(bytes "$config/xftp/fingerprint")
  password: $(bytes "$config/password")
  admin-token: $(bytes "$secrets/adminToken")
  reader-token: $(bytes "$secrets/readerToken")
END
