/** Files, recipients and uploads with random contents; a test names only what it is about. */
import { toBase64Url } from '@polyplex/base';
import { expect } from 'vitest';
import type {
  FileRecord, FileStore, FileUsage, NewFile, NewRecipient, UploadOptions, WholeFile,
} from '@polyplex/store-contract';
import { anyId, anyKey, bytes } from '../builders.ts';

/** Some full hour, in seconds. */
export const CREATED = 1_699_999_200;
export const HOUR_SECONDS = 3600;
export const SIZE = 65_536;
export const LONG_LEASE_MS = 3_600_000;
export const SHORT_LEASE_MS = 40;

export function anyFile(parts: Partial<NewFile> = {}): NewFile {
  return { senderId: anyId(), senderKey: anyKey(), size: SIZE, digest: bytes(32), createdAt: CREATED, ...parts };
}

export const anyRecipient = (): NewRecipient => ({ recipientId: anyId(), recipientKey: anyKey() });
export const recipients = (count: number): NewRecipient[] => Array.from({ length: count }, anyRecipient);
export const anyBodyId = (): string => toBase64Url(bytes(24));

export function upload(parts: Partial<UploadOptions> = {}): UploadOptions {
  return { quota: null, leaseMs: LONG_LEASE_MS, ...parts };
}

export interface Created {
  readonly file: NewFile;
  readonly senderId: Uint8Array;
  readonly recipients: readonly NewRecipient[];
}

/** A file that is expected to be new, with its recipients. */
export async function created(store: FileStore, parts: Partial<NewFile> = {}, count = 1): Promise<Created> {
  const file = anyFile(parts);
  const given = recipients(count);
  expect(await store.create(file, given)).toBe('created');
  return { file, senderId: file.senderId, recipients: given };
}

/** Begins an upload; answers its body. */
export async function begun(store: FileStore, { senderId }: Pick<Created, 'senderId'>, parts: Partial<UploadOptions> = {}): Promise<string> {
  const bodyId = anyBodyId();
  expect(await store.beginUpload(senderId, bodyId, upload(parts))).toBe('begun');
  return bodyId;
}

/** Gives the file a body; answers it. */
export async function uploaded(store: FileStore, file: Pick<Created, 'senderId'>): Promise<string> {
  const bodyId = await begun(store, file);
  expect(await store.commitUpload(file.senderId, bodyId)).toBe('committed');
  return bodyId;
}

/** The record as it is stored now. */
export async function present(store: FileStore, { senderId }: Pick<Created, 'senderId'>): Promise<FileRecord | null> {
  return (await store.find('sender', senderId))?.file ?? null;
}

/** The record of a file that nothing happened to, but for what is given. */
export function record({ file }: Pick<Created, 'file'>, parts: Partial<FileRecord> = {}): FileRecord {
  return { ...file, status: { state: 'active' }, bodyId: null, ...parts };
}

export async function expectUsage(store: FileStore, parts: Partial<FileUsage>): Promise<void> {
  expect(await store.usage()).toEqual({ files: 0, uploaded: 0, bytes: 0, ...parts });
}

/** Lets every body become left that ever will. */
export const untilLeft = ({ graceMs }: { readonly graceMs: number }): number => graceMs + SHORT_LEASE_MS;

export function wholeFile(parts: Partial<FileRecord> = {}, count = 2): WholeFile {
  return { file: { ...anyFile(), status: { state: 'active' }, bodyId: anyBodyId(), ...parts }, recipients: recipients(count) };
}

/** What a whole file differs in. */
export type FileStatusCase = Pick<FileRecord, 'status'> & Partial<Pick<FileRecord, 'bodyId'>>;
