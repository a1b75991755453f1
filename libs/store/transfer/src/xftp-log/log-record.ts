/**
 * One line of `file-server-store.log` (XFTP §5.8), text encodings of XFTP §1.2. Bytes of ids, keys and digests have
 * memory of their own.
 */
import { fromBase64Url, lenientTextOf } from '@polyplex/base';
import type { BlockingInfo, NewFile, NewRecipient, QueueStatus } from '@polyplex/store-contract';
import { TextFields } from '../text-log/text-fields.ts';
import type { LineFault } from './line-fault.ts';

export type LogRecord =
  | { readonly word: 'FNEW'; readonly file: NewFile; readonly status: QueueStatus }
  | { readonly word: 'FADD'; readonly senderId: Uint8Array; readonly recipients: readonly NewRecipient[] }
  /** `name`: last part of the path. */
  | { readonly word: 'FPUT'; readonly senderId: Uint8Array; readonly name: string }
  | { readonly word: 'FDEL'; readonly senderId: Uint8Array }
  | { readonly word: 'FBLK'; readonly senderId: Uint8Array; readonly info: BlockingInfo }
  | { readonly word: 'FACK'; readonly recipientId: Uint8Array };

const MAX_SIZE = 0xffff_ffff;
const MAX_TIME = 0xffff_ffff * 3600;
const HOUR_SECONDS = 3600;

const text: TextFields<LineFault> = new TextFields();

/** The record that a line holds, or what is wrong with it. */
export function readLogRecord(line: string): LogRecord | LineFault {
  const [word = '', ...fields] = line.split(' ');
  const reader = Object.hasOwn(READERS, word) ? READERS[word] : undefined;
  return reader === undefined ? 'WORD' : text.attempt(() => reader(fields));
}

const READERS: Readonly<Record<string, (fields: readonly string[]) => LogRecord>> = {
  FNEW(fields) {
    const [senderId, senderKey, size, digest, createdAt, ...status] = fields;
    if (createdAt === undefined) text.fail('FIELDS');
    const seconds = text.number(createdAt, MAX_TIME, 'TIME');
    const file = {
      senderId: text.short(senderId, 'ID'), senderKey: text.key(senderKey, 'KEY'), size: text.number(size, MAX_SIZE, 'SIZE') || text.fail('SIZE'),
      digest: text.short(digest, 'DIGEST'), createdAt: seconds - (seconds % HOUR_SECONDS),
    };
    return { word: 'FNEW', file, status: status.length === 0 ? { state: 'active' } : text.status(status.join(' '), 'STATUS') };
  },
  FADD(fields) {
    const [senderId, list] = text.exactly(2, fields, 'FIELDS');
    return { word: 'FADD', senderId: text.short(senderId, 'ID'), recipients: (list ?? '').split(',').map(recipient) };
  },
  FPUT(fields) {
    const [senderId, path] = text.exactly(2, fields, 'FIELDS');
    return { word: 'FPUT', senderId: text.short(senderId, 'ID'), name: nameOf(path) };
  },
  FDEL(fields) {
    return { word: 'FDEL', senderId: text.short(text.exactly(1, fields, 'FIELDS')[0], 'ID') };
  },
  FBLK([senderId, ...info]) {
    if (info.length === 0) text.fail('FIELDS');
    return { word: 'FBLK', senderId: text.short(senderId, 'ID'), info: text.blocking(info.join(' '), 'BLOCKING') };
  },
  FACK(fields) {
    return { word: 'FACK', recipientId: text.short(text.exactly(1, fields, 'FIELDS')[0], 'ID') };
  },
};

function recipient(pair: string): NewRecipient {
  const [recipientId, recipientKey, ...more] = pair.split(':');
  if (more.length > 0) text.fail('FIELDS');
  return { recipientId: text.short(recipientId, 'ID'), recipientKey: text.key(recipientKey, 'KEY') };
}

/** The folder may have another name here, the file has not. */
function nameOf(path: string | undefined): string {
  const bytes = fromBase64Url(path ?? '') ?? text.fail('PATH');
  const name = lenientTextOf(bytes).split('/').at(-1) ?? '';
  return name === '' || name === '.' || name === '..' || name.includes('\0') ? text.fail('PATH') : name;
}
