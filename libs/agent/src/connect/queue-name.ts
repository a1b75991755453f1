/** Queues as the other side names them (agent §7.4): hosts in order, port and id; the key hash does not count. */
import { equalBytes } from '@polyplex/base';
import type { ServerAddress } from '@polyplex/protocol-common';

export interface QueueName {
  readonly server: ServerAddress;
  readonly senderId: Uint8Array;
}

export function isNamed(queue: QueueName, { server, senderId }: QueueName): boolean {
  return equalBytes(queue.senderId, senderId) && queue.server.port === server.port && queue.server.hosts.join() === server.hosts.join();
}
