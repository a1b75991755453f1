/**
 * The client's side of the handshake (XFTP §2.4): every check that native clients make of a server's hello. Where the
 * server chose no protocol by ALPN there is none, and the session is one of version 1 (§2.1).
 */
import { type Clock, EMPTY_BYTES, equalBytes } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import { BLOCK_SIZE_BYTES, handshakeBlock, intersectVersions, openHandshakeBlock, type VersionRange } from '@polyplex/protocol-common';
import { clientHandshake, LEGACY_VERSION, readBareError, serverHello, type XftpServerHello } from '@polyplex/protocol-xftp';
import type { HttpClientConnection } from '@polyplex/transport-http2';
import { keySignedBy } from '../client-handshake.ts';
import type { RequestLimits } from './request-timer.ts';
import type { ResponseBody } from './response-body.ts';
import { XftpClientError, XftpRefusedError } from './xftp-error.ts';
import { exchange, type XftpAgreement } from './xftp-session.ts';

export interface XftpHandshakeOptions {
  /** Fingerprint of the server's identity certificate. */
  readonly keyHash: Uint8Array;
  readonly versions: VersionRange;
  readonly clock: Clock;
  /** For both requests together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Leaf and identity: longer chains exist in TLS, not in a hello (XFTP §2.1). */
const CHAIN_LENGTH = 2;

/** Rejects with `XftpClientError` or `XftpRefusedError`. */
export async function shakeHands(connection: HttpClientConnection, options: XftpHandshakeOptions): Promise<XftpAgreement> {
  const { sessionId, alpn } = connection;
  if (alpn === null) return { version: LEGACY_VERSION, sessionId, serverKey: null };
  return twoRequests(connection, options, { hello: [], check: (hello) => agreementOf(hello, connection, options) });
}

/** What native clients and browsers do differently. */
export interface HandshakeForm {
  /** Body of the first request. */
  readonly hello: readonly Uint8Array[];
  readonly helloHeaders?: Readonly<Record<string, string>>;
  readonly handshakeHeaders?: Readonly<Record<string, string>>;
  /** Throws unless the hello is acceptable. */
  readonly check: (hello: XftpServerHello) => XftpAgreement;
}

/** Hello and answer, handshake and empty answer, under one deadline. */
export async function twoRequests(connection: HttpClientConnection, options: XftpHandshakeOptions, form: HandshakeForm): Promise<XftpAgreement> {
  const { clock, signal, keyHash } = options;
  const deadline = clock.now() + options.timeoutMs;
  const limits = (): RequestLimits => {
    const leftMs = Math.max(0, deadline - clock.now());
    return { idleMs: leftMs, totalMs: leftMs };
  };
  const first = { clock, limits: limits(), signal, pieces: () => form.hello, headers: form.helloHeaders ?? {} };
  const agreement = await exchange(connection, first, async (body) => form.check(await helloOf(body)));
  const blocks = [handshakeBlock(clientHandshake, { version: agreement.version, keyHash })];
  const second = { clock, limits: limits(), signal, pieces: () => blocks, headers: form.handshakeHeaders ?? {} };
  await exchange(connection, second, demandEmpty);
  return agreement;
}

async function helloOf(body: ResponseBody): Promise<XftpServerHello> {
  const block = await body.block();
  refuseIfBare(block);
  const hello = block.length === BLOCK_SIZE_BYTES ? openHandshakeBlock(serverHello, block) : null;
  if (hello === null || !(await body.isEnd())) throw wrong('the hello cannot be read');
  return hello;
}

function agreementOf(hello: XftpServerHello, connection: HttpClientConnection, options: XftpHandshakeOptions): XftpAgreement {
  if (!equalBytes(hello.sessionId, connection.sessionId)) throw wrong('the hello is of another session');
  // By the leaf of the TLS session, not merely by the chain in the hello, which is public.
  return checkedAgreement(hello, connection.peerChain, options);
}

/** Versions, identity, and the session's key, which the leaf of `chain` must have signed. */
export function checkedAgreement({ versions, sessionId, key }: XftpServerHello, chain: readonly Uint8Array[], options: XftpHandshakeOptions): XftpAgreement {
  const agreed = intersectVersions(options.versions, versions);
  if (agreed === null) throw new XftpClientError('VERSION', 'no version of the protocol in common');
  const fingerprint = fingerprintOf(key.chain);
  if (key.chain.length !== CHAIN_LENGTH || fingerprint === null) throw wrong('the hello has no chain of two certificates');
  if (!equalBytes(fingerprint, options.keyHash)) throw new XftpClientError('IDENTITY', 'another server answers');
  const serverKey = keySignedBy(chain, key.signedKey);
  if (serverKey === null) throw wrong('the key in the hello is not signed by the server');
  return { version: agreed.max, sessionId: Uint8Array.from(sessionId), serverKey };
}

/** The answer to our handshake has no bytes, or is a bare error. */
async function demandEmpty(body: ResponseBody): Promise<void> {
  const block = await body.block();
  if (equalBytes(block, EMPTY_BYTES)) return;
  refuseIfBare(block);
  throw wrong('the handshake was answered with something else than nothing');
}

/** Throws `XftpRefusedError` for an error outside a transmission. */
function refuseIfBare(block: Uint8Array): void {
  const bare = readBareError(block);
  if (bare === 'HANDSHAKE' || bare === 'SESSION') throw new XftpRefusedError({ type: bare });
}

function wrong(message: string): XftpClientError {
  return new XftpClientError('HANDSHAKE', message);
}
