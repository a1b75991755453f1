/** Values at rest: serialised, and sealed together with their name under a key that is not in the store. */
import { deserialize, serialize } from 'node:v8';
import { concatBytes } from '@polyplex/base';
import { BOX_NONCE_BYTES, type BoxKey, openBox, randomBytes, sealBox } from '@polyplex/crypto';
import { storeError } from '@polyplex/store-common';

export function sealValue(key: BoxKey, name: string, value: unknown): Uint8Array {
  const nonce = randomBytes(BOX_NONCE_BYTES);
  return concatBytes(nonce, sealBox(key, nonce, serialize([name, value])));
}

/** Throws DAMAGED for what was not sealed under this key and name. */
export function openValue(key: BoxKey, name: string, sealed: Uint8Array): unknown {
  const plain = sealed.length < BOX_NONCE_BYTES ? null : openBox(key, sealed.subarray(0, BOX_NONCE_BYTES), sealed.subarray(BOX_NONCE_BYTES));
  if (plain === null) throw storeError('DAMAGED', undefined, 'a record was changed, or the key of the store is another');
  const [sealedName, value] = deserialize(plain) as [string, unknown];
  if (sealedName !== name) throw storeError('DAMAGED', undefined, 'a record was moved');
  return plainBytes(value);
}

/** v8 gives typed arrays as views of one buffer; each gets its own, and Buffers become plain. */
function plainBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plainBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainBytes(inner)]));
}
