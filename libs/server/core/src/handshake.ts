/**
 * The server's side of the handshake (SMP §3.3-3.5): what it says first, and what becomes of the client's answer.
 * All failures of the ordinary handshake close without a reply; those of a service are answered once.
 */
import { equalBytes } from '@polyplex/base';
import {
  agree, decodeSignedKey, encodeSignedKey, fingerprintOf, generateKeyPair, type KeyPair, leafPublicKey, type PrivateKey, type PublicKey, verify,
} from '@polyplex/crypto';
import {
  type Batching, type BlockCipher, clientHello, type ClientHello, type ClientService, type ConnectionFacts, encryptedBlocks, handshakeBlock, openHandshakeBlock,
  plainBlocks, serverHello, SESSION_KEY_VERSION, smpBatching, type VersionRange, versionIn,
} from '@polyplex/protocol-common';

/** An online certificate (DER chain, leaf first) and its private key. */
export interface ServerCredentials {
  readonly chain: readonly Uint8Array[];
  readonly privateKey: PrivateKey<'ed25519' | 'ed448'>;
}

export interface Offer {
  readonly versions: VersionRange;
  readonly sessionKeys: KeyPair<'x25519'>;
  readonly hello: Uint8Array;
}

/** The server hello for a new connection, with a fresh session key. */
function offerSession(facts: ConnectionFacts, credentials: ServerCredentials, versions: VersionRange): Offer {
  const sessionKeys = generateKeyPair('x25519');
  const key =
    versions.max < SESSION_KEY_VERSION
      ? null
      : { chain: credentials.chain, signedKey: encodeSignedKey(sessionKeys.publicKey, credentials.privateKey) };
  return { versions, sessionKeys, hello: handshakeBlock(serverHello, { versions, sessionId: facts.sessionId, key }) };
}

export interface Accepted {
  readonly hello: ClientHello;
  readonly cipher: BlockCipher;
  readonly batching: Batching;
  /** X25519 secret with the client's session key; null when it sent none. */
  readonly secret: Uint8Array | null;
}

export type HandshakeFailure = 'PARSE' | 'IDENTITY' | 'VERSION' | 'BAD_AUTH';

/** Checks in the order of SMP §3.4: parse, key hash, version. The service part is checked by `checkService`. */
function acceptHello(block: Uint8Array, facts: ConnectionFacts, offer: Offer, encryptFrom: number): Accepted | HandshakeFailure {
  const hello = openHandshakeBlock(clientHello, block);
  if (hello === null) return 'PARSE';
  const fingerprint = fingerprintOf(facts.ownChain);
  if (fingerprint === null || !equalBytes(hello.keyHash, fingerprint)) return 'IDENTITY';
  if (!versionIn(offer.versions, hello.version)) return 'VERSION';
  if (hello.key === null) return { hello, secret: null, cipher: plainBlocks, batching: smpBatching };
  const secret = agree(offer.sessionKeys.privateKey, hello.key);
  if (secret === null) return 'BAD_AUTH';
  const encrypted = hello.version >= encryptFrom && !hello.proxyServer;
  return { hello, secret, cipher: encrypted ? encryptedBlocks('server', facts.sessionId, secret) : plainBlocks, batching: smpBatching };
}

/** What a protocol says first, and what it makes of the client's answer. */
export interface ServerHandshake {
  offer(facts: ConnectionFacts, credentials: ServerCredentials, versions: VersionRange): Offer;
  accept(block: Uint8Array, facts: ConnectionFacts, offer: Offer, encryptFrom: number): Accepted | HandshakeFailure;
}

export const smpHandshake: ServerHandshake = { offer: offerSession, accept: acceptHello };

export interface CheckedService {
  readonly fingerprint: Uint8Array;
  readonly sessionKey: PublicKey<'ed25519'>;
}

const MAX_CHAIN = 4;

/** The chain must be the one of TLS, and its leaf must have signed the session key; null otherwise (SMP §3.5). */
export function checkService(service: ClientService, peerChain: readonly Uint8Array[]): CheckedService | null {
  const { chain } = service;
  const same = chain.length === peerChain.length && chain.every((certificate, i) => equalBytes(certificate, peerChain[i]!));
  if (!same || chain.length > MAX_CHAIN) return null;
  const leafKey = leafPublicKey(chain);
  const signed = decodeSignedKey(service.signedKey);
  const fingerprint = fingerprintOf(chain);
  if (leafKey === null || signed === null || fingerprint === null || signed.key.kind !== 'ed25519') return null;
  if (!verify(leafKey, signed.signed, signed.signature)) return null;
  return { fingerprint, sessionKey: signed.key as PublicKey<'ed25519'> };
}
