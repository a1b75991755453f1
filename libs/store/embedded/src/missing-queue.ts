/**
 * A lookup that finds nothing takes the time of one that finds a queue: otherwise the few microseconds of reading a
 * record would tell, over many tries, which ids exist (SMP §8.1). The record read in its place is of the usual kind.
 */
import { randomBytes } from '@polyplex/crypto';
import { decodeValue, encodeValue } from '@polyplex/store-common';
import { type Engine, credentialsOf, findQueue, recordOf } from './engine.ts';
import { id as idFormat, queueRow } from './value-formats.ts';

const ed25519Key = { kind: 'ed25519', raw: randomBytes(32) } as const;

const usualRow = encodeValue(queueRow, {
  revision: 1,
  usedDay: 0,
  head: 0,
  next: 0,
  headTs: 0,
  closed: false,
  lastId: randomBytes(24),
  notified: 0,
  credentials: credentialsOf({
    recipientKeys: [ed25519Key],
    dhSecret: randomBytes(32),
    senderId: randomBytes(24),
    senderKey: ed25519Key,
    mode: 'M',
    linkId: null,
    notifier: null,
    status: { state: 'active' },
    serviceId: null,
  }),
});

const usualId = encodeValue(idFormat, randomBytes(24));

/** `lookups`: how many tables a found queue would have been looked up in. */
export function missQueue(engine: Engine, id: Uint8Array, lookups: 1 | 2): null {
  if (lookups === 2) {
    decodeValue(idFormat, usualId.slice());
    findQueue(engine, id);
  }
  recordOf(Uint8Array.from(id), decodeValue(queueRow, usualRow.slice()));
  return null;
}
