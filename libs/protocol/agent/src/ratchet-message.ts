/** What the double ratchet sends (agent §5.4): a message with an encrypted header, and that header in clear. */
import { byte, bytes, type Codec, codec, decode, fields, maybe, since, tail, word16, word32 } from '@polyplex/codec';
import { ratchetKey } from '@polyplex/protocol-common';
import { kemParameters } from './e2e-parameters.ts';
import { KEM_VERSION } from './versions.ts';

const IV_BYTES = 16;
const TAG_BYTES = 16;
/** Longer ones have a length whose first byte is below this, shorter ones a length of one byte that is not. */
const ONE_BYTE_FROM = 32;

/** Read at the version that stands before it in clear. */
export const ratchetHeader = fields({
  /** The highest version that the sender speaks. */
  maxVersion: word16,
  key: ratchetKey,
  kem: since(KEM_VERSION, maybe(kemParameters), null),
  /** Messages in the previous sending chain. */
  previous: word32,
  /** Number of this message in its chain. */
  number: word32,
});

/** A length in two bytes or one, by the version of the writer; told apart by the first byte. */
const lengthPrefixed: Codec<Uint8Array> = codec(
  (r) => {
    const first = byte.read(r);
    return r.take(first < ONE_BYTE_FROM ? first * 256 + byte.read(r) : first);
  },
  (w, content) => {
    if (w.version >= KEM_VERSION) word16.write(w, content.length);
    else byte.write(w, content.length);
    w.put(content);
  },
);

export interface EncryptedHeader {
  /** The version that the sender uses. */
  readonly version: number;
  readonly iv: Uint8Array;
  readonly tag: Uint8Array;
  readonly body: Uint8Array;
}

export const encryptedHeader: Codec<EncryptedHeader> = fields({ version: word16, iv: bytes(IV_BYTES), tag: bytes(TAG_BYTES), body: lengthPrefixed });

export interface RatchetMessage {
  /** The encrypted header as it stands on the wire: it is authenticated with the body. */
  readonly header: Uint8Array;
  readonly tag: Uint8Array;
  readonly body: Uint8Array;
}

/** Written at the version of its header. */
export const ratchetMessage: Codec<RatchetMessage> = fields({ header: lengthPrefixed, tag: bytes(TAG_BYTES), body: tail });

/** Both parts of a message; throws `DecodeError`. */
export function readRatchetMessage(message: Uint8Array): RatchetMessage & { readonly encrypted: EncryptedHeader } {
  const parts = decode(ratchetMessage, message);
  return { ...parts, encrypted: decode(encryptedHeader, parts.header) };
}
