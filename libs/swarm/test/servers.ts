/** A relay and a file server as operators run them, on the embedded stores. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerNode, startFileServerNode, startRelayNode } from '@polyplex/local-cluster';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';

export interface Servers {
  /** With the password, at the loopback address. */
  readonly relay: AddressText;
  readonly files: AddressText;
  stop(): Promise<void>;
}

function addressOf({ address, port }: ServerNode): AddressText {
  return { ...parseAddress(address)!, hosts: ['127.0.0.1'], port: String(port) };
}

/** The relay may be its own proxy. */
export async function startServers(): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-swarm-'));
  const settings = ['proxy.allowPrivateAddresses=on', 'proxy.allowedPorts='];
  const relay = await startRelayNode({ folder: join(folder, 'relay'), settings });
  const files = await startFileServerNode({ folder: join(folder, 'files') });
  return {
    relay: addressOf(relay),
    files: addressOf(files),
    async stop() {
      await Promise.all([relay.stop(), files.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
