/**
 * The server's side of the handshake (NTF §1.3). All failures close without a word. Without ALPN the offer is version 1,
 * which has no session key.
 */
import { equalBytes } from '@polyplex/base';
import { encodeSignedKey, fingerprintOf, generateKeyPair } from '@polyplex/crypto';
import { openHandshakeBlock, versionIn } from '@polyplex/protocol-common';
import { BATCHING_VERSION, ntfBatching, ntfBlocks, ntfClientHello, ntfHandshakeBlock, ntfServerHello } from '@polyplex/protocol-ntf';
import type { ServerHandshake } from '@polyplex/server-core';

export const ntfHandshake: ServerHandshake = {
  offer({ sessionId }, { privateKey }, versions) {
    const sessionKeys = generateKeyPair('x25519');
    const signedKey = versions.max < BATCHING_VERSION ? null : encodeSignedKey(sessionKeys.publicKey, privateKey);
    return { versions, sessionKeys, hello: ntfHandshakeBlock(ntfServerHello, { versions, sessionId, signedKey }) };
  },

  accept(block, { ownChain }, { versions }) {
    const hello = openHandshakeBlock(ntfClientHello, block);
    if (hello === null) return 'PARSE';
    const fingerprint = fingerprintOf(ownChain);
    if (fingerprint === null || !equalBytes(hello.keyHash, fingerprint)) return 'IDENTITY';
    const { version } = hello;
    if (!versionIn(versions, version)) return 'VERSION';
    return {
      hello: { ...hello, key: null, proxyServer: false, service: null },
      secret: null,
      cipher: ntfBlocks(version),
      batching: ntfBatching(version),
    };
  },
};
