/**
 * Queue records as hashes. Each part is a field of its own, so that a script changes one without knowing the others, and
 * short, so that Redis keeps the hash compactly. Fields: r revision, d day of last use, K recipient keys, D secret,
 * S sender id, k sender key, m mode, L link id, N notifier id, a notifier key, b notifier secret, v notifier service,
 * o status, V recipient service. Those that messages and subscriptions change are the scripts' alone: i id of the last
 * message given, x closed by a marker, t time of the head, s and u tokens of subscriber and notifier's subscriber.
 */
import type { Codec } from '@polyplex/codec';
import { decodeValue, encodeValue, publicKey, queueMode, queueStatus, recipientKeys, storeError } from '@polyplex/store-common';
import type { Notifier, QueueRecord } from '@polyplex/store-contract';
import { bytesOf, listOf, numberOf, type Reply, textOfReply } from './redis-reply.ts';

export const FIRST_REVISION = 1;

type Fields = ReadonlyMap<string, Reply>;

function fieldsOf(reply: Reply | undefined): Fields {
  const list = listOf(reply);
  const fields = new Map<string, Reply>();
  for (let i = 0; i + 1 < list.length; i += 2) fields.set(textOfReply(list[i]), list[i + 1]!);
  return fields;
}

function required(fields: Fields, name: string): Uint8Array {
  const bytes = bytesOf(fields.get(name));
  if (bytes === null) throw storeError('DAMAGED');
  return bytes;
}

function decoded<T>(format: Codec<T>, bytes: Uint8Array): T {
  return decodeValue(format, bytes);
}

/** What HGETALL answers, as a record; null for an empty hash. `recipientId` is kept. */
export function recordOf(recipientId: Uint8Array, reply: Reply | undefined): QueueRecord | null {
  const fields = fieldsOf(reply);
  if (fields.size === 0) return null;
  const senderKey = bytesOf(fields.get('k'));
  return {
    recipientId,
    recipientKeys: decoded(recipientKeys, required(fields, 'K')),
    dhSecret: required(fields, 'D'),
    senderId: required(fields, 'S'),
    senderKey: senderKey && decoded(publicKey, senderKey),
    mode: decoded(queueMode, required(fields, 'm')),
    linkId: bytesOf(fields.get('L')),
    notifier: notifierOf(fields),
    status: decoded(queueStatus, required(fields, 'o')),
    serviceId: bytesOf(fields.get('V')),
    usedDay: numberOf(fields.get('d')),
    revision: numberOf(fields.get('r')),
  };
}

function notifierOf(fields: Fields): Notifier | null {
  const notifierId = bytesOf(fields.get('N'));
  if (notifierId === null) return null;
  return {
    notifierId,
    notifierKey: decoded(publicKey, required(fields, 'a')),
    dhSecret: required(fields, 'b'),
    serviceId: bytesOf(fields.get('v')),
  };
}

/** The token of the queue's subscriber, and of its notifier's, in what HGETALL answers. */
export function tokensOf(reply: Reply | undefined): { readonly subscriber: string; readonly notifierSubscriber: string } {
  const fields = fieldsOf(reply);
  return { subscriber: textOfReply(fields.get('s')), notifierSubscriber: textOfReply(fields.get('u')) };
}

/** Field names and values of a new record. */
export function fieldsOfRecord(record: QueueRecord): (string | Buffer)[] {
  const { notifier } = record;
  const optional: readonly (readonly [string, Uint8Array | null])[] = [
    ['k', record.senderKey && encodeValue(publicKey, record.senderKey)],
    ['L', record.linkId],
    ['N', notifier && notifier.notifierId],
    ['a', notifier && encodeValue(publicKey, notifier.notifierKey)],
    ['b', notifier && notifier.dhSecret],
    ['v', notifier && notifier.serviceId],
    ['V', record.serviceId],
  ];
  return [
    'r', String(record.revision), 'd', String(record.usedDay),
    'K', keep(encodeValue(recipientKeys, record.recipientKeys)), 'D', keep(record.dhSecret), 'S', keep(record.senderId),
    'm', keep(encodeValue(queueMode, record.mode)), 'o', keep(encodeValue(queueStatus, record.status)),
    ...optional.flatMap(([name, value]) => (value === null ? [] : [name, keep(value)])),
  ];
}

/** A copy as an argument: steps may wait while the caller's memory changes. */
export function keep(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

/** Memory that is already this engine's own, as an argument. */
export function given(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
