/** The values of the reference's vectors in our types. */
import { parseAddress } from '@polyplex/protocol-common';
import type { QueueRequest, SmpCommand, SmpError, SmpReply } from '../src/index.ts';
import { authPublicKey, dhPublicKey, unhex, wire } from './wire-vectors.ts';

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => value as string;
const bytes = (value: unknown): Uint8Array => unhex(text(value));

function queueRequest(value: unknown): QueueRequest | null {
  if (value === null) return null;
  if (typeof value === 'string') return { type: value.startsWith('messaging') ? 'M' : 'C', data: null };
  const data = value as Fields;
  const common = { senderId: bytes(data['senderId']), fixedData: bytes(data['fixedData']), userData: bytes(data['userData']) };
  if (data['mode'] === 'messaging') return { type: 'M', data: common };
  return { type: 'C', data: { linkId: bytes(data['linkId']), ...common } };
}

function newCommand(f: Fields): SmpCommand {
  const ntf = f['ntfCreds'] as Fields | null;
  return {
    tag: 'NEW',
    rcvAuthKey: authPublicKey(text(f['rcvAuthKey'])),
    rcvDhKey: dhPublicKey(text(f['rcvDhKey'])),
    password: f['basicAuth'] as string | null,
    subMode: f['subMode'] === 'subscribe' ? 'S' : 'C',
    request: queueRequest(f['queueReqData']),
    notifier: ntf === null ? null : { notifierKey: authPublicKey(text(ntf['authKey'])), dhKey: dhPublicKey(text(ntf['dhKey'])) },
  };
}

const commandMakers: Readonly<Record<string, (f: Fields) => SmpCommand>> = {
  NEW: newCommand,
  KEY: (f) => ({ tag: 'KEY', senderKey: authPublicKey(text(f['sndKey'])) }),
  SKEY: (f) => ({ tag: 'SKEY', senderKey: authPublicKey(text(f['sndKey'])) }),
  LKEY: (f) => ({ tag: 'LKEY', senderKey: authPublicKey(text(f['sndKey'])) }),
  RKEY: (f) => ({ tag: 'RKEY', recipientKeys: (f['rcvKeys'] as string[]).map(authPublicKey) }),
  LSET: (f) => ({ tag: 'LSET', linkId: bytes(f['linkId']), data: { fixedData: bytes(f['fixedData']), userData: bytes(f['userData']) } }),
  NKEY: (f) => ({ tag: 'NKEY', notifierKey: authPublicKey(text(f['ntfAuthKey'])), dhKey: dhPublicKey(text(f['rcvNtfDhKey'])) }),
  ACK: (f) => ({ tag: 'ACK', msgId: bytes(f['msgId']) }),
  SEND: (f) => ({ tag: 'SEND', notify: f['notification'] as boolean, body: bytes(f['msgBody']) }),
  PRXY: (f) => {
    const { hosts, port, keyHash } = parseAddress(text(f['server']))!;
    return { tag: 'PRXY', server: { hosts, port, keyHash }, password: f['basicAuth'] as string | null };
  },
  PFWD: (f) => ({ tag: 'PFWD', version: f['version'] as number, key: dhPublicKey(text(f['publicKey'])), encTransmission: bytes(f['encTransmission']) }),
  RFWD: (f) => ({ tag: 'RFWD', encFwdTransmission: bytes(f['encFwdTransmission']) }),
};

export function commandOf(vector: (typeof wire.commands)[number]): SmpCommand {
  const maker = commandMakers[vector.command];
  return maker === undefined ? ({ tag: vector.command } as SmpCommand) : maker(vector.fields);
}

function mode(value: unknown): 'M' | 'C' | null {
  if (value === null) return null;
  return value === 'messaging' ? 'M' : 'C';
}

const maybeBytes = (value: unknown): Uint8Array | null => (value === null ? null : bytes(value));

function ids(f: Fields): SmpReply {
  const ntf = f['serverNtfCreds'] as Fields | null;
  return {
    tag: 'IDS',
    recipientId: bytes(f['rcvId']),
    senderId: bytes(f['sndId']),
    dhKey: dhPublicKey(text(f['rcvPublicDhKey'])),
    mode: mode(f['queueMode']),
    linkId: maybeBytes(f['linkId']),
    serviceId: maybeBytes(f['serviceId']),
    notifier: ntf === null ? null : { notifierId: bytes(ntf['notifierId']), dhKey: dhPublicKey(text(ntf['rcvNtfPublicDhKey'])) },
  };
}

const replyMakers: Readonly<Record<string, (f: Fields) => SmpReply>> = {
  IDS: ids,
  LNK: (f) => ({ tag: 'LNK', senderId: bytes(f['senderId']), data: { fixedData: bytes(f['fixedData']), userData: bytes(f['userData']) } }),
  SOK: (f) => ({ tag: 'SOK', serviceId: maybeBytes(f['serviceId']) }),
  SOKS: (f) => ({ tag: 'SOKS', count: f['count'] as number }),
  ENDS: (f) => ({ tag: 'ENDS', count: f['count'] as number }),
  MSG: (f) => ({ tag: 'MSG', msgId: bytes(f['msgId']), body: bytes(f['encBody']) }),
  NID: (f) => ({ tag: 'NID', notifierId: bytes(f['notifierId']), dhKey: dhPublicKey(text(f['rcvNtfPublicDhKey'])) }),
  NMSG: (f) => ({ tag: 'NMSG', nonce: bytes(f['nonce']), encMeta: bytes(f['encMeta']) }),
  RRES: (f) => ({ tag: 'RRES', encFwdResponse: bytes(f['encFwdResponse']) }),
  PRES: (f) => ({ tag: 'PRES', encResponse: bytes(f['encResponse']) }),
};

/** null for INFO, whose JSON has no one form. */
export function replyOf(vector: (typeof wire.responses)[number]): SmpReply | null {
  if (vector.response === 'INFO') return null;
  const maker = replyMakers[vector.response];
  return maker === undefined ? ({ tag: vector.response } as SmpReply) : maker(vector.fields);
}

const TRANSPORT: Readonly<Record<string, string>> = {
  badBlock: 'BLOCK', version: 'VERSION', largeMsg: 'LARGE_MSG', badSession: 'SESSION', noServerAuth: 'NO_AUTH',
};

function brokerError(json: Fields): unknown {
  const { type } = json;
  if (type === 'RESPONSE' || type === 'UNEXPECTED') return { type, text: json['respErr'] };
  if (type !== 'TRANSPORT') return { type };
  const transport = json['transportErr'] as Fields;
  const handshake = transport['handshakeErr'] as Fields | undefined;
  return { type, error: handshake === undefined ? TRANSPORT[text(transport['type'])] : `HANDSHAKE ${text(handshake['type'])}` };
}

function proxyError(json: Fields): unknown {
  const { type } = json;
  if (type === 'PROTOCOL') return { type, error: errorOf(json['protocolErr'] as Fields) };
  return type === 'BROKER' ? { type, error: brokerError(json['brokerErr'] as Fields) } : { type };
}

/** The reference's JSON form of an error as ours. */
export function errorOf(json: Fields): SmpError {
  const { type } = json;
  switch (type) {
    case 'CMD':
      return { type, error: (json['cmdErr'] as Fields)['type'] } as SmpError;
    case 'PROXY':
      return { type, error: proxyError(json['proxyErr'] as Fields) } as SmpError;
    case 'BLOCKED': {
      const { reason, notice } = json['blockInfo'] as { reason: 'spam'; notice?: { ttl?: number } };
      return { type, info: { reason, notice: notice === undefined ? null : { ttl: notice.ttl ?? null } } };
    }
    case 'STORE':
      return { type, text: text(json['storeErr']) };
    default:
      return { type } as SmpError;
  }
}

