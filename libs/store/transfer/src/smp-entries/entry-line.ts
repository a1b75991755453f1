/** Messages and notifications as the reference saves them, a line each (SMP §9.4). */
import { EMPTY_BYTES } from '@polyplex/base';
import type { Message, Notification } from '@polyplex/store-contract';
import { TextFields } from '../text-log/text-fields.ts';
import type { EntryFault } from './entry-fault.ts';

const text: TextFields<EntryFault> = new TextFields();

/** What a line begins with. */
const PREFIXES = { messages: 'v3', notifications: 'v1' } as const;
export type EntryKind = keyof typeof PREFIXES;

/** The largest that any version of the protocol sends (SMP §6.1). */
const MAX_BODY_BYTES = 16_088;
const NONCE_BYTES = 24;
const MAX_META_BYTES = 255;
const MAX_TIME = 0xffff_ffff_ffff;
const FLAGS = 'flags=';

/** Whose the line is (recipient or notifier id), and where the rest of it begins; or what is wrong. */
export function readOwner(line: string, kind: EntryKind): { readonly id: Uint8Array; readonly restAt: number } | EntryFault {
  const prefix = PREFIXES[kind];
  if (!line.startsWith(`${prefix} `)) return 'WORD';
  const from = prefix.length + 1;
  const end = line.indexOf(' ', from);
  if (end === -1) return 'FIELDS';
  return text.attempt(() => ({ id: text.short(line.slice(from, end), 'ID'), restAt: end + 1 }));
}

/** `<msgId> <seconds> flags=T|F <body>` or `<msgId> <seconds> quota`: all but the owner. Old ones have no flags. */
export function readMessage(rest: string): Message | EntryFault {
  const [msgId, seconds, ...fields] = without(rest);
  return text.attempt(() => {
    const base = { msgId: text.short(msgId, 'ID'), ts: text.number(seconds, MAX_TIME, 'TIME') };
    if (fields.length === 1 && fields[0] === 'quota') return { kind: 'quota' as const, ...base };
    const hasFlags = fields[0]?.startsWith(FLAGS) === true;
    const [body] = text.exactly(1, hasFlags ? fields.slice(1) : fields, 'FIELDS');
    return { kind: 'message' as const, ...base, notify: hasFlags && notifies(fields[0]!), body: bodyOf(body!) };
  });
}

/** The reference writes an empty body, and cannot read it. */
function bodyOf(field: string): Uint8Array {
  return field === '' ? EMPTY_BYTES : text.bytes(field, MAX_BODY_BYTES, 'BODY');
}

/** What follows the first letter is for later versions. */
function notifies(flags: string): boolean {
  const letter = flags[FLAGS.length];
  return letter === 'T' || letter === 'F' ? letter === 'T' : text.fail('FLAGS');
}

/** `<msgId> <seconds> <nonce> <encrypted meta>`: all but the owner. */
export function readNotification(rest: string): Notification | EntryFault {
  const fields = without(rest);
  return text.attempt(() => {
    const [msgId, seconds, nonce, encMeta] = text.exactly(4, fields, 'FIELDS');
    text.short(msgId, 'ID');
    const ts = text.number(seconds, MAX_TIME, 'TIME');
    const bytes = text.bytes(nonce, NONCE_BYTES, 'NONCE');
    if (bytes.length !== NONCE_BYTES) text.fail('NONCE');
    return { ts, nonce: bytes, encMeta: text.bytes(encMeta, MAX_META_BYTES, 'META') };
  });
}

function without(rest: string): readonly string[] {
  return (rest.endsWith('\r') ? rest.slice(0, -1) : rest).split(' ');
}
