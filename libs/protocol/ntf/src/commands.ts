/**
 * The commands of NTF, one row each (NTF §1.6, §2.1): how it is authorised, whether it names an entity, and its parameters.
 * They are the same in every version. All are authorised with the token's key, those on subscriptions too.
 */
import { type Codec, DecodeError, fields, literal, mapped, shortString, word16, Writer } from '@polyplex/codec';
import { decodePrivateKey, encodePrivateKey, type PrivateKey } from '@polyplex/crypto';
import { authKey, bodiesOf, type CommandError, dhKey, formatAddress, parseAddress, serverAddress, type ServerAddress, tagTable } from '@polyplex/protocol-common';
import { deviceToken } from './device-token.ts';

interface CommandRow<C extends Codec<any> | null> { // eslint-disable-line @typescript-eslint/no-explicit-any -- every row keeps its own type
  readonly entity: 'none' | 'token' | 'subscription';
  readonly auth: 'required' | 'none';
  /** Parameters after the tag and one space; null when there are none. */
  readonly body: C;
}

function command<C extends Codec<any> | null>(row: CommandRow<C>): CommandRow<C> { // eslint-disable-line @typescript-eslint/no-explicit-any -- as above
  return row;
}

const creates = { entity: 'none', auth: 'required' } as const;
const onToken = { entity: 'token', auth: 'required' } as const;
const onSubscription = { entity: 'subscription', auth: 'required' } as const;

/** The key that subscribes to notifications at the relay. */
export type NotifierKey = PrivateKey<'ed25519' | 'ed448' | 'x25519'>;

const notifierKey: Codec<NotifierKey> = mapped(
  shortString,
  (der) => {
    const key = decodePrivateKey(der);
    if (key === null || key.kind === 'x448') throw new DecodeError('bad key');
    return key as NotifierKey;
  },
  encodePrivateKey,
);

/** A relay that can be connected to: its address has a text, which is what it is known by. */
const relayAddress: Codec<ServerAddress> = mapped(
  serverAddress,
  (address) => {
    if (parseAddress(formatAddress(address, 'smp')) === null) throw new DecodeError('no address of a relay');
    return address;
  },
  (address) => address,
);

const notifierId: Codec<Uint8Array> = mapped(
  shortString,
  (id) => {
    if (id.length === 0) throw new DecodeError('no notifier id');
    return id;
  },
  (id) => id,
);

export const ntfCommands = {
  /** TNEW = "TNEW" SP "T" deviceToken ‖ authKey ‖ dhKey; authorised with authKey */
  TNEW: command({ ...creates, body: fields({ _: literal('T'), device: deviceToken, authKey, dhKey }) }),
  /** TVFY = "TVFY" SP code */
  TVFY: command({ ...onToken, body: fields({ code: shortString }) }),
  TCHK: command({ ...onToken, body: null }),
  /** TRPL = "TRPL" SP deviceToken */
  TRPL: command({ ...onToken, body: fields({ device: deviceToken }) }),
  TDEL: command({ ...onToken, body: null }),
  /** TCRN = "TCRN" SP word16 minutes */
  TCRN: command({ ...onToken, body: fields({ minutes: word16 }) }),
  /** SNEW = "SNEW" SP "S" tokenId ‖ relay ‖ notifierId ‖ notifierKey */
  SNEW: command({ ...creates, body: fields({ _: literal('S'), tokenId: shortString, relay: relayAddress, notifierId, notifierKey }) }),
  SCHK: command({ ...onSubscription, body: null }),
  SDEL: command({ ...onSubscription, body: null }),
  PING: command({ entity: 'none', auth: 'none', body: null }),
} as const;

export type NtfCommandTag = keyof typeof ntfCommands;
type BodyOf<T extends NtfCommandTag> = (typeof ntfCommands)[T]['body'] extends Codec<infer B> ? B : object;
export type NtfCommandOf<T extends NtfCommandTag> = { readonly tag: T } & BodyOf<T>;
export type NtfCommand = { [T in NtfCommandTag]: NtfCommandOf<T> }[NtfCommandTag];

const table = tagTable<NtfCommand>(bodiesOf(ntfCommands));

/** Reads a command; the name of the command error when it cannot be read. Values are views of `bytes`. */
export function readCommand(bytes: Uint8Array): NtfCommand | CommandError {
  return table.read(bytes);
}

export function encodeCommand(value: NtfCommand): Uint8Array {
  if (ntfCommands[value.tag].body === null) return table.tagBytes(value.tag);
  const w = new Writer();
  table.write(w, value);
  return w.finish();
}

/** Whether auth and entity suit the command; the name of the command error when not (NTF §1.6). */
export function checkCredentials(tag: NtfCommandTag, hasAuth: boolean, hasEntity: boolean): CommandError | null {
  const { auth, entity } = ntfCommands[tag];
  if (auth === 'none') return hasAuth || hasEntity ? 'HAS_AUTH' : null;
  if (!hasAuth) return 'NO_AUTH';
  if (entity === 'none') return hasEntity ? 'HAS_AUTH' : null;
  return hasEntity ? null : 'NO_AUTH';
}
