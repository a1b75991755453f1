/**
 * An operator's steps on queues (SMP §8.5, §9.5), by sender id or else link id. A step whose queue changed meanwhile
 * is repeated on the changed queue.
 */
import { fromBase64Url, ID_LENGTH, SECOND } from '@polyplex/base';
import type { BlockOrder, QueueAdmin, QueueFacts, QueueRefusal } from '@polyplex/nest';
import { type Changed, type Party, type QueueRecord, type QueueStore, type Refused, resultOf, type Stale } from '@polyplex/store-contract';
import type { BlockQuota } from './block-quota.ts';

const MODES = { M: 'messaging', C: 'contact' } as const;

/** A queue that keeps changing under us is somebody else's race; this many are enough. */
const MAX_ATTEMPTS = 5;

export function queueAdmin(store: QueueStore, quota: BlockQuota): QueueAdmin {
  return {
    status: async (text) => {
      const queue = await find(store, text);
      return typeof queue === 'string' ? queue : factsOf(queue, await store.size(queue));
    },
    block: (text, order) => block(store, quota, { text, order }),
    unblock: async (text) => statusOf(await step(store, text, (queue) => store.unblock(queue))),
    delete: async (text) => {
      const deleted = await step(store, text, (queue) => store.delete(queue, null));
      return typeof deleted === 'string' ? deleted : { messages: deleted.messages };
    },
  };
}

/** What is blocked already takes nothing of the quota, since nothing more is. */
async function block(store: QueueStore, quota: BlockQuota, { text, order }: { readonly text: string; readonly order: BlockOrder }): ReturnType<QueueAdmin['block']> {
  let taken = false;
  let already = false;
  const answer = await step<Changed | Refused | { readonly status: 'quota' }>(store, text, async (queue) => {
    already = queue.status.state === 'blocked';
    if (!already && !taken && !(taken = quota.take())) return { status: 'quota' };
    return store.block(queue, infoOf(order));
  }).catch((error: unknown) => {
    if (taken) quota.giveBack();
    throw error;
  });
  const isNew = typeof answer !== 'string' && answer.status === 'ok' && !already;
  if (taken && !isNew) quota.giveBack();
  if (typeof answer === 'string') return answer;
  return answer.status === 'ok' && already ? 'already' : answer.status;
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
