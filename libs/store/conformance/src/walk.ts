/** All that a store keeps, as a walk reads it. */
import { toBase64Url } from '@polyplex/base';
import { type Item, resultOf, type ServiceRecord, type StoreCounts, type StoredQueue, type Transfer } from '@polyplex/store-contract';

export interface Everything {
  /** By recipient id. */
  readonly queues: readonly StoredQueue[];
  /** By fingerprint. */
  readonly services: readonly ServiceRecord[];
}

type Page<T> = readonly [items: readonly Item<T>[], cursor: string | null];

/** Follows the cursors; an engine may give an item twice, and then the last one counts. */
async function walked<T>(
  read: (cursor: string | null) => Promise<Page<T>>, idOf: (item: T) => Uint8Array, from: string | null = null,
): Promise<T[]> {
  const found = new Map<string, T>();
  let cursor = from;
  do {
    const [items, next]: Page<T> = await read(cursor);
    for (const item of items.map((each) => resultOf(each))) found.set(toBase64Url(idOf(item)), item);
    cursor = next;
  } while (cursor !== null);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** `between` is done after each page but the last; `from`: where to begin. */
export function allQueues(
  store: Transfer, limit: number, between: () => unknown = () => undefined, from: string | null = null,
): Promise<StoredQueue[]> {
  return walked(async (cursor) => {
    const page = await store.readQueues(cursor, limit);
    if (page.cursor !== null) await between();
    return [page.queues, page.cursor];
  }, ({ record }) => record.recipientId, from);
}

function allServices(store: Transfer, limit: number): Promise<ServiceRecord[]> {
  return walked(async (cursor) => {
    const page = await store.readServices(cursor, limit);
    return [page.services, page.cursor];
  }, ({ fingerprint }) => fingerprint);
}

export async function everything(store: Transfer, limit = 100): Promise<Everything> {
  return { queues: await allQueues(store, limit), services: await allServices(store, limit) };
}

/** Writes all of it at once; answers the statuses, of services first. */
export async function written(store: Transfer, { queues, services }: Everything): Promise<string[]> {
  const answers = await Promise.all([
    ...services.map((service) => store.writeService(service)), ...queues.map((queue) => store.writeQueue(queue)),
  ]);
  return answers.map(({ status }) => status);
}

/** What the store that holds this is to count. */
export function countsOf({ queues, services }: Everything): StoreCounts {
  const sum = (of: (queue: StoredQueue) => number): number => queues.reduce((total, queue) => total + of(queue), 0);
  const inRole = (role: string): number => services.filter((service) => service.role === role).length;
  return {
    queues: queues.length,
    securedQueues: sum(({ record }) => Number(record.senderKey !== null)),
    messages: sum(({ messages }) => messages.length),
    notifiers: sum(({ record }) => Number(record.notifier !== null)),
    notifications: sum(({ notifications }) => notifications.length),
    recipientServices: inRole('M'),
    recipientServiceQueues: sum(({ record }) => Number(record.serviceId !== null)),
    notifierServices: inRole('N'),
    notifierServiceQueues: sum(({ record }) => Number((record.notifier?.serviceId ?? null) !== null)),
    proxyServices: inRole('P'),
  };
}
