/**
 * The handshake messages of XFTP and the errors that are answered bare, without a transmission (XFTP §2.4). The messages
 * are padded blocks (`handshakeBlock`, `openHandshakeBlock`); bytes after the known fields are ignored, which leaves room
 * for extension.
 */
import { concatBytes, EMPTY_BYTES, lenientTextOf, utf8 } from '@polyplex/base';
import { type Codec, codec, fields, maybe, optional, pad, shortBytes, shortString, unpad, word16 } from '@polyplex/codec';
import { BLOCK_SIZE_BYTES, certChainPubKey, type CertChainPubKey, versionRange, type VersionRange } from '@polyplex/protocol-common';

export const CHALLENGE_BYTES = 32;
const FINGERPRINT_BYTES = 32;

/** The first request of a browser; native clients send an empty body instead. */
export interface XftpClientHello {
  /** 32 random bytes that the server has to sign; null when it need not. */
  readonly challenge: Uint8Array | null;
}

export const clientHello: Codec<XftpClientHello> = fields({ challenge: maybe(shortBytes(CHALLENGE_BYTES)) });

export interface XftpServerHello {
  readonly versions: VersionRange;
  readonly sessionId: Uint8Array;
  /** The XFTP chain, also where the TLS certificate is the web one, and the session's X25519 key signed by its leaf. */
  readonly key: CertChainPubKey;
  /** Signature of the leaf key over `proofContent`; empty without a challenge. */
  readonly proof: Uint8Array;
}

const serverHelloHead = fields({ versions: versionRange, sessionId: shortString, key: certChainPubKey });
const optionalProof = optional(shortString);

/** Older servers end before the proof. */
export const serverHello: Codec<XftpServerHello> = codec(
  (r) => ({ ...serverHelloHead.read(r), proof: optionalProof.read(r) ?? EMPTY_BYTES }),
  (w, hello) => {
    serverHelloHead.write(w, hello);
    shortString.write(w, hello.proof);
  },
);

/** What the proof of a server hello is over. */
export function proofContent(challenge: Uint8Array, sessionId: Uint8Array): Uint8Array {
  return concatBytes(challenge, sessionId);
}

/** The second request: the highest common version and the fingerprint that the client expects. */
export interface XftpClientHandshake {
  readonly version: number;
  readonly keyHash: Uint8Array;
}

export const clientHandshake: Codec<XftpClientHandshake> = fields({ version: word16, keyHash: shortBytes(FINGERPRINT_BYTES) });

export type BareErrorType = 'HANDSHAKE' | 'SESSION';

/** The whole response to a request that the handshake does not allow. */
export function bareErrorBlock(type: BareErrorType): Uint8Array {
  return pad(utf8(type), BLOCK_SIZE_BYTES);
}

const LONGEST_BARE_ERROR = 19;

/** The error of a response that is not a transmission; null when it is none. */
export function readBareError(block: Uint8Array): string | null {
  const content = unpad(block);
  if (content === null || content.length > LONGEST_BARE_ERROR) return null;
  const text = lenientTextOf(content);
  return /^[A-Z_]+$/.test(text) ? text : null;
}
