/** Rules on secrets: none in plain sight, and never the key of a CA. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { textsOf } from './look.ts';
import type { Rule } from './rules.ts';

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Names of fields that hold a secret, and not the name of a file with one. */
const SECRET_FIELD = /(password|passwd|secret|token|private[_-]?key|secret[_-]?key)$/i;
const IN_TEXT = /^\s*-?\s*(requirepass|masterauth|password|token|secret|secretKey)\b\s*[:=]?\s+(?!\{\}|\$|['"]?\/)\S/m;

/** Its own text, and what it is in base64. */
function readings(text: string): readonly string[] {
  return /^[A-Za-z0-9+/\s]{40,}={0,2}\s*$/.test(text) ? [text, Buffer.from(text, 'base64').toString('latin1')] : [text];
}

function publicKeyOf(pem: string): string | undefined {
  try {
    return createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
  } catch (error) {
    return error instanceof Error ? undefined : String(error);
  }
}

/** Kinds whose texts are kept as secrets: a Secret, and what Pulumi marks as one before this sees it. */
const KEEPS_SECRETS = new Set(['Secret', 'command:remote:Command']);

export const secretRules: Readonly<Record<string, Rule>> = {
  'no-plain-secrets': ({ kind, body }) => (KEEPS_SECRETS.has(kind) ? [] : textsOf(body).flatMap(([path, text]) => {
    const field = path.split('.').at(-1) ?? '';
    const value = /\.env\.\d+\.value$/.test(path) ? '' : text;
    return [
      ...(SECRET_FIELD.test(field) && value !== '' && !/^(\/|\{\}$)/.test(value) ? [`${path} holds a secret`] : []),
      ...(readings(text).some((reading) => reading.match(PRIVATE_KEY) !== null) ? [`${path} holds a private key`] : []),
      ...(IN_TEXT.test(text) ? [`${path} holds a password in a text`] : []),
    ];
  })),
  'no-ca-key': ({ body }) => {
    const texts = textsOf(body).flatMap(([, text]) => readings(text));
    const ofCas = texts.flatMap((text) => text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem)).filter(({ ca }) => ca).map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }));
    const keys = texts.flatMap((text) => text.match(PRIVATE_KEY) ?? []).map(publicKeyOf);
    return keys.some((key) => key !== undefined && ofCas.includes(key)) ? ['holds the key of a CA, which stays offline'] : [];
  },
};
