/** What a finished TLS handshake says of a connection (SMP §2.3, §2.5); read once, right after the handshake. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ConnectionFacts } from '@polyplex/protocol-common';

const NO_CERTIFICATES: readonly Uint8Array[] = [];
/** One more than any chain that is accepted; the rest is not worth reading. */
const MAX_CHAIN = 5;

export interface OwnFacts {
  readonly ownChain: readonly Uint8Array[];
  readonly addressKey: string;
}

/** Of a server's socket; null when the handshake has left no Finished message, as after an early close. */
export function serverFacts(socket: TLSSocket, own: OwnFacts): ConnectionFacts | null {
  return facts(socket, socket.getPeerFinished(), own);
}

/** Of a client's socket; null as for `serverFacts`. */
export function clientFacts(socket: TLSSocket, own: OwnFacts): ConnectionFacts | null {
  return facts(socket, socket.getFinished(), own);
}

function facts(socket: TLSSocket, finished: Buffer | undefined, own: OwnFacts): ConnectionFacts | null {
  if (finished === undefined || finished === null) return null;
  const alpn = typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null;
  return { sessionId: new Uint8Array(finished), alpn, peerChain: peerChainOf(socket), ...own };
}

/**
 * All certificates in the order they were sent. Only the first call finds more than the leaf (Node hands the others
 * over), and unlike `getPeerCertificate` it shows those that do not follow from each other.
 */
function peerChainOf(socket: TLSSocket): readonly Uint8Array[] {
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined) return NO_CERTIFICATES;
  const chain: Uint8Array[] = [];
  for (; certificate !== undefined && chain.length < MAX_CHAIN; certificate = certificate.issuerCertificate) {
    chain.push(new Uint8Array(certificate.raw));
  }
  return chain;
}
