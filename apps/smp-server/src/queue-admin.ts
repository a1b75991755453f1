/**
 * An operator's steps on queues (SMP §8.5, §9.5), by sender id or else link id. A step whose queue changed meanwhile
 * is repeated on the changed queue.
 */
import { fromBase64Url, ID_LENGTH, SECOND } from '@polyplex/base';
import type { BlockOrder, QueueAdmin, QueueFacts, QueueRefusal } from '@polyplex/nest';
import { type Party, type QueueRecord, type QueueStore, resultOf, type Stale } from '@polyplex/store-contract';

const MODES = { M: 'messaging', C: 'contact' } as const;

/** A queue that keeps changing under us is somebody else's race; this many are enough. */
const MAX_ATTEMPTS = 5;

export function queueAdmin(store: QueueStore): QueueAdmin {
  return {
    status: async (text) => {
      const queue = await find(store, text);
      return typeof queue === 'string' ? queue : factsOf(queue, await store.size(queue));
    },
    block: async (text, order) => statusOf(await step(store, text, (queue) => store.block(queue, infoOf(order)))),
    unblock: async (text) => statusOf(await step(store, text, (queue) => store.unblock(queue))),
    delete: async (text) => {
      const deleted = await step(store, text, (queue) => store.delete(queue, null));
      return typeof deleted === 'string' ? deleted : { messages: deleted.messages };
    },
  };
}

function infoOf({ reason, noticeSeconds }: BlockOrder) {
  return { reason, notice: noticeSeconds === null ? null : { ttl: noticeSeconds } };
}

function statusOf(answer: { readonly status: 'ok' | 'refused' } | QueueRefusal): 'ok' | QueueRefusal {
  return typeof answer === 'string' ? answer : answer.status;
}

async function find(store: QueueStore, text: string): Promise<QueueRecord | 'malformed' | 'missing'> {
  const id = fromBase64Url(text);
  if (id?.length !== ID_LENGTH) return 'malformed';
  return (await findBy(store, 'sender', id)) ?? (await findBy(store, 'link', id)) ?? 'missing';
}

async function findBy(store: QueueStore, party: Party, id: Uint8Array): Promise<QueueRecord | null> {
  const [found] = await store.find(party, [id]);
  return resultOf(found ?? null);
}

async function step<T extends { readonly status: string }>(
  store: QueueStore, text: string, take: (queue: QueueRecord) => Promise<T | Stale>,
): Promise<Exclude<T, Stale> | 'malformed' | 'missing'> {
  let queue: QueueRecord | 'malformed' | 'missing' | null = await find(store, text);
  for (let i = 0; i < MAX_ATTEMPTS && queue !== null && typeof queue !== 'string'; i++) {
    const answer: T | Stale = await take(queue);
    if (answer.status !== 'stale') return answer as Exclude<T, Stale>;
    queue = (answer as Stale).queue;
  }
  return typeof queue === 'string' ? queue : 'missing';
}

function factsOf({ status, mode, usedDay }: QueueRecord, messages: number): QueueFacts {
  return {
    status: status.state === 'blocked' ? `blocked (${status.info.reason})` : status.state,
    mode: mode === null ? 'unknown' : MODES[mode],
    usedDay: new Date(usedDay * SECOND).toISOString().slice(0, 10),
    messages,
  };
}
