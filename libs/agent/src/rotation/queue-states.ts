/** The queues of a connection as an application sees them: which relays it depends on. */
import type { ServerAddress } from '@polyplex/protocol-common';
import type { Reading } from '../records/typed-records.ts';

export interface QueueState {
  readonly direction: 'receiving' | 'sending';
  readonly server: ServerAddress;
  /** Messages go by it. */
  readonly isActive: boolean;
}

export function queuesOf(records: Reading, connectionId: string): QueueState[] {
  return [
    ...records.receivingOf(connectionId).map(({ server, status }) => ({ direction: 'receiving' as const, server, isActive: status === 'active' })),
    ...records.sendingOf(connectionId).map(({ server, status, isPrimary }) => ({ direction: 'sending' as const, server, isActive: status === 'active' || isPrimary })),
  ];
}
