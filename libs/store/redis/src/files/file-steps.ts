/** The steps of the FileStore contract, each one script. */
import { copyBytes, fromBase64Url, idKey } from '@polyplex/base';
import { isId, storeError } from '@polyplex/store-common';
import type { FileParty, FileStore, FoundFile, NewFile, NewRecipient, WholeFile } from '@polyplex/store-contract';
import type { Argument } from '../connection.ts';
import type { Redis } from '../redis.ts';
import { listOf, numberOf, type Reply, textOfReply } from '../redis-reply.ts';
import { type FileKeys, idText } from './file-keys.ts';
import { encodeFixed, encodeRecipient, encodeStatus, readFile, readKey } from './file-values.ts';

export interface FileSteps {
  readonly redis: Redis;
  readonly keys: FileKeys;
  /** How long after its removal a body is expected to be discarded, milliseconds. */
  readonly graceMs: number;
}

type Steps = Omit<FileStore, 'close' | 'facts'>;
type Removed = Awaited<ReturnType<FileStore['remove']>>;

/** Files that are removed side by side. */
const EXPIRED_AT_ONCE = 50;
const ACTIVE = encodeStatus({ state: 'active' });

export function createFileSteps(steps: FileSteps): Steps {
  const { redis, keys, graceMs } = steps;
  return {
    create: (file, recipients) => create(steps, file, recipients),
    addRecipients: (senderId, recipients) => addRecipients(steps, senderId, recipients),
    find: (party, id) => find(steps, party, id),
    acknowledge: (recipientId) => acknowledge(steps, recipientId),
    async beginUpload(senderId, bodyId, { quota, leaseMs }) {
      if (!isId(senderId)) return 'gone';
      const args = [bodyId, idText(senderId), quota === null ? '' : String(quota), String(Math.floor(leaseMs))];
      const answer = textOfReply(await redis.run('file-begin', [keys.file(idText(senderId)), keys.bodies, keys.due, keys.usage], args));
      if (answer === 'known') throw storeError('FAILED', undefined, 'the body is known already');
      return answer as Awaited<ReturnType<FileStore['beginUpload']>>;
    },
    async commitUpload(senderId, bodyId) {
      if (!isId(senderId)) return 'gone';
      const at = [keys.file(idText(senderId)), keys.bodies, keys.due, keys.usage];
      return textOfReply(await redis.run('file-commit', at, [bodyId, idText(senderId)])) as Awaited<ReturnType<FileStore['commitUpload']>>;
    },
    async remove(senderId) {
      return isId(senderId) ? remove(steps, idText(senderId)) : null;
    },
    async block(senderId, info) {
      if (!isId(senderId)) return null;
      const args = [encodeStatus({ state: 'blocked', info }), idText(senderId), String(graceMs)];
      return removedIn(listOf(await redis.run('file-block', [keys.file(idText(senderId)), keys.bodies, keys.due, keys.usage], args)));
    },
    async unblock(senderId) {
      return isId(senderId) && numberOf(await redis.run('file-unblock', [keys.file(idText(senderId))], [ACTIVE])) === 1;
    },
    expire: (createdBefore, limit) => expire(steps, createdBefore, limit),
    async discard(bodyId) {
      await redis.run('file-discard', [keys.bodies, keys.due, keys.usage], [bodyId]);
    },
    async leftBodies(limit) {
      return listOf(await redis.run('file-left', [keys.bodies, keys.due], [String(limit), String(graceMs)])).map(textOfReply);
    },
    async knows(bodyIds) {
      if (bodyIds.length === 0) return [];
      return listOf(await redis.read(keys.bodies, ['HMGET', keys.bodies, ...bodyIds])).map((known) => known !== null);
    },
    putFile: (whole) => putFile(steps, whole),
    async usage() {
      const [files, uploaded, bytes] = listOf(await redis.read(keys.usage, ['HMGET', keys.usage, 'files', 'uploaded', 'bytes'])).map(numberOf);
      return { files: files ?? 0, uploaded: uploaded ?? 0, bytes: bytes ?? 0 };
    },
    async check() {
      await redis.read(keys.usage, ['HLEN', keys.usage]);
    },
  };
}

/** Whether these may be the ids of recipients: well formed, and none twice. */
function areIds(recipients: readonly NewRecipient[]): boolean {
  const ids = recipients.map(({ recipientId }) => recipientId);
  return ids.every(isId) && new Set(ids.map(idKey)).size === ids.length;
}

/** An id and a value for each key of a recipient, as scripts take them. */
function recipientArgs(senderId: Uint8Array, recipients: readonly NewRecipient[]): Argument[] {
  return recipients.flatMap((recipient) => [idText(recipient.recipientId), encodeRecipient(senderId, recipient)]);
}

function recipientKeys(keys: FileKeys, recipients: readonly NewRecipient[]): string[] {
  return recipients.map(({ recipientId }) => keys.recipient(idText(recipientId)));
}

async function create({ redis, keys }: FileSteps, file: NewFile, recipients: readonly NewRecipient[]): ReturnType<FileStore['create']> {
  const { senderId, size, createdAt } = file;
  if (!isId(senderId) || !areIds(recipients)) return 'collision';
  const at = [keys.file(idText(senderId)), keys.members(idText(senderId)), keys.created, keys.usage, ...recipientKeys(keys, recipients)];
  const args = [encodeFixed(file), ACTIVE, String(size), String(createdAt), idText(senderId), ...recipientArgs(senderId, recipients)];
  return textOfReply(await redis.run('file-create', at, args)) as Awaited<ReturnType<FileStore['create']>>;
}

async function addRecipients({ redis, keys }: FileSteps, senderId: Uint8Array, recipients: readonly NewRecipient[]): ReturnType<FileStore['addRecipients']> {
  if (!isId(senderId)) return 'gone';
  const valid = areIds(recipients) ? recipients : [];
  const at = [keys.file(idText(senderId)), keys.members(idText(senderId)), ...recipientKeys(keys, valid)];
  const answer = textOfReply(await redis.run('file-recipients', at, recipientArgs(senderId, valid))) as Awaited<ReturnType<FileStore['addRecipients']>>;
  return answer === 'added' && valid.length < recipients.length ? 'collision' : answer;
}

async function find(steps: FileSteps, party: FileParty, id: Uint8Array): Promise<FoundFile | null> {
  if (!isId(id)) return null;
  if (party === 'recipient') return findOfRecipient(steps, idText(id));
  const senderId = copyBytes(id);
  const file = readFile(senderId, await recordOf(steps, idText(senderId)));
  return file && { file, key: file.senderKey };
}

async function recordOf({ redis, keys }: FileSteps, senderId: string): Promise<readonly Reply[]> {
  const key = keys.file(senderId);
  return listOf(await redis.read(key, ['HMGET', key, 'r', 's', 'b']));
}

/** The sender id as text and the key of a recipient; null for none. */
function readRecipient(reply: Reply): { readonly senderId: string; readonly key: NewRecipient['recipientKey'] } | null {
  if (!(reply instanceof Buffer)) return null;
  const colon = reply.indexOf(':');
  return { senderId: reply.toString('latin1', 0, colon), key: readKey(reply.subarray(colon + 1)) };
}

/**
 * Key by key, so that nothing has to be in one place while the slot moves; what the recipient names is asked for again
 * behind the record, which thus was that of its file. One that is not there costs the same.
 */
async function findOfRecipient(steps: FileSteps, recipientId: string): Promise<FoundFile | null> {
  const { redis, keys } = steps;
  const key = keys.recipient(recipientId);
  const read = (): Promise<Reply> => redis.read(key, ['GET', key]);
  for (let value = await read(); ; ) {
    const recipient = readRecipient(value);
    const [fields, again] = await Promise.all([recordOf(steps, recipient?.senderId ?? ''), read()]);
    if (isSame(value, again)) {
      const file = recipient && readFile(fromBase64Url(recipient.senderId)!, fields);
      return file && { file, key: recipient.key };
    }
    value = again;
  }
}

function isSame(a: Reply, b: Reply): boolean {
  return a instanceof Buffer && b instanceof Buffer ? a.equals(b) : a === b;
}

async function acknowledge({ redis, keys }: FileSteps, id: Uint8Array): Promise<boolean> {
  if (!isId(id)) return false;
  const recipientId = idText(id);
  const key = keys.recipient(recipientId);
  for (;;) {
    // Where changes go, and so behind those that were called before.
    const recipient = readRecipient(await redis.write(key, ['GET', key]));
    if (recipient === null) return false;
    const { senderId } = recipient;
    const answer = numberOf(await redis.run('file-acknowledge', [key, keys.members(senderId)], [senderId, recipientId]));
    if (answer >= 0) return answer === 1;
  }
}

function removedIn([found, bodyId]: readonly Reply[]): Removed {
  if (numberOf(found) === 0) return null;
  return { bodyId: bodyId === undefined || bodyId === null ? null : textOfReply(bodyId) };
}

/** `before` null: whenever it was created. */
async function remove({ redis, keys, graceMs }: FileSteps, senderId: string, before: number | null = null): Promise<Removed> {
  const members = keys.members(senderId);
  for (;;) {
    const recipients = listOf(await redis.read(members, ['SMEMBERS', members])).map(textOfReply);
    const at = [keys.file(senderId), members, keys.created, keys.usage, keys.bodies, keys.due, ...recipients.map((id) => keys.recipient(id))];
    const args = [senderId, before === null ? '' : String(before), String(graceMs), ...recipients];
    const reply = listOf(await redis.run('file-remove', at, args));
    if (numberOf(reply[0]) >= 0) return removedIn(reply);
  }
}

async function expire(steps: FileSteps, before: number, limit: number): ReturnType<FileStore['expire']> {
  const { redis, keys } = steps;
  let files = 0;
  const bodies: string[] = [];
  while (files < limit) {
    const most = String(Math.min(EXPIRED_AT_ONCE, limit - files));
    const ids = listOf(await redis.read(keys.created, ['ZRANGEBYSCORE', keys.created, '-inf', `(${String(before)}`, 'LIMIT', '0', most]));
    if (ids.length === 0) break;
    // Those that another node has removed meanwhile are not counted.
    const removed = (await Promise.all(ids.map((id) => remove(steps, textOfReply(id), before)))).filter((each) => each !== null);
    files += removed.length;
    bodies.push(...removed.flatMap(({ bodyId }) => bodyId ?? []));
  }
  return { files, bodies };
}

async function putFile({ redis, keys }: FileSteps, { file, recipients }: WholeFile): ReturnType<FileStore['putFile']> {
  const { senderId, size, createdAt, status, bodyId } = file;
  if (!isId(senderId) || !areIds(recipients)) return 'collision';
  const at = [keys.file(idText(senderId)), keys.members(idText(senderId)), keys.created, keys.usage, keys.bodies, ...recipientKeys(keys, recipients)];
  const args = [
    encodeFixed(file), encodeStatus(status), String(size), String(createdAt), idText(senderId), bodyId ?? '', ...recipientArgs(senderId, recipients),
  ];
  return textOfReply(await redis.run('file-put', at, args)) as Awaited<ReturnType<FileStore['putFile']>>;
}
