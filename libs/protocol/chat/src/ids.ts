/**
 * Ids of messages and members (directory §1.2, §8): opaque bytes of any length up to 255. Here they are text, the unpadded base64url of
 * the bytes, so that equal ids are equal texts; on the wire they are padded, as the reference writes them.
 */
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { DecodeError } from '@polyplex/codec';
import { randomBytes } from '@polyplex/crypto';
import { type JsonCodec, jsonCodec } from './json-codec.ts';

const MAX_ID_BYTES = 255;
const MAX_ID_CHARACTERS = 344;
const NEW_ID_BYTES = 12;

/** The text of an id. */
export function idOfBytes(bytes: Uint8Array): string {
  return toBase64Url(bytes).replace(/=+$/, '');
}

/** Null where the text is none of an id's. */
export function bytesOfId(id: string): Uint8Array | null {
  const bytes = id.length <= MAX_ID_CHARACTERS ? fromBase64Url(id) : null;
  return bytes !== null && bytes.length <= MAX_ID_BYTES ? bytes : null;
}

/** Of a message, a member, a contact request: 12 random bytes. */
export function newMessageId(): string {
  return idOfBytes(randomBytes(NEW_ID_BYTES));
}

export const id: JsonCodec<string> = jsonCodec(
  (json) => {
    const bytes = typeof json === 'string' ? bytesOfId(json) : null;
    if (bytes === null) throw new DecodeError('not an id');
    return idOfBytes(bytes);
  },
  (value) => value.padEnd(Math.ceil(value.length / 4) * 4, '='),
);
