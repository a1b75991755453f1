/**
 * The handshake blocks of NTF (NTF §1.3): as those of SMP, but the certificates are those of TLS and not sent again, and the
 * client has no key. Readers ignore trailing bytes.
 */
import { type Codec, codec, fields, large, pad, shortString, word16, Writer } from '@polyplex/codec';
import { versionRange } from '@polyplex/protocol-common';
import { NTF_BLOCK_BYTES } from './block.ts';
import { BATCHING_VERSION } from './versions.ts';

export interface NtfServerHello {
  readonly versions: { readonly min: number; readonly max: number };
  readonly sessionId: Uint8Array;
  /** DER of the session key signed by the leaf of TLS (`decodeSignedKey` opens it); null where the highest version is 1. */
  readonly signedKey: Uint8Array | null;
}

const serverHelloHead = fields({ versions: versionRange, sessionId: shortString });

export const ntfServerHello: Codec<NtfServerHello> = codec(
  (r) => {
    const head = serverHelloHead.read(r);
    return { ...head, signedKey: head.versions.max >= BATCHING_VERSION ? large.read(r) : null };
  },
  (w, hello) => {
    serverHelloHead.write(w, hello);
    if (hello.versions.max >= BATCHING_VERSION) large.write(w, hello.signedKey ?? new Uint8Array(0));
  },
);

export interface NtfClientHello {
  readonly version: number;
  /** The fingerprint that the client expects. */
  readonly keyHash: Uint8Array;
}

export const ntfClientHello: Codec<NtfClientHello> = fields({ version: word16, keyHash: shortString });

/** As a padded block; `openHandshakeBlock` reads it. */
export function ntfHandshakeBlock<T>(format: Codec<T>, hello: T): Uint8Array {
  const w = new Writer();
  format.write(w, hello);
  return pad(w.finish(), NTF_BLOCK_BYTES);
}
