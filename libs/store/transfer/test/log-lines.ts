/** Lines as the reference's file server writes them, for tests. */
import { toBase64Url, utf8 } from '@polyplex/base';
import { encodePublicKey, type PublicKey } from '@polyplex/crypto';
import { formatBlockingInfo } from '@polyplex/protocol-common';
import type { NewFile, NewRecipient, QueueStatus } from '@polyplex/store-contract';
import { type BadLine, type LineFault, type LoggedFile, readXftpLog, type XftpLog } from '../src/index.ts';

export const keyText = (key: PublicKey): string => toBase64Url(encodePublicKey(key));

function statusText(status: QueueStatus): string {
  return status.state === 'blocked' ? `blocked,${formatBlockingInfo(status.info)}` : status.state;
}

export const fnew = ({ senderId, senderKey, size, digest, createdAt }: NewFile, status?: QueueStatus): string =>
  ['FNEW', toBase64Url(senderId), keyText(senderKey), size, toBase64Url(digest), createdAt, ...(status === undefined ? [] : [statusText(status)])].join(' ');

export const fadd = (senderId: Uint8Array, recipients: readonly NewRecipient[]): string =>
  `FADD ${toBase64Url(senderId)} ${recipients.map(({ recipientId, recipientKey }) => `${toBase64Url(recipientId)}:${keyText(recipientKey)}`).join(',')}`;

export const fput = (senderId: Uint8Array, path = `/srv/xftp/files/${toBase64Url(senderId)}`): string => `FPUT ${toBase64Url(senderId)} ${toBase64Url(utf8(path))}`;

export const fdel = (senderId: Uint8Array): string => `FDEL ${toBase64Url(senderId)}`;
export const fack = (recipientId: Uint8Array): string => `FACK ${toBase64Url(recipientId)}`;
export const fblk = (senderId: Uint8Array, info: string): string => `FBLK ${toBase64Url(senderId)} ${info}`;

export interface ReadLog {
  readonly log: XftpLog;
  readonly files: readonly LoggedFile[];
  readonly bad: readonly BadLine<LineFault>[];
}

/** Reads lines in chunks of that many bytes; files in the order of their lines. */
export async function readLines(lines: readonly string[], chunkBytes = 50): Promise<ReadLog> {
  return readBytes(utf8(lines.map((line) => `${line}\n`).join('')), chunkBytes);
}

export async function readBytes(bytes: Uint8Array, chunkBytes = 65_536): Promise<ReadLog> {
  const bad: BadLine<LineFault>[] = [];
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
  };
  const log = await readXftpLog(chunks(), (line) => bad.push(line));
  return { log, files: [...log.files()].sort((a, b) => a.line - b.line), bad };
}

let made = 0;

/** Bytes that no earlier call has given. */
export function unique(length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(++made & 0xff);
  new DataView(bytes.buffer).setUint32(0, made);
  return bytes;
}

export const HOUR = 1_782_000_000;

export function anyFile(parts: Partial<NewFile> = {}): NewFile {
  return { senderId: unique(16), senderKey: { kind: 'ed25519', raw: unique(32) }, size: 65_536, digest: unique(32), createdAt: HOUR, ...parts };
}

export const anyRecipient = (): NewRecipient => ({ recipientId: unique(16), recipientKey: { kind: 'ed25519', raw: unique(32) } });
