/**
 * Credentials by the certificate chain that a connection was made with: after a reload, connections whose handshake
 * began under the old certificate still get a hello signed by the key that belongs to it.
 */
import type { ConnectionFacts } from '@polyplex/protocol-common';
import type { Credentials } from '@polyplex/transport-tls';
import { NodeError } from './node-error.ts';

export class Keyring {
  /** The listener hands out the very chain it was given. */
  readonly #byChain = new WeakMap<readonly Uint8Array[], Credentials>();

  add(credentials: Credentials): void {
    this.#byChain.set(credentials.chain, credentials);
  }

  of({ ownChain }: Pick<ConnectionFacts, 'ownChain'>): Credentials {
    const credentials = this.#byChain.get(ownChain);
    if (credentials === undefined) throw new NodeError('IDENTITY', 'a connection has a certificate that this node never had');
    return credentials;
  }
}
