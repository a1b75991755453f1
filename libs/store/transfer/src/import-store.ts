/** From a transfer file to a store. What is there already is passed over, so an interrupted import is run again. */
import type { Message, Notification, ServiceRecord, StoredQueue, Transfer, Written } from '@polyplex/store-contract';
import { type Header, NOTHING, type QueueFacts, type RecordFrame, type Totals } from './formats.ts';
import { InFlight } from './in-flight.ts';
import type { TransferPart } from './read-transfer.ts';

export interface ImportOptions {
  /** Ends the import behind the steps under way. */
  readonly signal: AbortSignal;
  readonly begun: (header: Header) => void;
  /** Called after each block with what the file had so far. */
  readonly progress: (totals: Totals) => void;
}

/** How many queues and services. */
export interface Tally {
  readonly services: number;
  readonly queues: number;
}

export interface Imported {
  /** Null where the import was interrupted. */
  readonly end: { readonly totals: Totals; readonly checksum: Uint8Array } | null;
  /** New in the store, with the messages and notifications that came along. */
  readonly written: Totals;
  readonly present: Tally;
  readonly collisions: Tally;
}

type Writing = Pick<Transfer, 'writeQueue' | 'writeService'>;

/** Rejects with what the store or the file fails with; what was written by then stays. */
export async function importStore(store: Writing, parts: AsyncIterable<TransferPart>, options: ImportOptions): Promise<Imported> {
  const importer = new Importer(store);
  let end: Imported['end'] = null;
  try {
    for await (const part of parts) {
      if (part.type === 'header') options.begun(part.header);
      if (part.type === 'end') end = part;
      if (part.type === 'block') {
        for (const record of part.records) await importer.take(record);
        options.progress(part.totals);
      }
      if (options.signal.aborted && end === null) break;
    }
  } catch (error) {
    // Whoever interrupts may also close what the file is read from.
    if (!options.signal.aborted) throw error;
  } finally {
    await importer.settled();
  }
  const { written, present, collision } = importer.tallies;
  return { end, written, present, collisions: collision };
}

/** Puts queues together of their records, and writes them. */
class Importer {
  readonly tallies = { written: { ...NOTHING }, present: { services: 0, queues: 0 }, collision: { services: 0, queues: 0 } };
  private readonly store: Writing;
  private readonly inFlight = new InFlight();
  private facts: QueueFacts | null = null;
  private messages: Message[] = [];
  private notifications: Notification[] = [];
  private bytes = 0;

  constructor(store: Writing) {
    this.store = store;
  }

  async take(record: RecordFrame): Promise<void> {
    if (record.type === 'S') return this.writeService(record.service);
    this.keep(record);
    const { facts, messages, notifications, bytes } = this;
    if (facts === null || messages.length < facts.messages || notifications.length < facts.notifications) return;
    this.facts = null;
    return this.writeQueue({ record: facts.record, link: facts.link, lastId: facts.lastId, messages, notifications }, bytes);
  }

  settled(): Promise<void> {
    return this.inFlight.settled();
  }

  private keep(record: Exclude<RecordFrame, { type: 'S' }>): void {
    if (record.type === 'Q') {
      this.facts = record.queue;
      this.messages = [];
      this.notifications = [];
      this.bytes = record.queue.link === null ? 0 : record.queue.link.fixedData.length + record.queue.link.userData.length;
    } else if (record.type === 'M') {
      this.messages.push(record.message);
      this.bytes += record.message.kind === 'message' ? record.message.body.length : 0;
    } else {
      this.notifications.push(record.notification);
      this.bytes += record.notification.encMeta.length;
    }
  }

  private writeService(service: ServiceRecord): Promise<void> {
    return this.inFlight.start(0, async () => {
      const { status }: Written = await this.store.writeService(service);
      this.tallies[status].services++;
    });
  }

  private writeQueue(queue: StoredQueue, bytes: number): Promise<void> {
    return this.inFlight.start(bytes, async () => {
      const { status }: Written = await this.store.writeQueue(queue);
      this.tallies[status].queues++;
      if (status !== 'written') return;
      this.tallies.written.messages += queue.messages.length;
      this.tallies.written.notifications += queue.notifications.length;
    });
  }
}
