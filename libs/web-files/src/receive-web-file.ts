/**
 * Receives in a browser the file that a link's fragment names (XFTP §1.6, §8.2), a redirect followed. Servers are not told
 * that it was received: a link is for as many as have it.
 */
import { receiveFile } from '@polyplex/client';
import { parseWebLink } from '@polyplex/protocol-xftp';
import { BlobOutput, type ReceivedBlob } from './blob-output.ts';
import { lineProgress, linesFor, type WebTransferOptions } from './transfer-options.ts';
import { WebFileError } from './web-file-error.ts';
import { memoryTransfer } from './work-memory.ts';

/** What a link says before anything is downloaded. */
export interface LinkedFile {
  /** Bytes of the encrypted file, that is a little more than are inside. */
  readonly size: number;
}

/** More is not held in a tab. */
const MAX_BYTES = 1024 ** 3;

const FRAGMENT = /^[A-Za-z0-9_=-]{51,}$/;

/** Whether a fragment looks like a file's (XFTP §1.6). */
export function isFileFragment(fragment: string): boolean {
  return FRAGMENT.test(fragment);
}

/** null for what names no file. */
export function readFragment(fragment: string): LinkedFile | null {
  if (!isFileFragment(fragment)) return null;
  try {
    const description = parseWebLink(fragment);
    return description === null ? null : { size: description.redirect?.size ?? description.size };
  } catch {
    return null; // a stranger's text: whatever is wrong with it, it is no link to a file
  }
}

/** Rejects as `failureOf` explains; nothing of a file is handed out before all of it was checked. */
export async function receiveWebFile({ fragment, ...options }: WebTransferOptions & { readonly fragment: string }): Promise<ReceivedBlob> {
  const description = readFragment(fragment) === null ? null : parseWebLink(fragment);
  if (description === null) throw new WebFileError('LINK', 'this is no link to a file');
  if ((description.redirect?.size ?? description.size) > MAX_BYTES) throw new WebFileError('SIZE', 'the file is too large for a browser');
  const output = new BlobOutput();
  await receiveFile({
    ...linesFor(options), description, place: memoryTransfer(), output, acknowledge: false, onProgress: lineProgress(options), signal: options.signal,
  });
  return output.file!;
}
