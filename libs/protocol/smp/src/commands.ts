/**
 * The commands of SMP, one row each (SMP §5): who sends it, how it is authorised, whether it names an entity, since
 * which version it is known (a fact for the reader: tags are recognised in every version), and its parameters.
 */
import { byte, codec, type Codec, DecodeError, fields, maybe, nonEmptyList, shortString, sp, tail, word16, Writer } from '@polyplex/codec';
import { authKey, bodiesOf, type CommandError, dhKey, serverAddress, serverPassword, tagTable } from '@polyplex/protocol-common';
import { linkDataBody, newQueueBody } from './new-queue.ts';

type PartyName =
  | 'creator' | 'recipient' | 'recipient service' | 'sender' | 'link client' | 'notifier' | 'notifier service' | 'proxied client' | 'proxy' | 'any';

interface CommandRow<C extends Codec<any> | null> { // eslint-disable-line @typescript-eslint/no-explicit-any -- every row keeps its own type
  readonly party: PartyName;
  readonly auth: 'required' | 'optional' | 'none';
  readonly entity: 'required' | 'none';
  readonly since: number;
  /** Parameters after the tag and one space; null when there are none. */
  readonly body: C;
}

function command<C extends Codec<any> | null>(row: CommandRow<C>): CommandRow<C> { // eslint-disable-line @typescript-eslint/no-explicit-any -- as above
  return row;
}

const TRUE = 0x54; // "T"
const FALSE = 0x46; // "F"
const SPACE = 0x20;

/** Notification flag; readers skip everything up to the next space (reserved flags), writers emit one byte. */
export const messageFlags: Codec<boolean> = codec(
  (r) => {
    const flag = byte.read(r);
    if (flag !== TRUE && flag !== FALSE) throw new DecodeError('bad flags');
    while (r.position < r.end && r.bytes[r.position] !== SPACE) r.position++;
    return flag === TRUE;
  },
  (w, notify) => w.byte(notify ? TRUE : FALSE),
);

const recipient = { party: 'recipient', auth: 'required', entity: 'required' } as const;
const none = { ...recipient, since: 6, body: null };

export const smpCommands = {
  NEW: command({ party: 'creator', auth: 'required', entity: 'none', since: 1, body: newQueueBody }),
  SUB: command({ ...none, since: 1 }),
  SUBS: command({ party: 'recipient service', auth: 'required', entity: 'required', since: 16, body: null }),
  /** KEY = "KEY" SP senderKey */
  KEY: command({ ...recipient, since: 1, body: fields({ senderKey: authKey }) }),
  /** RKEY = "RKEY" SP non-empty list of keys */
  RKEY: command({ ...recipient, since: 15, body: fields({ recipientKeys: nonEmptyList(authKey) }) }),
  /** LSET = "LSET" SP linkId ‖ fixedData ‖ userData */
  LSET: command({ ...recipient, since: 15, body: fields({ linkId: shortString, data: linkDataBody }) }),
  LDEL: command({ ...none, since: 15 }),
  /** NKEY = "NKEY" SP notifierKey ‖ dhKey */
  NKEY: command({ ...recipient, since: 1, body: fields({ notifierKey: authKey, dhKey }) }),
  NDEL: command({ ...none, since: 1 }),
  GET: command({ ...none, since: 2 }),
  /** ACK = "ACK" SP msgId */
  ACK: command({ ...recipient, since: 1, body: fields({ msgId: shortString }) }),
  OFF: command({ ...none, since: 1 }),
  DEL: command({ ...none, since: 1 }),
  QUE: command({ ...none, since: 1 }),
  /** SKEY = "SKEY" SP senderKey; authorised with that key */
  SKEY: command({ party: 'sender', auth: 'required', entity: 'required', since: 9, body: fields({ senderKey: authKey }) }),
  /** SEND = "SEND" SP flags SP body */
  SEND: command({ party: 'sender', auth: 'optional', entity: 'required', since: 1, body: fields({ notify: messageFlags, _: sp, body: tail }) }),
  /** LKEY = "LKEY" SP senderKey; authorised with that key */
  LKEY: command({ party: 'link client', auth: 'required', entity: 'required', since: 15, body: fields({ senderKey: authKey }) }),
  LGET: command({ party: 'link client', auth: 'none', entity: 'required', since: 15, body: null }),
  NSUB: command({ party: 'notifier', auth: 'required', entity: 'required', since: 1, body: null }),
  NSUBS: command({ party: 'notifier service', auth: 'required', entity: 'required', since: 16, body: null }),
  /** PRXY = "PRXY" SP server ‖ maybe password */
  PRXY: command({
    party: 'proxied client', auth: 'none', entity: 'none', since: 8, body: fields({ server: serverAddress, password: maybe(serverPassword) }),
  }),
  /** PFWD = "PFWD" SP version ‖ key ‖ encTransmission */
  PFWD: command({
    party: 'proxied client', auth: 'none', entity: 'required', since: 8, body: fields({ version: word16, key: dhKey, encTransmission: tail }),
  }),
  /** RFWD = "RFWD" SP encFwdTransmission */
  RFWD: command({ party: 'proxy', auth: 'none', entity: 'none', since: 8, body: fields({ encFwdTransmission: tail }) }),
  PING: command({ party: 'any', auth: 'none', entity: 'none', since: 1, body: null }),
} as const;

export type SmpCommandTag = keyof typeof smpCommands;
type BodyOf<T extends SmpCommandTag> = (typeof smpCommands)[T]['body'] extends Codec<infer B> ? B : object;
export type CommandOf<T extends SmpCommandTag> = { readonly tag: T } & BodyOf<T>;
export type SmpCommand = { [T in SmpCommandTag]: CommandOf<T> }[SmpCommandTag];

const table = tagTable<SmpCommand>(bodiesOf(smpCommands));

/** Reads a command; the name of the command error when it cannot be read. Values are views of `bytes`. */
export function readCommand(bytes: Uint8Array, version: number): SmpCommand | CommandError {
  return table.read(bytes, version);
}

export function encodeCommand(value: SmpCommand, version: number): Uint8Array {
  if (smpCommands[value.tag].body === null) return table.tagBytes(value.tag);
  const w = new Writer(version);
  table.write(w, value);
  return w.finish();
}

/** Whether auth and entity suit the command; the name of the command error when not (SMP §4.5, first failing row). */
export function checkCredentials(tag: SmpCommandTag, hasAuth: boolean, hasEntity: boolean): CommandError | null {
  const { auth, entity } = smpCommands[tag];
  const lacksEntity = entity === 'required' && !hasEntity;
  if (auth === 'required' && (!hasAuth || lacksEntity)) return 'NO_AUTH';
  if (lacksEntity) return 'NO_ENTITY';
  const unexpected = auth === 'none' && hasAuth ? true : entity === 'none' && hasEntity;
  return unexpected ? 'HAS_AUTH' : null;
}

