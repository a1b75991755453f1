/**
 * The client's side of the handshake (SMP §3.3-3.6): every check of the relay's hello, the answer to it, and the
 * session that both agree on. Functions of blocks and facts; nothing here waits.
 */
import { equalBytes, lenientTextOf } from '@polyplex/base';
import {
  agree, decodeSignedKey, encodeSignedKey, fingerprintOf, generateKeyPair, leafPublicKey, type PrivateKey, type PublicKey, verify,
} from '@polyplex/crypto';
import {
  type BlockCipher, type CertChainPubKey, clientHello, type ClientService, type ConnectionFacts, encryptedBlocks, handshakeBlock, intersectVersions,
  isTransportError, openHandshakeBlock, plainBlocks, PROXY_SERVER_VERSION, SERVICE_VERSION, serverHello, type ServerHello, serviceResponse,
  SESSION_KEY_VERSION, type VersionRange,
} from '@polyplex/protocol-common';
import { BLOCK_ENCRYPTION_VERSION } from '@polyplex/protocol-smp';
import { transportError } from './client-error.ts';

/** What a client service proves itself with (SMP §3.5). */
interface ServiceIdentity {
  readonly role: 'M' | 'N' | 'P';
  /** The chain used in TLS, leaf first, and the leaf's key. */
  readonly chain: readonly Uint8Array[];
  readonly privateKey: PrivateKey<'ed25519' | 'ed448'>;
}

export interface HandshakeOptions {
  /** Fingerprint of the relay's identity certificate. */
  readonly keyHash: Uint8Array;
  readonly versions: VersionRange;
  /** We are a relay acting as proxy: blocks are not encrypted. */
  readonly proxyServer: boolean;
  readonly service: ServiceIdentity | null;
}

export interface AnnouncedService {
  readonly role: 'M' | 'N' | 'P';
  readonly sessionKey: PrivateKey<'ed25519'>;
  /** SHA-256 of the identity certificate: what queue keys sign too in a service session (SMP §4.3). */
  readonly fingerprint: Uint8Array;
}

/** What both ends agreed on. */
export interface AgreedSession {
  readonly version: number;
  /** All versions that both speak. */
  readonly versions: VersionRange;
  readonly sessionId: Uint8Array;
  /** The relay's chain and signed key exactly as in its hello; null when it sent none. */
  readonly relayKey: CertChainPubKey | null;
  /** The key in it: authenticators are made for this one. */
  readonly relaySessionKey: PublicKey<'x25519'> | null;
  /** X25519 secret of both session keys, 32 bytes; null without keys. */
  readonly secret: Uint8Array | null;
  readonly cipher: BlockCipher;
  /** Set when a service was announced: a response block follows before the session stands. */
  readonly service: AnnouncedService | null;
}

/** A relay below this version does not know `proxyServer` and would encrypt blocks from version 11 on (SMP §3.7). */
const PROXY_CAP_VERSION = 10;

/** Checks the relay's hello and answers it. Throws `SmpClientError` with code `TRANSPORT`. */
export function answerServerHello(block: Uint8Array, facts: ConnectionFacts, options: HandshakeOptions): { hello: Uint8Array; session: AgreedSession } {
  const hello = openHandshakeBlock(serverHello, block);
  if (hello === null) throw transportError('HANDSHAKE PARSE');
  if (!equalBytes(hello.sessionId, facts.sessionId)) throw transportError('SESSION');
  const versions = agreedVersions(hello.versions, options);
  const version = versions.max;
  const relaySessionKey = version < SESSION_KEY_VERSION ? null : checkedKey(hello, facts, options.keyHash);
  const { own, secret } = relaySessionKey === null ? NO_KEYS : agreeKeys(relaySessionKey);
  const { wire, service } = version < SERVICE_VERSION || options.service === null ? NO_SERVICE : announce(options.service);
  const { keyHash, proxyServer } = options;
  const relayKey = hello.key === null ? null : ownCopy(hello.key);
  const cipher = cipherOf(facts.sessionId, secret, version >= BLOCK_ENCRYPTION_VERSION && !proxyServer);
  return {
    hello: handshakeBlock(clientHello, { version, keyHash, key: own, proxyServer, service: wire }),
    session: { version, versions, sessionId: facts.sessionId, relayKey, relaySessionKey, secret, cipher, service },
  };
}

function cipherOf(sessionId: Uint8Array, secret: Uint8Array | null, encrypt: boolean): BlockCipher {
  return encrypt && secret !== null ? encryptedBlocks('client', sessionId, secret) : plainBlocks;
}

interface AgreedKeys {
  readonly own: PublicKey<'x25519'> | null;
  readonly secret: Uint8Array | null;
}

const NO_KEYS: AgreedKeys = { own: null, secret: null };

/** A fresh key of ours, and the secret that it shares with the relay's. */
function agreeKeys(relaySessionKey: PublicKey<'x25519'>): AgreedKeys {
  const own = generateKeyPair('x25519');
  const secret = agree(own.privateKey, relaySessionKey);
  if (secret === null) throw transportError('HANDSHAKE BAD_AUTH');
  return { own: own.publicKey, secret };
}

function agreedVersions(offered: VersionRange, { versions, proxyServer }: HandshakeOptions): VersionRange {
  const isCapped = proxyServer && offered.max < PROXY_SERVER_VERSION;
  const own = isCapped ? { min: versions.min, max: Math.min(versions.max, PROXY_CAP_VERSION) } : versions;
  const agreed = own.min > own.max ? null : intersectVersions(own, offered);
  if (agreed === null) throw transportError('VERSION');
  return agreed;
}

/** The relay's session key, signed by the leaf of the TLS session and not merely by the chain in the hello. */
function checkedKey({ key }: ServerHello, facts: ConnectionFacts, keyHash: Uint8Array): PublicKey<'x25519'> | null {
  if (key === null) return null;
  const isWholeChain = key.chain.length >= 2 && key.chain.length <= 4;
  const fingerprint = fingerprintOf(key.chain);
  if (!isWholeChain || fingerprint === null || !equalBytes(fingerprint, keyHash)) throw transportError('HANDSHAKE IDENTITY');
  const sessionKey = keySignedBy(facts.peerChain, key.signedKey);
  if (sessionKey === null) throw transportError('HANDSHAKE BAD_AUTH');
  return sessionKey;
}

/** The session key when the leaf of the chain signed it; null otherwise. */
export function keySignedBy(chain: readonly Uint8Array[], signedKey: Uint8Array): PublicKey<'x25519'> | null {
  const leaf = leafPublicKey(chain);
  const signed = decodeSignedKey(signedKey);
  if (leaf === null || signed === null || signed.algorithm !== leaf.kind || signed.key.kind !== 'x25519') return null;
  return verify(leaf, signed.signed, signed.signature) ? (signed.key as PublicKey<'x25519'>) : null;
}

/** The hello is a view of its block: a session that lives long must not hold 16 KiB for it. */
function ownCopy({ chain, signedKey }: CertChainPubKey): CertChainPubKey {
  return { chain: chain.map((certificate) => Uint8Array.from(certificate)), signedKey: Uint8Array.from(signedKey) };
}

interface Announcement {
  readonly wire: ClientService | null;
  readonly service: AnnouncedService | null;
}

const NO_SERVICE: Announcement = { wire: null, service: null };

function announce(identity: ServiceIdentity): Announcement {
  const { role, chain, privateKey } = identity;
  const keys = generateKeyPair('ed25519');
  const fingerprint = fingerprintOf(chain);
  if (fingerprint === null) throw transportError('HANDSHAKE BAD_SERVICE');
  return {
    wire: { role, chain, signedKey: encodeSignedKey(keys.publicKey, privateKey) },
    service: { role, sessionKey: keys.privateKey, fingerprint },
  };
}

/** The id that the relay gave the service. Throws `TRANSPORT` with the relay's own error when it refused. */
export function readServiceResponse(block: Uint8Array): Uint8Array {
  const response = openHandshakeBlock(serviceResponse, block);
  if (response === null) throw transportError('HANDSHAKE PARSE');
  if (response.type === 'R') return Uint8Array.from(response.serviceId);
  const text = lenientTextOf(response.error);
  throw transportError(isTransportError(text) ? text : 'HANDSHAKE BAD_SERVICE');
}
