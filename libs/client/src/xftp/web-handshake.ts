/**
 * The handshake of browsers (XFTP §2.4). Their TLS is vouched for by the web certificate, and they are told nothing of it:
 * so the server proves in its hello, with the key of the leaf certificate, that it is the one of the address, freshly, by
 * signing a challenge together with the session. The chain must lead from that leaf to the identity that is expected; the
 * identity certificate alone is public and proves nothing.
 */
import { leafPublicKey, randomBytes, validateChain, verify } from '@polyplex/crypto';
import { handshakeBlock } from '@polyplex/protocol-common';
import { CHALLENGE_BYTES, clientHello, proofContent, type XftpServerHello } from '@polyplex/protocol-xftp';
import type { HttpClientConnection } from '@polyplex/transport-http2';
import { XftpClientError } from './xftp-error.ts';
import { checkedAgreement, twoRequests, type XftpHandshakeOptions } from './xftp-handshake.ts';
import type { XftpAgreement } from './xftp-session.ts';

const HELLO_HEADERS = { 'xftp-web-hello': '1' };
const HANDSHAKE_HEADERS = { 'xftp-handshake': '1' };

/** Rejects with `XftpClientError` or `XftpRefusedError`. */
export function shakeHandsAsBrowser(connection: HttpClientConnection, options: XftpHandshakeOptions): Promise<XftpAgreement> {
  const challenge = randomBytes(CHALLENGE_BYTES);
  return twoRequests(connection, options, {
    hello: [handshakeBlock(clientHello, { challenge })],
    helloHeaders: HELLO_HEADERS,
    handshakeHeaders: HANDSHAKE_HEADERS,
    check: (hello) => provenAgreement(hello, challenge, options),
  });
}

function provenAgreement(hello: XftpServerHello, challenge: Uint8Array, options: XftpHandshakeOptions): XftpAgreement {
  const { key: { chain }, sessionId, proof } = hello;
  const agreement = checkedAgreement(hello, chain, options);
  const rules = { expectedFingerprint: options.keyHash, now: options.clock.now() };
  if (validateChain(chain, rules) !== 'ok') throw new XftpClientError('IDENTITY', 'the certificates of the server do not hold');
  const leaf = leafPublicKey(chain);
  if (leaf === null || !verify(leaf, proofContent(challenge, sessionId), proof)) {
    throw new XftpClientError('IDENTITY', 'the server did not prove that it is the one of the address');
  }
  return agreement;
}
