/**
 * What the sender of a file has done so far. The plan comes first, once the file is encrypted: from then on the file that
 * was given is not needed any more, and nothing is ever encrypted twice under one key. A chunk is written down when the
 * server has made its record, because asking again would make another one (XFTP §8.1), and again when it was uploaded.
 */
import { toBase64Url } from '@polyplex/base';
import { type AddressText, formatAddress, parseAddress } from '@polyplex/protocol-common';
import { bytesOf, entityText, journalLine, JournalLine, unreadable } from './journal-line.ts';
import { XftpFileError } from './file-error.ts';
import type { TransferPlace } from './transfer-place.ts';
import type { EntityKey } from './xftp-session.ts';

export interface PlannedChunk {
  /** From 1. */
  readonly no: number;
  /** Where it begins in the encrypted file. */
  readonly at: number;
  readonly size: number;
  readonly digest: Uint8Array;
  /** With the password for new chunks. */
  readonly server: AddressText;
}

export interface SendPlan {
  /** Of the source. */
  readonly stamp: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly madeAt: number;
  readonly recipients: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** Size of the encrypted file. */
  readonly size: number;
  /** SHA-512 of the encrypted file. */
  readonly digest: Uint8Array;
  readonly chunks: readonly PlannedChunk[];
}

/** A chunk that has its record on the server. */
export interface SentChunk {
  readonly sender: EntityKey;
  readonly recipients: readonly EntityKey[];
}

export interface SendState {
  readonly plan: SendPlan;
  /** By number. */
  readonly created: Map<number, SentChunk>;
  readonly uploaded: Set<number>;
}

const KIND = 'send';
const FORMAT = 1;

export class SendJournal {
  private readonly place: TransferPlace;

  constructor(place: TransferPlace) {
    this.place = place;
  }

  /** Null where nothing was planned yet. Throws `JOURNAL` when it is another transfer's or cannot be read. */
  async read(): Promise<SendState | null> {
    const [first, ...rest] = (await this.place.readJournal()).map((line) => new JournalLine(line));
    if (first === undefined) return null;
    const state: SendState = { plan: readPlan(first), created: new Map(), uploaded: new Set() };
    for (const line of rest) {
      if (line.kind === 'created') state.created.set(line.count('no'), { sender: line.entity('sender'), recipients: line.entities('recipients') });
      else if (line.kind === 'uploaded') state.uploaded.add(line.count('no'));
    }
    return state;
  }

  async planned(plan: SendPlan): Promise<void> {
    const { stamp, madeAt, recipients, key, nonce, size, digest, chunks } = plan;
    const servers = [...new Set(chunks.map(({ server }) => addressText(server)))];
    const rows = chunks.map((chunk) => [chunk.size, toBase64Url(chunk.digest), servers.indexOf(addressText(chunk.server))]);
    const secrets = { key: toBase64Url(key), nonce: toBase64Url(nonce), digest: toBase64Url(digest) };
    await this.place.append(journalLine(KIND, { format: FORMAT, stamp, madeAt, recipients, ...secrets, size, servers, chunks: rows }));
  }

  async created(no: number, { sender, recipients }: SentChunk): Promise<void> {
    await this.place.append(journalLine('created', { no, sender: entityText(sender), recipients: recipients.map(entityText) }));
  }

  async uploaded(no: number): Promise<void> {
    await this.place.append(journalLine('uploaded', { no }));
  }
}

function addressText(server: AddressText): string {
  return formatAddress(server, 'xftp', server.password);
}

function readPlan(line: JournalLine): SendPlan {
  if (line.kind !== KIND || line.count('format') !== FORMAT) throw new XftpFileError('JOURNAL', 'this is the state of another transfer');
  const servers = line.list('servers').map(serverOf);
  let at = 0;
  const chunks = line.list('chunks').map((row, i): PlannedChunk => {
    const [size, digest, server] = rowOf(row, servers);
    const chunk = { no: i + 1, at, size, digest, server };
    at += size;
    return chunk;
  });
  const size = line.count('size');
  if (at !== size) throw unreadable();
  const bytes = { key: line.bytes('key'), nonce: line.bytes('nonce'), digest: line.bytes('digest') };
  return { stamp: line.text('stamp'), madeAt: line.count('madeAt'), recipients: line.count('recipients'), ...bytes, size, chunks };
}

function serverOf(text: unknown): AddressText {
  const server = typeof text === 'string' ? parseAddress(text) : null;
  if (server?.scheme !== 'xftp') throw unreadable();
  return server;
}

function rowOf(row: unknown, servers: readonly AddressText[]): readonly [number, Uint8Array, AddressText] {
  if (!Array.isArray(row)) throw unreadable();
  const [size, digest, index] = row as unknown[];
  const server = typeof index === 'number' ? servers[index] : undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size <= 0 || server === undefined) throw unreadable();
  return [size, bytesOf(digest), server];
}
