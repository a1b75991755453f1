/**
 * Sender, notifier and link ids as references to their queue, in slots of their own. One is made before the queue has the
 * id and freed after it has it no more: a reference whose queue does not know it names nothing, and is swept.
 */
import { equalBytes } from '@polyplex/base';
import { isId } from '@polyplex/store-common';
import type { Party, QueueRecord } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';
import { given } from './records.ts';
import { bytesOf } from './redis-reply.ts';

type ReferenceParty = Exclude<Party, 'recipient'>;
export type Reference = readonly [party: ReferenceParty, id: Uint8Array];

/** What the id names for this queue from now on: `new`, `own` when it did before; `taken` by another queue. */
export async function refer(engine: Engine, [party, id]: Reference, recipientId: Uint8Array): Promise<'new' | 'own' | 'taken'> {
  if (!isId(id)) return 'taken';
  const holder = bytesOf(await engine.redis.run('refer', [engine.keys.reference(party, id)], [given(recipientId)]));
  if (holder === null) return 'new';
  return equalBytes(holder, recipientId) ? 'own' : 'taken';
}

/** Frees ids of a queue; those that stay behind are swept. */
export async function unrefer(engine: Engine, references: readonly Reference[], recipientId: Uint8Array): Promise<void> {
  const freed = references.map(([party, id]) => engine.redis.run('free', [engine.keys.reference(party, id)], [given(recipientId)]));
  await Promise.allSettled(freed);
}

export function referencesOf({ senderId, notifier, linkId }: QueueRecord): Reference[] {
  return [
    ['sender', senderId],
    ...(notifier === null ? [] : [['notifier', notifier.notifierId] as const]),
    ...(linkId === null ? [] : [['link', linkId] as const]),
  ];
}

/** Whether the queue knows this id as its own. */
export function knows(record: QueueRecord, [party, id]: Reference): boolean {
  return referencesOf(record).some(([ofParty, ofId]) => ofParty === party && equalBytes(ofId, id));
}

/** The recipient id of the queue that this id names, as far as the reference tells. */
export async function lookUp(engine: Engine, [party, id]: Reference): Promise<Uint8Array | null> {
  const key = engine.keys.reference(party, id);
  return bytesOf(await engine.redis.read(key, ['GET', key]));
}
