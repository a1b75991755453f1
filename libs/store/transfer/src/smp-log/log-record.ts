/** One line of `smp-server-store.log` (SMP §9.4), but for CREATE, which has a file of its own. */
import type { PublicKey } from '@polyplex/crypto';
import type { BlockingInfo, LinkData, Notifier, ServiceRecord } from '@polyplex/store-contract';
import { readCreate } from './create-line.ts';
import type { QueueLineFault } from './line-fault.ts';
import { type CreatedQueue, id, named, readDays, readKeys, readLinkData, readNotifier, text } from './record-fields.ts';

interface OfQueue {
  readonly recipientId: Uint8Array;
}

export type LogRecord =
  | { readonly word: 'CREATE'; readonly queue: CreatedQueue }
  | OfQueue & { readonly word: 'LINK'; readonly linkId: Uint8Array }
  | OfQueue & { readonly word: 'SECURE'; readonly senderKey: PublicKey }
  | OfQueue & { readonly word: 'KEYS'; readonly keys: readonly PublicKey[] }
  | OfQueue & { readonly word: 'NOTIFIER'; readonly notifier: Notifier }
  | OfQueue & { readonly word: 'BLOCK'; readonly info: BlockingInfo }
  | OfQueue & { readonly word: 'LDELETE' | 'NDELETE' | 'SUSPEND' | 'UNBLOCK' }
  | OfQueue & { readonly word: 'DELETE' }
  | OfQueue & { readonly word: 'TIME'; readonly days: number }
  | { readonly word: 'NEW_SERVICE'; readonly service: ServiceRecord }
  | OfQueue & { readonly word: 'QUEUE_SERVICE'; readonly party: 'R' | 'N'; readonly serviceId: Uint8Array | null };

const MAX_TIME = 0xffff_ffff_ffff;
const MAX_CERTIFICATE_BYTES = 0xffff;

/** The record that a line holds, or what is wrong with it. A carriage return at its end is none of it. */
export function readLogRecord(line: string): LogRecord | QueueLineFault {
  const [word = '', ...fields] = (line.endsWith('\r') ? line.slice(0, -1) : line).split(' ');
  const reader = Object.hasOwn(READERS, word) ? READERS[word] : undefined;
  return reader === undefined ? 'WORD' : text.attempt(() => reader(fields));
}

type Read = (fields: readonly string[]) => LogRecord;

const READERS: Readonly<Record<string, Read>> = {
  CREATE: (fields) => ({ word: 'CREATE', queue: readCreate(fields).queue }),
  LINK(fields) {
    const [recipientId, linkId, ...data] = text.exactly(4, fields, 'FIELDS');
    readLinkData(data);
    return { word: 'LINK', recipientId: id(recipientId), linkId: id(linkId) };
  },
  SECURE(fields) {
    const [recipientId, senderKey] = text.exactly(2, fields, 'FIELDS');
    return { word: 'SECURE', recipientId: id(recipientId), senderKey: text.key(senderKey, 'KEY') };
  },
  KEYS(fields) {
    const [recipientId, keys] = text.exactly(2, fields, 'FIELDS');
    return { word: 'KEYS', recipientId: id(recipientId), keys: readKeys(keys) };
  },
  NOTIFIER([recipientId, ...fields]) {
    if (fields.length < 3 || fields.length > 4) text.fail('FIELDS');
    return { word: 'NOTIFIER', recipientId: id(recipientId), notifier: readNotifier(fields) };
  },
  BLOCK([recipientId, ...info]) {
    return { word: 'BLOCK', recipientId: id(recipientId), info: text.blocking(info.join(' '), 'BLOCKING') };
  },
  LDELETE: ofQueue('LDELETE'),
  NDELETE: ofQueue('NDELETE'),
  SUSPEND: ofQueue('SUSPEND'),
  UNBLOCK: ofQueue('UNBLOCK'),
  DELETE: ofQueue('DELETE'),
  TIME(fields) {
    const [recipientId, time] = text.exactly(2, fields, 'FIELDS');
    return { word: 'TIME', recipientId: id(recipientId), days: readDays(time) };
  },
  NEW_SERVICE: (fields) => ({ word: 'NEW_SERVICE', service: readService(fields) }),
  QUEUE_SERVICE(fields) {
    const [recipientId, party, serviceId] = text.exactly(3, fields, 'FIELDS');
    if (party !== 'R' && party !== 'N') text.fail('FIELDS');
    return { word: 'QUEUE_SERVICE', recipientId: id(recipientId), party, serviceId: serviceId === '' ? null : id(serviceId) };
  },
};

function ofQueue(word: 'LDELETE' | 'NDELETE' | 'SUSPEND' | 'UNBLOCK' | 'DELETE'): Read {
  return (fields) => ({ word, recipientId: id(text.exactly(1, fields, 'FIELDS')[0]) });
}

/** The link data of a line that is right; null where it has none. */
export function linkDataOf(line: string): LinkData | null {
  const [word, ...fields] = (line.endsWith('\r') ? line.slice(0, -1) : line).split(' ');
  const found = text.attempt(() => {
    if (word === 'LINK') return readLinkData(fields.slice(2));
    return word === 'CREATE' ? readCreate(fields).link : null;
  });
  return typeof found === 'string' ? null : found;
}

function readService(fields: readonly string[]): ServiceRecord {
  const [serviceId, role, certificates, hash, createdAt] = text.exactly(5, fields, 'FIELDS');
  const letter = named(role, 'role');
  if (letter !== 'M' && letter !== 'N' && letter !== 'P') text.fail('SERVICE');
  return {
    serviceId: id(named(serviceId, 'service_id')), role: letter,
    chain: named(certificates, 'cert').split(',').map((each) => text.bytes(each, MAX_CERTIFICATE_BYTES, 'SERVICE')),
    fingerprint: text.short(named(hash, 'cert_hash'), 'SERVICE'),
    createdAt: text.number(named(createdAt, 'created_at'), MAX_TIME, 'TIME'),
  };
}
