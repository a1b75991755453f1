/** What the events of a queue log come to, taken in their order (SMP §9.4, §5.2). */
import { equalBytes } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import type { ServiceRecord } from '@polyplex/store-contract';
import { harmless, losing, type RecordFault } from '../text-log/bad-line.ts';
import { Blocks } from '../text-log/blocks.ts';
import { IdIndex } from '../text-log/id-index.ts';
import type { QueueLineFault } from './line-fault.ts';
import type { LogRecord } from './log-record.ts';
import { type IdParty, idPlace, idsOf, type LinePlace, type LoggedQueue, QueueBlocks } from './queue-blocks.ts';

type Fault = RecordFault<QueueLineFault>;
type Of<Word extends LogRecord['word']> = Extract<LogRecord, { word: Word }>;

/** What changes the record of a queue that is there. */
type Event = Exclude<LogRecord, Of<'CREATE' | 'NEW_SERVICE' | 'TIME' | 'DELETE'>>;

/** What of a queue an event changes. */
type Change = Partial<Pick<LoggedQueue, 'link'>> & { readonly record: Partial<LoggedQueue['record']> };

export class QueueFold {
  readonly stored: QueueBlocks;
  private readonly blocks = new Blocks();
  private readonly indexes: Readonly<Record<IdParty, IdIndex>>;
  private readonly services = new Map<string, ServiceRecord>();

  constructor() {
    this.stored = new QueueBlocks(this.blocks);
    const index = (party: IdParty): IdIndex => new IdIndex(this.blocks, idPlace(party));
    this.indexes = { recipient: index('recipient'), sender: index('sender'), notifier: index('notifier'), link: index('link') };
  }

  get queueCount(): number {
    return this.indexes.recipient.size;
  }

  get notifierCount(): number {
    return this.indexes.notifier.size;
  }

  get linkCount(): number {
    return this.indexes.link.size;
  }

  /** Bytes of memory for all queues. */
  get bytes(): number {
    return Object.values(this.indexes).reduce((sum, { bytes }) => sum + bytes, this.blocks.bytes);
  }

  allServices(): readonly ServiceRecord[] {
    return [...this.services.values()];
  }

  /** Address of the queue with this id; 0 for none. */
  find(party: IdParty, id: Uint8Array): number {
    return this.indexes[party].find(id);
  }

  /** All addresses, in the order of the lines that made the queues. */
  addresses(): Uint32Array {
    return Uint32Array.from(this.indexes.recipient.addresses()).sort((a, b) => this.stored.line(a) - this.stored.line(b));
  }

  take(record: LogRecord, line: number, place: LinePlace): Fault {
    if (record.word === 'CREATE') return this.create(record, line, place);
    if (record.word === 'NEW_SERVICE') return this.addService(record);
    const address = this.indexes.recipient.find(record.recipientId);
    // A deleted queue needs no event that comes late.
    if (address === 0) return harmless('NO_QUEUE');
    if (record.word === 'TIME') {
      this.stored.setDays(address, record.days);
      return null;
    }
    if (record.word === 'DELETE') return this.remove(address);
    return this.change(address, record, place);
  }

  private create({ queue }: Of<'CREATE'>, line: number, place: LinePlace): Fault {
    const { record, unknown } = this.withKnownServices(queue.record);
    if (this.find('recipient', record.recipientId) !== 0) return losing('REPEATED');
    if (this.isTaken(record, 0)) return losing('TAKEN');
    this.index(this.stored.add({ ...queue, record, line, link: record.linkId === null ? null : place }), record);
    return unknown ? harmless('NO_SERVICE') : null;
  }

  private addService({ service }: Of<'NEW_SERVICE'>): Fault {
    const taken = this.serviceOf(service.serviceId) !== null || this.allServices().some(({ fingerprint }) => equalBytes(fingerprint, service.fingerprint));
    if (taken) return losing('REPEATED');
    this.services.set(keyOf(service.serviceId), service);
    return null;
  }

  private remove(address: number): Fault {
    this.unindex(this.stored.read(address).record);
    this.stored.free(address);
    return null;
  }

  private change(address: number, record: Event, place: LinePlace): Fault {
    const queue = this.stored.read(address);
    const change = this.changeBy(record, queue, place);
    if ('fault' in change) return change;
    const after = { ...queue, ...change, record: { ...queue.record, ...change.record } };
    if (this.isTaken(after.record, address)) return losing('TAKEN');
    this.unindex(queue.record);
    this.stored.free(address);
    this.index(this.stored.add(after), after.record);
    return null;
  }

  private changeBy(record: Event, queue: LoggedQueue, place: LinePlace): Change | NonNullable<Fault> {
    const { senderKey, linkId } = queue.record;
    switch (record.word) {
      case 'LINK':
        if (linkId !== null && !equalBytes(linkId, record.linkId)) return { fault: 'OTHER_LINK', loses: true };
        return { link: place, record: { linkId: record.linkId } };
      case 'LDELETE': return { link: null, record: { linkId: null } };
      case 'SECURE':
        if (senderKey !== null && !publicKeysEqual(senderKey, record.senderKey)) return { fault: 'SECURED', loses: true };
        return { record: { senderKey: record.senderKey } };
      case 'KEYS': return { record: { recipientKeys: record.keys } };
      case 'NOTIFIER': return { record: { notifier: { ...record.notifier, serviceId: this.knownService(record.notifier.serviceId) } } };
      case 'NDELETE': return { record: { notifier: null } };
      case 'SUSPEND': return { record: { status: { state: 'off' } } };
      case 'BLOCK': return { record: { status: { state: 'blocked', info: record.info } } };
      case 'UNBLOCK': return { record: { status: { state: 'active' } } };
      case 'QUEUE_SERVICE': return this.associate(record, queue);
    }
  }

  private associate({ party, serviceId }: Of<'QUEUE_SERVICE'>, { record: { notifier } }: LoggedQueue): Change | NonNullable<Fault> {
    if (serviceId !== null && this.serviceOf(serviceId) === null) return { fault: 'NO_SERVICE', loses: false };
    if (party === 'R') return { record: { serviceId } };
    return notifier === null ? { fault: 'NO_NOTIFIER', loses: false } : { record: { notifier: { ...notifier, serviceId } } };
  }

  private withKnownServices(given: LoggedQueue['record']): { readonly record: LoggedQueue['record']; readonly unknown: boolean } {
    const record = { ...given, serviceId: this.knownService(given.serviceId), notifier: given.notifier && { ...given.notifier, serviceId: this.knownService(given.notifier.serviceId) } };
    return { record, unknown: record.serviceId !== given.serviceId || record.notifier?.serviceId !== given.notifier?.serviceId };
  }

  private knownService(serviceId: Uint8Array | null): Uint8Array | null {
    return serviceId !== null && this.serviceOf(serviceId) !== null ? serviceId : null;
  }

  private serviceOf(serviceId: Uint8Array): ServiceRecord | null {
    return this.services.get(keyOf(serviceId)) ?? null;
  }

  /** Whether an id is that of another queue than the one at `address`. */
  private isTaken(record: LoggedQueue['record'], address: number): boolean {
    return parties(record).some(([party, id]) => ![0, address].includes(this.indexes[party].find(id)));
  }

  private index(address: number, record: LoggedQueue['record']): void {
    for (const [party] of parties(record)) this.indexes[party].add(address);
  }

  private unindex(record: LoggedQueue['record']): void {
    for (const [party, id] of parties(record)) this.indexes[party].remove(id);
  }
}

function parties(record: LoggedQueue['record']): (readonly [IdParty, Uint8Array])[] {
  return Object.entries(idsOf(record)).flatMap(([party, id]) => (id === null ? [] : [[party as IdParty, id] as const]));
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}
