/**
 * The records of a TLS 1.3 connection after its handshake (RFC 8446 §5, §4.6.3, §6): content in, records out, and back.
 * A peer that breaks the protocol is cut off: `receive` answers false, and nothing more is to be read from it.
 */
import { CHACHA_TAG_BYTES } from '@polyplex/crypto';
import { RECORD_HEADER_BYTES, RecordSplitter } from './record-splitter.ts';
import { TrafficKeys } from './traffic-keys.ts';

const TYPE = { alert: 21, handshake: 22, data: 23 } as const;
const MAX_CONTENT_BYTES = 16_384;
/** By how much a record is longer than its content: header, type, tag. */
const OVERHEAD_BYTES = RECORD_HEADER_BYTES + 1 + CHACHA_TAG_BYTES;
const ALERT = { closeNotify: 0, userCanceled: 90 } as const;
const WARNING = 1;
const KEY_UPDATE = 24;
/** Records without content, key updates among them, that a peer may send before content comes: they cost it less than us. */
const MAX_EMPTY_RECORDS = 32;
/** 4 MiB of memory of records that were sent, used again: as `BlockPool` has it. */
const MAX_KEPT = 256;
const BLOCK_RECORD_BYTES = MAX_CONTENT_BYTES + OVERHEAD_BYTES;

const kept: Uint8Array[] = [];

/** What a handshake leaves behind; 32 bytes each. */
export interface TrafficSecrets {
  readonly receive: Uint8Array;
  readonly send: Uint8Array;
}

export interface RecordHandlers {
  /** Content, which the receiver owns. */
  data(content: Uint8Array): void;
  /** The peer has said that it will send no more. */
  ended(): void;
}

export class RecordLayer {
  readonly #receive: TrafficKeys;
  readonly #send: TrafficKeys;
  readonly #splitter = new RecordSplitter();
  #empty = 0;
  /** The peer has asked for new keys, which come before our next record of data (RFC 8446 §4.6.3). */
  #updateAsked = false;
  #ended = false;

  constructor({ receive, send }: TrafficSecrets) {
    this.#receive = new TrafficKeys(receive);
    this.#send = new TrafficKeys(send);
  }

  /** The content as records, each with its memory to be given back by `giveRecord` when it is sent. */
  seal(content: Uint8Array): Uint8Array[] {
    const records = this.#updateAsked ? [this.#newKeys()] : [];
    for (let at = 0; at < content.length; at += MAX_CONTENT_BYTES) records.push(this.#record(TYPE.data, content.subarray(at, at + MAX_CONTENT_BYTES)));
    return records;
  }

  /** The last record of a connection in order. */
  close(): Uint8Array {
    return this.#record(TYPE.alert, Uint8Array.of(WARNING, ALERT.closeNotify));
  }

  /** Takes ownership of `chunk`. False: the connection is broken. */
  receive(chunk: Uint8Array, handlers: RecordHandlers): boolean {
    return this.#splitter.push(chunk, (record) => this.#open(record, handlers));
  }

  #record(type: number, content: Uint8Array): Uint8Array {
    const size = content.length + OVERHEAD_BYTES;
    const record = (size === BLOCK_RECORD_BYTES ? kept.pop() : undefined) ?? new Uint8Array(size);
    record.set(content, RECORD_HEADER_BYTES);
    record[RECORD_HEADER_BYTES + content.length] = type;
    this.#send.seal(record);
    return record;
  }

  #newKeys(): Uint8Array {
    this.#updateAsked = false;
    const record = this.#record(TYPE.handshake, Uint8Array.of(KEY_UPDATE, 0, 0, 1, 0));
    this.#send.update();
    return record;
  }

  #open(record: Uint8Array, handlers: RecordHandlers): boolean {
    if (this.#ended) return true; // after its end a peer has nothing to say
    const inner = record[0] === TYPE.data ? this.#receive.open(record) : null;
    if (inner === null) return false;
    let end = inner.length - 1;
    while (end >= 0 && inner[end] === 0) end--;
    if (end < 0 || end > MAX_CONTENT_BYTES) return false;
    const content = inner.subarray(0, end);
    switch (inner[end]) {
      case TYPE.data:
        return this.#data(content, handlers);
      case TYPE.alert:
        return this.#alert(content, handlers);
      case TYPE.handshake:
        return this.#handshake(content);
      default:
        return false;
    }
  }

  #data(content: Uint8Array, handlers: RecordHandlers): boolean {
    if (content.length === 0) return ++this.#empty <= MAX_EMPTY_RECORDS;
    this.#empty = 0;
    handlers.data(content);
    return true;
  }

  #alert(content: Uint8Array, handlers: RecordHandlers): boolean {
    if (content.length !== 2) return false;
    if (content[1] === ALERT.userCanceled) return ++this.#empty <= MAX_EMPTY_RECORDS;
    if (content[1] !== ALERT.closeNotify) return false;
    this.#ended = true;
    handlers.ended();
    return true;
  }

  /** A key update alone in its record; of a client nothing else is to come (RFC 8446 §4.6). */
  #handshake(content: Uint8Array): boolean {
    const [type, , , length, asked] = content;
    if (content.length !== 5 || type !== KEY_UPDATE || content[1] !== 0 || content[2] !== 0 || length !== 1 || asked! > 1) return false;
    this.#receive.update();
    this.#updateAsked ||= asked === 1;
    return ++this.#empty <= MAX_EMPTY_RECORDS;
  }
}

/** For whoever sent a record, once the system has taken it: nobody may hold it any more. */
export function giveRecord(record: Uint8Array): void {
  if (record.length === BLOCK_RECORD_BYTES && kept.length < MAX_KEPT) kept.push(record);
}
