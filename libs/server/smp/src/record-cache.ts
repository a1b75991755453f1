/**
 * Records of queues in use, so that SEND and ACK, which are most of a relay's work, need no lookup before their step.
 * A remembered record may be out of date; the step then answers `stale`, as for any record (see the store's contract).
 * What is refused by a remembered record is looked up before it is answered: a queue that exists must not be refused
 * faster than one that does not (SMP §8.1). Bounded: two generations, of which the older is dropped when the younger is full.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { SmpCommandTag } from '@polyplex/protocol-smp';
import type { QueueRecord } from '@polyplex/store-contract';

/** Some 4 MB of records in the younger generation, and as many in the older. */
const GENERATION = 4096;

/** Commands whose steps check the revision, and that are sent again and again to one queue. */
const REMEMBERED = { SEND: 'sender', ACK: 'recipient' } as const satisfies { [T in SmpCommandTag]?: string };
type RememberedTag = keyof typeof REMEMBERED;
type RememberedParty = (typeof REMEMBERED)[RememberedTag];

function isRemembered(tag: SmpCommandTag): tag is RememberedTag {
  return tag in REMEMBERED;
}

class Generations {
  private young = new Map<IdKey, QueueRecord>();
  private old = new Map<IdKey, QueueRecord>();

  get(key: IdKey): QueueRecord | null {
    return this.young.get(key) ?? this.old.get(key) ?? null;
  }

  put(key: IdKey, record: QueueRecord): void {
    if (this.young.get(key) === record) return;
    if (this.young.size >= GENERATION) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, record);
  }

  delete(key: IdKey): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }
}

export class RecordCache {
  private readonly parties: Readonly<Record<RememberedParty, Generations>> = { sender: new Generations(), recipient: new Generations() };

  /** The record as it was when last used for this kind of command; null when there is none. */
  recall(tag: SmpCommandTag, entity: IdKey): QueueRecord | null {
    return isRemembered(tag) ? this.parties[REMEMBERED[tag]].get(entity) : null;
  }

  /** Keeps a record by which a command was authorised. */
  remember(tag: SmpCommandTag, entity: IdKey, record: QueueRecord): void {
    if (isRemembered(tag)) this.parties[REMEMBERED[tag]].put(entity, record);
  }

  forget(tag: SmpCommandTag, entity: IdKey): void {
    if (isRemembered(tag)) this.parties[REMEMBERED[tag]].delete(entity);
  }

  /** The queue is deleted: its records, of a kilobyte, would stay until their generation goes. */
  forgetQueue({ senderId, recipientId }: QueueRecord): void {
    this.forget('SEND', idKey(senderId));
    this.forget('ACK', idKey(recipientId));
  }

  get size(): number {
    return this.parties.sender.size + this.parties.recipient.size;
  }
}
