/** Lines as the reference's relay writes them, for tests. */
import { toBase64Url, utf8 } from '@polyplex/base';
import { encodePublicKey, type PublicKey } from '@polyplex/crypto';
import { formatBlockingInfo } from '@polyplex/protocol-common';
import type { LinkData, Message, Notification, Notifier, QueueRecord, QueueStatus, ServiceRecord } from '@polyplex/store-contract';
import { type BadLine, type FileParts, type QueueFold, type QueueLineFault, readSmpLog, type SmpLog } from '../src/index.ts';
import type { LoggedQueue } from '../src/smp-log/queue-blocks.ts';
import { unique } from './log-lines.ts';

export const DAY_TIME = 1_782_000_000 - (1_782_000_000 % 86_400);

export type AnyQueue = Omit<QueueRecord, 'usedDay' | 'revision'> & { readonly link?: LinkData };

export const text = toBase64Url;
const key = (value: PublicKey): string => text(encodePublicKey(value));
export const anyKey = (kind: 'ed25519' | 'x25519' = 'ed25519'): PublicKey => ({ kind, raw: unique(32) });

export function anyNotifier(parts: Partial<Notifier> = {}): Notifier {
  return { notifierId: unique(24), notifierKey: anyKey('x25519'), dhSecret: unique(32), serviceId: null, ...parts };
}

export function anyQueue(parts: Partial<AnyQueue> = {}): AnyQueue {
  return {
    recipientId: unique(24), recipientKeys: [anyKey()], dhSecret: unique(32), senderId: unique(24), senderKey: null, mode: 'M',
    linkId: null, notifier: null, status: { state: 'active' }, serviceId: null, ...parts,
  };
}

export const anyLink = (bytes = 50): LinkData => ({ fixedData: unique(bytes), userData: unique(bytes) });
export const anyService = (role: ServiceRecord['role'] = 'N'): ServiceRecord => ({ serviceId: unique(24), role, fingerprint: unique(32), chain: [unique(300), unique(200)], createdAt: DAY_TIME + 5 });

function statusText(status: QueueStatus): string {
  return status.state === 'blocked' ? `blocked,${formatBlockingInfo(status.info)}` : status.state;
}

function notifierText({ notifierId, notifierKey, dhSecret, serviceId }: Notifier): string {
  return [text(notifierId), key(notifierKey), text(dhSecret), ...(serviceId === null ? [] : [`nsrv=${text(serviceId)}`])].join(' ');
}

export function create(queue: AnyQueue, updatedAt: number | null = DAY_TIME): string {
  const { recipientId, recipientKeys, dhSecret, senderId, senderKey, mode, linkId, link, notifier, status, serviceId } = queue;
  return [
    `CREATE rid=${text(recipientId)}`, `rk=${recipientKeys.map(key).join(',')}`, `rdh=${text(dhSecret)}`, `sid=${text(senderId)}`, `sk=${senderKey === null ? '' : key(senderKey)}`,
    ...(mode === null ? [] : [`queue_mode=${mode}`]),
    ...(linkId === null || link === undefined ? [] : [`link_id=${text(linkId)} queue_data=${text(link.fixedData)} ${text(link.userData)}`]),
    ...(notifier === null ? [] : [`notifier=${notifierText(notifier)}`]),
    ...(updatedAt === null ? [] : [`updated_at=${updatedAt}`]),
    ...(status.state === 'active' ? [] : [`status=${statusText(status)}`]),
    ...(serviceId === null ? [] : [`rsrv=${text(serviceId)}`]),
  ].join(' ');
}

type Of = Pick<AnyQueue, 'recipientId'>;
export const event = (word: string, { recipientId }: Of, ...fields: readonly (string | number)[]): string => [word, text(recipientId), ...fields].join(' ');
export const link = (queue: Of, linkId: Uint8Array, { fixedData, userData }: LinkData): string => event('LINK', queue, text(linkId), text(fixedData), text(userData));
export const secure = (queue: Of, senderKey: PublicKey): string => event('SECURE', queue, key(senderKey));
export const keys = (queue: Of, recipientKeys: readonly PublicKey[]): string => event('KEYS', queue, recipientKeys.map(key).join(','));
export const setNotifier = (queue: Of, notifier: Notifier): string => event('NOTIFIER', queue, notifierText(notifier));
export const associate = (queue: Of, party: 'R' | 'N', service: ServiceRecord | null): string => event('QUEUE_SERVICE', queue, party, service === null ? '' : text(service.serviceId));
export const newService = ({ serviceId, role, fingerprint, chain, createdAt }: ServiceRecord): string =>
  `NEW_SERVICE service_id=${text(serviceId)} role=${role} cert=${chain.map(text).join(',')} cert_hash=${text(fingerprint)} created_at=${createdAt}`;

/** What follows whose it is. */
export function messageRest(message: Message): string {
  const base = `${text(message.msgId)} ${message.ts}`;
  return message.kind === 'quota' ? `${base} quota` : `${base} flags=${message.notify ? 'T' : 'F'} ${message.body.length === 0 ? '' : text(message.body)}`;
}

export const messageLine = ({ recipientId }: Of, message: Message): string => `v3 ${text(recipientId)} ${messageRest(message)}`;
export const notificationLine = ({ notifierId }: Pick<Notifier, 'notifierId'>, { ts, nonce, encMeta }: Notification): string => `v1 ${text(notifierId)} ${text(unique(24))} ${ts} ${text(nonce)} ${text(encMeta)}`;
export const anyMessage = (parts: Partial<Message & { kind: 'message' }> = {}): Message & { kind: 'message' } => ({ kind: 'message', msgId: unique(24), ts: DAY_TIME + 7, notify: false, body: unique(20), ...parts });
export const marker = (ts = DAY_TIME + 8): Message => ({ kind: 'quota', msgId: unique(24), ts });
export const anyNotification = (ts = DAY_TIME + 9): Notification => ({ ts, nonce: unique(24), encMeta: unique(144) });

export const linesText = (lines: readonly string[]): Uint8Array => utf8(lines.map((line) => `${line}\n`).join(''));

export async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
}

export const partsOf = (bytes: Uint8Array): FileParts => ({
  read: async (at, count) => (at + count > bytes.length ? Promise.reject(new RangeError('not there')) : Promise.resolve(bytes.slice(at, at + count))),
});

export interface ReadLog {
  readonly log: SmpLog;
  readonly bytes: Uint8Array;
  readonly bad: readonly BadLine<QueueLineFault>[];
}

export async function readLog(bytes: Uint8Array, chunkBytes = 65_536): Promise<ReadLog> {
  const bad: BadLine<QueueLineFault>[] = [];
  return { log: await readSmpLog(inChunks(bytes, chunkBytes), (line) => bad.push(line)), bytes, bad };
}

export const readLines = (lines: readonly string[], chunkBytes?: number): Promise<ReadLog> => readLog(linesText(lines), chunkBytes);

/** All queues, in the order of their lines. */
export const queuesOf = (fold: QueueFold): LoggedQueue[] => Array.from(fold.addresses(), (address) => fold.stored.read(address));

/** A record as the log leaves it. */
export function recordOf({ link: _, ...record }: AnyQueue): LoggedQueue['record'] {
  return record;
}
