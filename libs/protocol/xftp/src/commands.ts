/**
 * The commands of XFTP, one row each (XFTP §3.3): who sends it, how it is authorised, whether it names an entity, and its
 * parameters. They are the same in every version.
 */
import { type Codec, fields, maybe, nonEmptyList, shortString, word32, Writer } from '@polyplex/codec';
import { authKey, bodiesOf, type CommandError, dhKey, serverPassword, tagTable } from '@polyplex/protocol-common';

interface CommandRow<C extends Codec<any> | null> { // eslint-disable-line @typescript-eslint/no-explicit-any -- every row keeps its own type
  readonly party: 'creator' | 'sender' | 'recipient' | 'any';
  readonly auth: 'required' | 'none';
  readonly entity: 'required' | 'none';
  /** Parameters after the tag and one space; null when there are none. */
  readonly body: C;
}

function command<C extends Codec<any> | null>(row: CommandRow<C>): CommandRow<C> { // eslint-disable-line @typescript-eslint/no-explicit-any -- as above
  return row;
}

const sender = { party: 'sender', auth: 'required', entity: 'required' } as const;
const recipient = { party: 'recipient', auth: 'required', entity: 'required' } as const;

export const xftpCommands = {
  /** FNEW = "FNEW" SP senderKey ‖ word32 size ‖ digest ‖ non-empty list of recipientKey ‖ maybe password; authorised with senderKey */
  FNEW: command({
    party: 'creator', auth: 'required', entity: 'none',
    body: fields({ senderKey: authKey, size: word32, digest: shortString, recipientKeys: nonEmptyList(authKey), password: maybe(serverPassword) }),
  }),
  /** FADD = "FADD" SP non-empty list of recipientKey */
  FADD: command({ ...sender, body: fields({ recipientKeys: nonEmptyList(authKey) }) }),
  /** FPUT: the body follows the block. */
  FPUT: command({ ...sender, body: null }),
  FDEL: command({ ...sender, body: null }),
  /** FGET = "FGET" SP recipient's X25519 key for this download */
  FGET: command({ ...recipient, body: fields({ dhKey }) }),
  FACK: command({ ...recipient, body: null }),
  PING: command({ party: 'any', auth: 'none', entity: 'none', body: null }),
} as const;

export type XftpCommandTag = keyof typeof xftpCommands;
type BodyOf<T extends XftpCommandTag> = (typeof xftpCommands)[T]['body'] extends Codec<infer B> ? B : object;
export type XftpCommandOf<T extends XftpCommandTag> = { readonly tag: T } & BodyOf<T>;
export type XftpCommand = { [T in XftpCommandTag]: XftpCommandOf<T> }[XftpCommandTag];

const table = tagTable<XftpCommand>(bodiesOf(xftpCommands));

/** Reads a command; the name of the command error when it cannot be read. Values are views of `bytes`. */
export function readCommand(bytes: Uint8Array): XftpCommand | CommandError {
  return table.read(bytes);
}

export function encodeCommand(value: XftpCommand): Uint8Array {
  if (xftpCommands[value.tag].body === null) return table.tagBytes(value.tag);
  const w = new Writer();
  table.write(w, value);
  return w.finish();
}

/** Whether auth and entity suit the command; the name of the command error when not (XFTP §6). */
export function checkCredentials(tag: XftpCommandTag, hasAuth: boolean, hasEntity: boolean): CommandError | null {
  const { auth, entity } = xftpCommands[tag];
  if (auth === 'none') return hasAuth || hasEntity ? 'HAS_AUTH' : null;
  if (!hasAuth) return 'NO_AUTH';
  if (entity === 'none') return hasEntity ? 'HAS_AUTH' : null;
  return hasEntity ? null : 'NO_AUTH';
}
