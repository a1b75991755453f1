/** A script that makes the Secrets of a stack with `kubectl`, from the configuration folder of `polyplex init` and from files of the operator. */
import type { KubernetesStack } from '../config/schema.ts';
import type { Part, SecretManifest } from '../kubernetes/manifest.ts';
import { type SecretFile, type SecretName, secretEntry, secretsOf } from '../secrets/names.ts';

const HEAD = `#!/usr/bin/env bash
# Made by \`npm --prefix infra run render\`; a test keeps it so. Makes the Secrets of this stack, and its namespace:
#   secrets.sh CONFIG_FOLDER SECRETS_FOLDER | kubectl apply -f -
# CONFIG_FOLDER is what \`polyplex init\` made. SECRETS_FOLDER keeps what else there is: tokens and passwords, which are made when
# missing, and what only you have. Keep both safe; the CA keys are not read, and a server's key that is the CA's is refused.
set -euo pipefail
config=$1 secrets=$2
umask 077
mkdir -p "$secrets"

own() { [[ -s $secrets/$1 ]] || { echo "missing: $secrets/$1, $2" >&2; exit 1; }; }
make() { [[ -s $secrets/$1 ]] || head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\\n' >"$secrets/$1"; }
public() { openssl pkey -in "$1" -pubout; }
# online CERTIFICATE KEY: the key is that of the first certificate, and of none that signs others.
online() {
  local of_key; of_key=$(public "$2")
  [[ $(openssl x509 -in "$1" -noout -pubkey) == "$of_key" ]] || { echo "$1 and $2 do not belong together" >&2; exit 1; }
  if openssl x509 -in "$1" -noout -ext basicConstraints 2>/dev/null | grep -q 'CA:TRUE'; then echo "$2 is the key of the CA: it stays offline" >&2; exit 1; fi
}
bytes() { base64 -w 0 <"$1"; }
# template TEXT FILE: TEXT with {} replaced by the file's content.
template() { local value; value=$(<"$2"); printf '%b' "\${1//\\{\\}/$value}" | base64 -w 0; }
`;

function check(name: SecretName): string {
  const { source } = secretEntry(name);
  if ('made' in source) return `make ${name}`;
  return 'given' in source ? `own ${name} '${source.given.replaceAll('\'', '\'\\\'\'')}'` : '';
}

function path(name: SecretName): string {
  const { source } = secretEntry(name);
  return 'file' in source ? `"$config/${source.file}"` : `"$secrets/${name}"`;
}

function value({ secret, template }: SecretFile): string {
  return template === undefined ? `$(bytes ${path(secret)})` : `$(template '${template.replaceAll('\n', '\\n')}' ${path(secret)})`;
}

function document({ name, namespace, labels, files }: SecretManifest): string {
  const lines = [
    '---', 'apiVersion: v1', 'kind: Secret', `metadata:`, `  name: ${name}`, `  namespace: ${namespace}`, '  labels:', ...Object.entries(labels).map(([key, text]) => `    ${key}: ${text}`),
    'type: Opaque', 'data:', ...Object.entries(files).map(([key, file]) => `  ${key}: ${value(file)}`),
  ];
  return `cat <<END\n${lines.join('\n')}\nEND`;
}

const PAIRS = [['relayCertificate', 'relayKey'], ['filesCertificate', 'filesKey'], ['pushCertificate', 'pushKey']] as const;

export function secretsScript(stack: KubernetesStack, parts: readonly Part[]): string {
  const names = secretsOf(stack);
  const checks = names.map(check).filter((line) => line !== '');
  const identities = PAIRS.filter(([certificate]) => names.includes(certificate)).map(([certificate, key]) => `online ${path(certificate)} ${path(key)}`);
  return [HEAD, ...checks, ...identities, '', ...parts.flatMap(({ secrets }) => secrets).map(document), ''].join('\n');
}
