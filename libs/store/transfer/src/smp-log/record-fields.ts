/** Fields that several records of the queue log have (SMP §9.4). */
import type { PublicKey } from '@polyplex/crypto';
import type { LinkData, Notifier, QueueRecord } from '@polyplex/store-contract';
import { TextFields } from '../text-log/text-fields.ts';
import type { QueueLineFault } from './line-fault.ts';

/** A record whose link data is told apart. `days`: of last use, since 1970. */
export interface CreatedQueue {
  readonly record: Omit<QueueRecord, 'usedDay' | 'revision'>;
  readonly days: number | null;
}

/** Of an X25519 secret. */
const SECRET_BYTES = 32;
const MAX_LINK_BYTES = 16 * 1024;
const MAX_KEYS = 255;
const DAY_SECONDS = 86_400;
/** Until the year 2149, which takes two bytes. */
const MAX_DAY_TIME = 0xfffe * DAY_SECONDS;

export const text: TextFields<QueueLineFault> = new TextFields();

export function id(field: string | undefined): Uint8Array {
  return text.short(field, 'ID');
}

export function readSecret(field: string | undefined): Uint8Array {
  const secret = text.bytes(field, SECRET_BYTES, 'SECRET');
  return secret.length === SECRET_BYTES ? secret : text.fail('SECRET');
}

export function readKeys(field: string | undefined): readonly PublicKey[] {
  const keys = (field ?? '').split(',');
  return field === '' || keys.length > MAX_KEYS ? text.fail('KEYS') : keys.map((key) => text.key(key, 'KEY'));
}

export function readLinkData([fixedData, userData]: readonly string[]): LinkData {
  return { fixedData: text.bytes(fixedData, MAX_LINK_BYTES, 'LINK'), userData: text.bytes(userData, MAX_LINK_BYTES, 'LINK') };
}

/** `<notifierId> <key> <secret>[ nsrv=<serviceId>]` */
export function readNotifier([notifierId, notifierKey, secret, service]: readonly string[]): Notifier {
  return {
    notifierId: id(notifierId), notifierKey: text.key(notifierKey, 'KEY'), dhSecret: readSecret(secret),
    serviceId: service === undefined ? null : id(named(service, 'nsrv')),
  };
}

export function readDays(field: string | undefined): number {
  return Math.floor(text.number(field, MAX_DAY_TIME, 'TIME') / DAY_SECONDS);
}

/** The value of a field that must have this name. */
export function named(field: string | undefined, name: string): string {
  return field?.startsWith(`${name}=`) === true ? field.slice(name.length + 1) : text.fail('FIELDS');
}
