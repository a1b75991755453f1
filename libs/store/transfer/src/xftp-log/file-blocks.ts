/**
 * Files and recipients in `Blocks`: with the ids and keys of today's clients 104 bytes a file and 64 a recipient. What few
 * files have, another name of the body or a reason for a block, is kept beside them.
 */
import { copyBytes, toBase64Url } from '@polyplex/base';
import { KEY_BYTES, type PublicKey } from '@polyplex/crypto';
import type { BlockingInfo, FileRecord, NewFile, NewRecipient, QueueStatus } from '@polyplex/store-contract';
import type { Blocks } from '../text-log/blocks.ts';

/** A file as the log leaves it. */
export interface LoggedFile {
  /** Of its FNEW: names it where ids must not be told. */
  readonly line: number;
  readonly file: Omit<FileRecord, 'bodyId'>;
  /** Name of the file with the body; null where there is none. */
  readonly body: string | null;
  readonly recipients: readonly NewRecipient[];
}

/*
 * file       first recipient 4, line 4, size 4, time in hours 4, state 1, kind of key 1, length of digest 1, length of id 1, id, key, digest
 * recipient  next recipient 4, file 4, kind of key 1, length of id 1, id, key
 */
const LINE_AT = 4;
const SIZE_AT = 8;
const HOURS_AT = 12;
const STATE_AT = 16;
const KIND_AT = 17;
const DIGEST_LENGTH_AT = 18;
export const FILE_ID_AT = 20;
const OWNER_AT = 4;
const RECIPIENT_KIND_AT = 8;
export const RECIPIENT_ID_AT = 10;

const HOUR_SECONDS = 3600;
const KINDS = ['ed25519', 'ed448', 'x25519', 'x448'] as const;
const STATES = ['active', 'blocked', 'off'] as const;
/** Beside the state: the file has a body. */
const HAS_BODY = 0x80;

export class FileBlocks {
  private readonly blocks: Blocks;
  /** Of bodies that are not called by the file's id, and of blocked files. */
  private readonly names = new Map<number, string>();
  private readonly infos = new Map<number, BlockingInfo>();

  constructor(blocks: Blocks) {
    this.blocks = blocks;
  }

  addFile({ senderId, senderKey, size, digest, createdAt }: NewFile, status: QueueStatus, line: number): number {
    const address = this.blocks.allocate(FILE_ID_AT + senderId.length + senderKey.raw.length + digest.length);
    const [page, at] = [this.blocks.page(address), this.blocks.offset(address)];
    page.writeUInt32LE(0, at);
    page.writeUInt32LE(line, at + LINE_AT);
    page.writeUInt32LE(size, at + SIZE_AT);
    page.writeUInt32LE(Math.floor(createdAt / HOUR_SECONDS), at + HOURS_AT);
    page[at + KIND_AT] = KINDS.indexOf(senderKey.kind);
    page[at + DIGEST_LENGTH_AT] = digest.length;
    page[at + FILE_ID_AT - 1] = senderId.length;
    page.set(senderId, at + FILE_ID_AT);
    page.set(senderKey.raw, at + FILE_ID_AT + senderId.length);
    page.set(digest, at + FILE_ID_AT + senderId.length + senderKey.raw.length);
    this.setStatus(address, status);
    return address;
  }

  addRecipient(file: number, { recipientId, recipientKey }: NewRecipient): number {
    const address = this.blocks.allocate(RECIPIENT_ID_AT + recipientId.length + recipientKey.raw.length);
    const [page, at] = [this.blocks.page(address), this.blocks.offset(address)];
    page.writeUInt32LE(this.next(file), at);
    page.writeUInt32LE(file, at + OWNER_AT);
    page[at + RECIPIENT_KIND_AT] = KINDS.indexOf(recipientKey.kind);
    page[at + RECIPIENT_ID_AT - 1] = recipientId.length;
    page.set(recipientId, at + RECIPIENT_ID_AT);
    page.set(recipientKey.raw, at + RECIPIENT_ID_AT + recipientId.length);
    this.setNext(file, address);
    return address;
  }

  isActive(file: number): boolean {
    return (this.stateByte(file) & ~HAS_BODY) === 0;
  }

  hasBody(file: number): boolean {
    return (this.stateByte(file) & HAS_BODY) !== 0;
  }

  size(file: number): number {
    return this.blocks.page(file).readUInt32LE(this.blocks.offset(file) + SIZE_AT);
  }

  setBody(file: number, name: string): void {
    this.blocks.page(file)[this.blocks.offset(file) + STATE_AT]! |= HAS_BODY;
    if (name !== toBase64Url(this.idOf(file))) this.names.set(file, name);
  }

  /** A file that is not active has no body. */
  setStatus(file: number, status: QueueStatus): void {
    this.blocks.page(file)[this.blocks.offset(file) + STATE_AT] = STATES.indexOf(status.state);
    this.names.delete(file);
    if (status.state === 'blocked') this.infos.set(file, status.info);
  }

  /** Addresses of the file's recipients, the last one first. */
  *recipientsOf(file: number): Generator<number> {
    for (let address = this.next(file); address !== 0;) {
      const following = this.next(address);
      yield address;
      address = following;
    }
  }

  recipientId(address: number): Uint8Array {
    return this.copy(address, RECIPIENT_ID_AT, this.byte(address, RECIPIENT_ID_AT - 1));
  }

  /** Frees a recipient and takes it out of its file. */
  removeRecipient(address: number): void {
    let before = this.blocks.page(address).readUInt32LE(this.blocks.offset(address) + OWNER_AT);
    while (this.next(before) !== address) before = this.next(before);
    this.setNext(before, this.next(address));
    this.free(address, RECIPIENT_ID_AT + this.byte(address, RECIPIENT_ID_AT - 1) + this.keyBytes(address, RECIPIENT_KIND_AT));
  }

  /** Frees a file that has no recipients. */
  removeFile(file: number): void {
    this.names.delete(file);
    this.infos.delete(file);
    this.free(file, FILE_ID_AT + this.byte(file, FILE_ID_AT - 1) + this.keyBytes(file, KIND_AT) + this.byte(file, DIGEST_LENGTH_AT));
  }

  /** The whole file, in memory of its own. */
  read(file: number): LoggedFile {
    const [page, at] = [this.blocks.page(file), this.blocks.offset(file)];
    const senderId = this.idOf(file);
    const senderKey = this.key(file, KIND_AT, FILE_ID_AT + senderId.length);
    const record = {
      senderId, senderKey, size: this.size(file),
      digest: this.copy(file, FILE_ID_AT + senderId.length + senderKey.raw.length, page[at + DIGEST_LENGTH_AT]!),
      createdAt: page.readUInt32LE(at + HOURS_AT) * HOUR_SECONDS,
      status: this.status(file),
    };
    const recipients = Array.from(this.recipientsOf(file), (address) => this.recipient(address)).reverse();
    const body = this.hasBody(file) ? (this.names.get(file) ?? toBase64Url(senderId)) : null;
    return { line: page.readUInt32LE(at + LINE_AT), file: record, body, recipients };
  }

  private recipient(address: number): NewRecipient {
    const recipientId = this.recipientId(address);
    return { recipientId, recipientKey: this.key(address, RECIPIENT_KIND_AT, RECIPIENT_ID_AT + recipientId.length) };
  }

  private status(file: number): QueueStatus {
    const state = STATES[this.stateByte(file) & ~HAS_BODY]!;
    return state === 'blocked' ? { state, info: this.infos.get(file)! } : { state };
  }

  private idOf(file: number): Uint8Array {
    return this.copy(file, FILE_ID_AT, this.byte(file, FILE_ID_AT - 1));
  }

  private key(address: number, kindAt: number, rawAt: number): PublicKey {
    return { kind: KINDS[this.byte(address, kindAt)]!, raw: this.copy(address, rawAt, this.keyBytes(address, kindAt)) };
  }

  private keyBytes(address: number, kindAt: number): number {
    return KEY_BYTES[KINDS[this.byte(address, kindAt)]!];
  }

  private stateByte(file: number): number {
    return this.byte(file, STATE_AT);
  }

  private byte(address: number, at: number): number {
    return this.blocks.page(address)[this.blocks.offset(address) + at]!;
  }

  private copy(address: number, at: number, length: number): Uint8Array {
    const from = this.blocks.offset(address) + at;
    return copyBytes(this.blocks.page(address).subarray(from, from + length));
  }

  /** First recipient of a file, next one of a recipient; 0 for none. */
  private next(address: number): number {
    return this.blocks.page(address).readUInt32LE(this.blocks.offset(address));
  }

  private setNext(address: number, next: number): void {
    this.blocks.page(address).writeUInt32LE(next, this.blocks.offset(address));
  }

  private free(address: number, bytes: number): void {
    this.blocks.free(address, bytes);
  }
}
