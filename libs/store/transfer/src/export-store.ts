/** From a store to a transfer file. A page is written as a whole or not at all, so that an interrupted export can go on. */
import { isWholeQueue, storeError } from '@polyplex/store-common';
import { type Item, type ServiceRecord, type StoredQueue, StoreError, type Transfer } from '@polyplex/store-contract';
import type { Position } from './formats.ts';
import type { TransferWriter } from './transfer-writer.ts';

const ITEMS_PER_PAGE = 200;

export interface ExportOptions {
  readonly from: Position;
  /** Leaves out what cannot be read; otherwise that is where the export ends. */
  readonly skipDamaged: boolean;
  /** Ends the export behind the page under way. */
  readonly signal: AbortSignal;
  /** Called after each page. */
  readonly progress: () => void;
}

export interface Exported {
  /** Null where the export was interrupted; it can go on from the last checkpoint. */
  readonly checksum: Uint8Array | null;
  /** How many queues and services were left out. */
  readonly damaged: number;
}

type Reading = Pick<Transfer, 'readQueues' | 'readServices'>;

interface Page {
  readonly services: readonly ServiceRecord[];
  readonly queues: readonly StoredQueue[];
  readonly damaged: number;
  /** Null: that was all. */
  readonly next: Position | null;
}

/** Rejects with what the store rejects with; the file then ends with a checkpoint to go on from. */
export async function exportStore(store: Reading, writer: TransferWriter, options: ExportOptions): Promise<Exported> {
  let damaged = 0;
  for (let position: Position | null = options.from; position !== null;) {
    if (options.signal.aborted) {
      await writer.checkpoint(position);
      return { checksum: null, damaged };
    }
    const page = await readPage(store, writer, position, options.skipDamaged);
    for (const service of page.services) await writer.service(service);
    for (const queue of page.queues) await writer.queue(queue);
    damaged += page.damaged;
    position = page.next;
    if (position !== null && writer.pointIsDue) await writer.checkpoint(position);
    options.progress();
  }
  return { checksum: await writer.end(), damaged };
}

async function readPage(store: Reading, writer: TransferWriter, position: Position, skipDamaged: boolean): Promise<Page> {
  try {
    const { of, cursor } = position;
    if (of === 'services') {
      const page = await store.readServices(cursor, ITEMS_PER_PAGE);
      const services = readable(page.services, skipDamaged);
      // Queues follow when there are no more services.
      const next: Position = page.cursor === null ? { of: 'queues', cursor: null } : { of, cursor: page.cursor };
      return { services, queues: [], damaged: page.services.length - services.length, next };
    }
    const page = await store.readQueues(cursor, ITEMS_PER_PAGE);
    const queues = readable(page.queues.map(wholeOrDamaged), skipDamaged);
    return { services: [], queues, damaged: page.queues.length - queues.length, next: page.cursor === null ? null : { of, cursor: page.cursor } };
  } catch (error) {
    await writer.checkpoint(position);
    throw error;
  }
}

/** What no store would take is not worth keeping. */
function wholeOrDamaged(item: Item<StoredQueue>): Item<StoredQueue> {
  return item instanceof StoreError || isWholeQueue(item) ? item : storeError('DAMAGED');
}

function readable<T>(items: readonly Item<T>[], skipDamaged: boolean): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (!(item instanceof StoreError)) found.push(item);
    else if (item.code !== 'DAMAGED' || !skipDamaged) throw item;
  }
  return found;
}
