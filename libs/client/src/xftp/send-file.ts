/**
 * Sends a file (XFTP §8.1): encrypts it, uploads its chunks, each to one of the servers, and makes the descriptions. The
 * encrypted file is kept until the end, rather than made again where it is needed: a chunk's digest is wanted before its
 * bytes, an upload may be repeated, and a file that changes meanwhile must not end in chunks that do not fit together.
 * Memory is a few pieces a server, whatever the size of the file.
 */
import { type Clock, DAY, systemClock, utf8 } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import { createFileEncryptor, FILE_KEY_BYTES, type FileDescription } from '@polyplex/protocol-xftp';
import { ChunkHashes } from './chunk-hashes.ts';
import { XftpFileError } from './file-error.ts';
import { SendJournal, type SendPlan, type SendState } from './send-journal.ts';
import { recipientDescription, senderDescription } from './sent-descriptions.ts';
import { serverKey, ServerLines, type ServerLinesOptions } from './server-lines.ts';
import type { FileSource, TransferPlace } from './transfer-place.ts';
import type { OnProgress } from './transfer-progress.ts';
import { uploadChunks } from './upload-chunks.ts';
import { givenUp } from './xftp-error.ts';

export interface SendFileOptions extends ServerLinesOptions {
  readonly source: FileSource;
  /** Where the transfer keeps its state; goes on with what it finds there, servers and recipients included. */
  readonly place: TransferPlace;
  /** With their passwords; each chunk goes to any of them. At least one, except where a state goes on, which has its own. */
  readonly servers: readonly AddressText[];
  /** How many descriptions are made, each for one recipient; default 1. */
  readonly recipients?: number;
  /** Where the encrypted file is cut; default as XFTP §4.6 has it. */
  readonly chunkSizes?: readonly number[];
  readonly onProgress?: OnProgress;
  /** Ends with `CLOSED`; the state stays. */
  readonly signal?: AbortSignal | undefined;
}

export interface SentFile {
  /** One for each recipient. */
  readonly recipients: readonly FileDescription[];
  /** To delete the file with. */
  readonly sender: FileDescription;
  /** Where it lies, each server once, with their passwords. */
  readonly servers: readonly AddressText[];
}

/** The app's hard limit (XFTP §4.7). */
export const MAX_FILE_BYTES = 5 * 1024 ** 3;
export const MAX_RECIPIENTS = 1000;
const MAX_NAME_BYTES = 255;
const NONCE_BYTES = 24;
/** Servers keep chunks for two days: what was uploaded longer ago than half of that is sent anew (XFTP §8.3). */
const MAX_PLAN_AGE_MS = DAY;

/**
 * Rejects with `XftpFileError`, or with what went wrong with a server; the state then stays, and the same call goes on
 * with it. After success the state is the caller's to clear, when the descriptions are safe.
 */
export async function sendFile(options: SendFileOptions): Promise<SentFile> {
  checkRequest(options);
  const journal = new SendJournal(options.place);
  const state = (await stateToGoOnWith(options, journal)) ?? (await begin(options, journal));
  const lines = new ServerLines(options);
  try {
    await uploadChunks(state, { journal, lines, data: options.place.data, onProgress: options.onProgress, signal: options.signal });
  } finally {
    lines.close();
  }
  const { plan, created } = state;
  const recipients = Array.from({ length: plan.recipients }, (_, i) => recipientDescription(plan, created, i));
  const servers = new Map(plan.chunks.map(({ server }) => [serverKey(server), server]));
  return { recipients, sender: senderDescription(plan, created), servers: [...servers.values()] };
}

function checkRequest({ source, recipients = 1 }: SendFileOptions): void {
  if (source.size > MAX_FILE_BYTES) throw new XftpFileError('TOO_LARGE', 'files of more than 5 GiB cannot be sent');
  if (utf8(source.name).length > MAX_NAME_BYTES) throw new XftpFileError('PLAN', `the file's name has more than ${MAX_NAME_BYTES} bytes`);
  const isCount = Number.isInteger(recipients) && recipients >= 1 && recipients <= MAX_RECIPIENTS;
  if (!isCount) throw new XftpFileError('PLAN', `a file has 1 to ${MAX_RECIPIENTS} recipients`);
}

async function stateToGoOnWith({ source, place, clock = systemClock }: SendFileOptions, journal: SendJournal): Promise<SendState | null> {
  const state = await journal.read();
  if (state === null || clock.now() - state.plan.madeAt > MAX_PLAN_AGE_MS) {
    await place.clear();
    return null;
  }
  if (state.plan.stamp !== source.stamp) throw new XftpFileError('CHANGED', 'the file has changed since its sending began');
  return state;
}

async function begin(options: SendFileOptions, journal: SendJournal): Promise<SendState> {
  const { source, servers, recipients = 1, clock = systemClock } = options;
  if (servers.length === 0) throw new XftpFileError('PLAN', 'no server to send to');
  const secrets = { key: randomBytes(FILE_KEY_BYTES), nonce: randomBytes(NONCE_BYTES) };
  const { sizes, digest, chunkDigests } = await encrypt(options, secrets);
  const random = options.random ?? Math.random;
  let at = 0;
  const chunks = sizes.map((size, i) => {
    const chunk = { no: i + 1, at, size, digest: chunkDigests[i]!, server: servers[Math.floor(random() * servers.length)]! };
    at += size;
    return chunk;
  });
  const plan: SendPlan = { stamp: source.stamp, madeAt: now(clock), recipients, ...secrets, size: at, digest, chunks };
  await journal.planned(plan);
  return { plan, created: new Map(), uploaded: new Set() };
}

function now(clock: Clock): number {
  return Math.floor(clock.now());
}

interface Encrypted {
  readonly sizes: readonly number[];
  readonly digest: Uint8Array;
  readonly chunkDigests: readonly Uint8Array[];
}

async function encrypt(options: SendFileOptions, secrets: { key: Uint8Array; nonce: Uint8Array }): Promise<Encrypted> {
  const { source, place, chunkSizes, onProgress, signal } = options;
  const cut = chunkSizes === undefined ? {} : { chunkSizes };
  const encryptor = createFileEncryptor({ name: source.name, contentSize: source.size, ...secrets, ...cut });
  const hashes = new ChunkHashes(encryptor.chunkSizes);
  let at = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    hashes.update(bytes);
    await place.data.write(at, bytes);
    at += bytes.length;
    onProgress?.({ phase: 'encrypting', done: at, total: encryptor.size });
  };
  await put(encryptor.head());
  let read = 0;
  for await (const piece of source.pieces()) {
    if (signal?.aborted === true) throw givenUp();
    read += piece.length;
    if (read > source.size) throw changed();
    await put(encryptor.update(piece));
  }
  if (read !== source.size) throw changed();
  for (const piece of encryptor.finish()) await put(piece);
  await place.data.sync();
  return { sizes: encryptor.chunkSizes, ...hashes.finish() };
}

function changed(): XftpFileError {
  return new XftpFileError('CHANGED', 'the file changed while it was read');
}
