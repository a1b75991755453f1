/** The server's side of the handshake (XFTP §2.4): its hello, and the check of the client's answer. */
import { EMPTY_BYTES, equalBytes } from '@polyplex/base';
import { encodeSignedKey, fingerprintOf, generateKeyPair, type KeyPair, sign } from '@polyplex/crypto';
import { BLOCK_SIZE_BYTES, handshakeBlock, type HttpConnection, openHandshakeBlock, versionIn } from '@polyplex/protocol-common';
import { clientHandshake, clientHello, proofContent, serverHello, XFTP_VERSIONS } from '@polyplex/protocol-xftp';
import { type ServerCredentials, Verifier } from '@polyplex/server-core';

/** What a connection's hellos offer: one session key for all of them, so that tabs of a browser can share the connection. */
export interface Offer {
  readonly verifier: Verifier;
  /** The block that answers a hello with this challenge; null: without one. */
  hello(challenge: Uint8Array | null): Uint8Array;
}

export function makeOffer({ sessionId }: HttpConnection, { chain, privateKey }: ServerCredentials): Offer {
  const keys: KeyPair<'x25519'> = generateKeyPair('x25519');
  const key = { chain, signedKey: encodeSignedKey(keys.publicKey, privateKey) };
  return {
    verifier: new Verifier(keys.privateKey),
    hello(challenge) {
      const proof = challenge === null ? EMPTY_BYTES : sign(privateKey, proofContent(challenge, sessionId));
      return handshakeBlock(serverHello, { versions: XFTP_VERSIONS, sessionId, key, proof });
    },
  };
}

/** The challenge of a hello's body; `malformed` when it is none. Only browsers send one. */
export function challengeOf(body: Uint8Array, web: boolean): Uint8Array | null | 'malformed' {
  if (body.length === 0) return null;
  const hello = web ? openHandshakeBlock(clientHello, body) : null;
  return hello === null ? 'malformed' : hello.challenge;
}

/** The version that a client handshake agrees on; null when it is not acceptable. */
export function agreedVersion(body: Uint8Array, ownChain: readonly Uint8Array[]): number | null {
  const handshake = body.length === BLOCK_SIZE_BYTES ? openHandshakeBlock(clientHandshake, body) : null;
  const fingerprint = fingerprintOf(ownChain);
  if (handshake === null || fingerprint === null || !equalBytes(handshake.keyHash, fingerprint)) return null;
  return versionIn(XFTP_VERSIONS, handshake.version) ? handshake.version : null;
}
