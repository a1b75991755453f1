/**
 * Redirects (XFTP §1.7): a description too long for a link lies in a small file, and the link leads to that. One step
 * only, and the description found there must be the one that was announced.
 */
import { concatBytes, hasCode, textOf, utf8 } from '@polyplex/base';
import { type FileDescription, MAX_DESCRIPTION_BYTES, openRedirect } from '@polyplex/protocol-xftp';
import { decryptFile } from './decrypt-file.ts';
import { downloadChunks } from './download-chunks.ts';
import { XftpFileError } from './file-error.ts';
import { memoryPlace } from './memory-place.ts';
import { ReceiveJournal, type ReceiveState } from './receive-journal.ts';
import type { ServerLines } from './server-lines.ts';

export interface FollowOptions {
  readonly journal: ReceiveJournal;
  readonly state: ReceiveState;
  readonly lines: ServerLines;
  readonly signal: AbortSignal | undefined;
}

/** The description of the file itself; downloads it where it was not found before. */
export async function followRedirect(description: FileDescription, { journal, state, lines, signal }: FollowOptions): Promise<FileDescription> {
  if (description.redirect === null) return description;
  if (state.inner !== null) return innerDescription(description, state.inner);
  const text = await download(description, lines, signal);
  const inner = innerDescription(description, text);
  await journal.followed(state, text);
  return inner;
}

async function download(description: FileDescription, lines: ServerLines, signal: AbortSignal | undefined): Promise<string> {
  // It is held in memory; apps make these files of one chunk.
  if (description.size > MAX_DESCRIPTION_BYTES) throw new XftpFileError('REDIRECT', 'the file that the link leads to is too large for a description');
  const place = memoryPlace(description.size);
  const journal = new ReceiveJournal(place);
  const state = await journal.open(description.digest);
  await downloadChunks(description, { data: place.data, journal, state, lines, onProgress: undefined, signal });
  const pieces: Uint8Array[] = [];
  const output = { write: async (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes)) };
  await decryptFile(description, { data: place.data, output, onProgress: undefined, signal });
  const text = textOf(concatBytes(...pieces));
  if (text === null) throw new XftpFileError('REDIRECT', 'the link does not lead to a description');
  return text;
}

function innerDescription(outer: FileDescription, text: string): FileDescription {
  try {
    return openRedirect(outer, utf8(text));
  } catch (error) {
    if (!hasCode(error, 'BAD_DESCRIPTION')) throw error;
    throw new XftpFileError('REDIRECT', `the link is of no use: ${error.message}`, { cause: error });
  }
}
