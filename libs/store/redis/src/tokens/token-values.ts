/** What the values of a push proxy's keys hold, and how scripts answer them (see `lua/token-lib.lua`). */
import { textOf, utf8 } from '@polyplex/base';
import { type Codec, DecodeError, fields, large, shortString } from '@polyplex/codec';
import { decodeValue, encodeValue, publicKey, storeError } from '@polyplex/store-common';
import type {
  LastNotification, NewToken, PushJob, SubscriptionRecord, SubscriptionStatus, TokenRecord, TokenStatus, WholeToken,
} from '@polyplex/store-contract';
import { bytesOf, listOf, numberOf, type Reply, textOfReply } from '../redis-reply.ts';
import { RELAY_ID_BYTES, relayId } from './token-keys.ts';

const record = fields({
  provider: large, device: large, authKey: publicKey, dhPublic: publicKey, dhPrivate: publicKey, dhSecret: shortString, code: shortString,
});

/** What only commands change. */
export function encodeRecord({ device, authKey, dhKeys, dhSecret, code }: Omit<NewToken, 'tokenId'>): Buffer {
  return bufferOf(encodeValue(record, {
    provider: utf8(device.provider), device: device.token, authKey, dhPublic: dhKeys.publicKey, dhPrivate: dhKeys.privateKey, dhSecret, code,
  }));
}

export function encodeKey(key: TokenRecord['authKey']): Uint8Array {
  return encodeValue(publicKey, key);
}

/** The fields of a state, in order. */
interface TokenState {
  readonly status: TokenStatus;
  readonly revision: number;
  readonly usedOn: number;
  readonly cronMinutes: number;
  readonly cronSentAt: number | null;
  readonly place: string;
  readonly due: WholeToken['due'];
}

const FIELDS = 17;
const LEASE = 12;
const ATTEMPTS = 15;

export function readState(reply: Reply | undefined): TokenState {
  const parts = textOfReply(reply).split(';');
  if (parts.length !== FIELDS + 1) throw storeError('DAMAGED');
  const [status = '', revision, day, cron, sent, place = '', v, m, c, jv, jm, jc] = parts;
  const since = (job: string | undefined, waiting: string | undefined): number | null => timeOf(job) ?? timeOf(waiting);
  return {
    status: status as TokenStatus, revision: Number(revision), usedOn: Number(day), cronMinutes: Number(cron), cronSentAt: timeOf(sent), place,
    due: { verification: since(jv, v), messages: since(jm, m), check: since(jc, c) },
  };
}

function timeOf(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Number(text);
}

export function writeState({ token, due }: WholeToken, place: string): string {
  const text = (time: number | null): string => (time === null ? '' : String(time));
  const { status, revision, usedOn, cronMinutes, cronSentAt } = token;
  const parts = [
    status, String(revision), String(usedOn), String(cronMinutes), text(cronSentAt), place,
    text(due.verification), text(due.messages), text(due.check), '', '', '', '', '', '', '0', '0',
  ];
  return `${parts.join(';')};`;
}

/** A token of its record and state; null where there is none. `tokenId` becomes part of it. */
export function readToken(tokenId: Uint8Array, stored: Reply | undefined, state: Reply | undefined): TokenRecord | null {
  if (textOfReply(state) === '') return null;
  const { status, revision, usedOn, cronMinutes, cronSentAt } = readState(state);
  const { provider, device, authKey, dhPublic, dhPrivate, dhSecret, code } = decoded(record, stored);
  return {
    tokenId, device: { provider: textOf(provider) ?? '', token: device }, authKey: authKey as TokenRecord['authKey'],
    dhKeys: { publicKey: dhPublic as TokenRecord['dhKeys']['publicKey'], privateKey: dhPrivate as TokenRecord['dhKeys']['privateKey'] },
    dhSecret, code, status, cronMinutes, cronSentAt, usedOn, revision,
  };
}

function decoded<T>(format: Codec<T>, reply: Reply | undefined): T {
  try {
    return decodeValue(format, bytesOf(reply) ?? new Uint8Array(0));
  } catch (error) {
    if (error instanceof DecodeError) throw storeError('DAMAGED', error);
    throw error;
  }
}

const short = (bytes: Uint8Array): Uint8Array[] => [Uint8Array.of(bytes.length), bytes];

/** In the service, status, token, relay, notifier, key: what the scripts change comes first. */
export function encodeSubscription(subscription: SubscriptionRecord): Buffer {
  const { tokenId, relay, notifierId, notifierKey, status, inService } = subscription;
  return Buffer.concat([
    Buffer.from(inService ? '1' : '0'), ...short(statusBytes(status)), ...short(tokenId), relayId(relay), ...short(notifierId), ...short(notifierKey),
  ]);
}

export function statusBytes(status: SubscriptionStatus): Uint8Array {
  const bytes = utf8(status);
  if (bytes.length > 255) throw storeError('FAILED', undefined, 'a status is too long');
  return bytes;
}

/** `[id, value, text of the relay]` as scripts answer one; null for none. */
export function readSubscription(reply: Reply | undefined): SubscriptionRecord | null {
  const [id, value, relay] = listOf(reply);
  const subscriptionId = bytesOf(id);
  if (subscriptionId === null) return null;
  const bytes = bytesOf(value);
  if (bytes === null) throw storeError('DAMAGED');
  let at = 1;
  const next = (): Uint8Array => {
    const from = at + 1;
    at = from + bytes[at]!;
    return bytes.slice(from, at);
  };
  const status = textOf(next()) as SubscriptionStatus;
  const tokenId = next();
  at += RELAY_ID_BYTES;
  const notifierId = next();
  return { subscriptionId, tokenId, relay: relayText(relay), notifierId, notifierKey: next(), status, inService: bytes[0] === 0x31 };
}

function relayText(reply: Reply | undefined): string {
  const text = textOf(bytesOf(reply) ?? new Uint8Array(0));
  if (text === null || text === '') throw storeError('DAMAGED');
  return text;
}

/** One of several in the value of a token's last notifications. */
export function encodeNote(subscriptionId: Uint8Array, { nonce, meta, receivedAt }: LastNotification): Buffer {
  const rest = Buffer.alloc(10 + meta.length);
  rest.writeUInt16BE(meta.length, 0);
  rest.set(meta, 2);
  rest.writeDoubleBE(receivedAt, 2 + meta.length);
  return Buffer.concat([...short(subscriptionId), ...short(nonce), rest]);
}

/** `[note, notifier id, text of the relay]` each. */
export function readNotes(reply: Reply | undefined): LastNotification[] {
  return listOf(reply).map((note) => {
    const [value, notifierId, relay] = listOf(note);
    const bytes = Buffer.from(bytesOf(value) ?? []);
    const nonceAt = 1 + bytes.readUInt8(0);
    const metaAt = nonceAt + 1 + bytes.readUInt8(nonceAt);
    const end = metaAt + 2 + bytes.readUInt16BE(metaAt);
    return {
      relay: relayText(relay), notifierId: bytesOf(notifierId) ?? new Uint8Array(0), nonce: new Uint8Array(bytes.subarray(nonceAt + 1, metaAt)),
      meta: new Uint8Array(bytes.subarray(metaAt + 2, end)), receivedAt: bytes.readDoubleBE(end),
    };
  });
}

/** A job as `jobOf` of the scripts answers it; null for none. */
export function readJob(reply: Reply | undefined): PushJob | null {
  const [id, stored, state, kinds, since, notes] = listOf(reply);
  const tokenId = bytesOf(id);
  const token = tokenId === null ? null : readToken(tokenId, stored, state);
  if (token === null) return null;
  const has = textOfReply(kinds);
  const fieldsOfState = textOfReply(state).split(';');
  return {
    token, verification: has.includes('v'), messages: readNotes(notes), check: has.includes('c'),
    attempts: Number(fieldsOfState[ATTEMPTS]), dueSince: numberOf(since), lease: fieldsOfState[LEASE] ?? '',
  };
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
