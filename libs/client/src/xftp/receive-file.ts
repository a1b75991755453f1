/**
 * Receives a file (XFTP §8.2): downloads its chunks into the encrypted file, then checks and decrypts it, and only a file
 * whose digest and tag are right gets a name. Where a chunk has several replicas, further ones are tried when one fails.
 * At the end the servers are told that the chunks are not needed any more (FACK).
 */
import type { FileDescription } from '@polyplex/protocol-xftp';
import { acknowledgeChunks } from './acknowledge-chunks.ts';
import { decryptFile } from './decrypt-file.ts';
import { downloadChunks } from './download-chunks.ts';
import { XftpFileError } from './file-error.ts';
import { followRedirect } from './follow-redirect.ts';
import { ReceiveJournal, type ReceiveState } from './receive-journal.ts';
import { safeFileName } from './safe-name.ts';
import { ServerLines, type ServerLinesOptions } from './server-lines.ts';
import type { FileOutput, TransferPlace } from './transfer-place.ts';
import type { OnProgress } from './transfer-progress.ts';

export interface ReceiveFileOptions extends ServerLinesOptions {
  /** A recipient's, perhaps a redirect. */
  readonly description: FileDescription;
  /** Where the transfer keeps its state; goes on with what it finds there. One place a file: `transferDigest` names it. */
  readonly place: TransferPlace;
  readonly output: FileOutput;
  readonly onProgress?: OnProgress;
  /** Ends with `CLOSED`; the state stays. */
  readonly signal?: AbortSignal | undefined;
  /** Whether servers are told that the recipient has the file; default true. Afterwards the description is of no use. */
  readonly acknowledge?: boolean;
}

export interface ReceivedFile {
  /** Where the output put it. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Chunks whose servers could not be told that they are not needed any more; they expire. */
  readonly unacknowledged: number;
}

/** The SHA-512 of the encrypted file that a description leads to, by which its transfer is known. */
export function transferDigest({ digest, redirect }: FileDescription): Uint8Array {
  return redirect?.digest ?? digest;
}

/**
 * Rejects with `XftpFileError`, or with what went wrong with a server; the state then stays, and the same call goes on
 * with it. After success the state is the caller's to clear.
 */
export async function receiveFile(options: ReceiveFileOptions): Promise<ReceivedFile> {
  const { description, place, acknowledge = true, signal } = options;
  if (description.party !== 'recipient') throw new XftpFileError('PARTY', 'this description is the sender\'s: it deletes the file, and cannot receive it');
  const journal = new ReceiveJournal(place);
  const state = await journal.open(transferDigest(description));
  const lines = new ServerLines(options);
  try {
    const target = await followRedirect(description, { journal, state, lines, signal });
    const saved = state.saved ?? (await receive(target, options, { journal, state, lines }));
    const unacknowledged = acknowledge ? await acknowledgeChunks(description, target, { journal, state, lines, signal }) : 0;
    return { ...saved, unacknowledged };
  } finally {
    lines.close();
  }
}

interface Receiving {
  readonly journal: ReceiveJournal;
  readonly state: ReceiveState;
  readonly lines: ServerLines;
}

async function receive(target: FileDescription, options: ReceiveFileOptions, { journal, state, lines }: Receiving): Promise<{ path: string; size: number }> {
  const { place, output, onProgress, signal } = options;
  await downloadChunks(target, { data: place.data, journal, state, lines, onProgress, signal });
  try {
    const { name, size } = await decryptFile(target, { data: place.data, output, onProgress, signal });
    const path = await output.finish(safeFileName(name));
    await journal.saved(state, path, size);
    return { path, size };
  } catch (error) {
    await output.discard();
    throw error;
  }
}
