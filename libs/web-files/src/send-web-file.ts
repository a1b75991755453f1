/**
 * Sends a file from a browser (XFTP §1.6, §1.7, §8.1): encrypted there, uploaded to one server, and named by the fragment
 * of a link. A description that is too long for a link goes into a small file of its own, which the link then names.
 */
import { SECOND, utf8 } from '@polyplex/base';
import { abandonSending, deleteFile, type FileSource, sendFile, type SentFile, type TransferPlace } from '@polyplex/client';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';
import { type FileDescription, formatDescription, parseDescription, redirectFile, WEB_REDIRECT_CHARACTERS, webFragment } from '@polyplex/protocol-xftp';
import { joinedBytes } from './joined-bytes.ts';
import { WebFileError } from './web-file-error.ts';
import { lineProgress, linesFor, type WebTransferOptions } from './transfer-options.ts';
import { memoryTransfer } from './work-memory.ts';

export interface SendWebFileOptions extends WebTransferOptions {
  readonly file: Blob;
  /** Base name. */
  readonly name: string;
  /** Address of the server, as it goes into the link. */
  readonly server: string;
  /** For new files, where the server wants one. */
  readonly password: string | null;
}

export interface SentWebFile {
  /** What follows the `#` of a link. */
  readonly fragment: string;
  /** The sender's descriptions, to delete the file with (`deleteWebFile`); as secret as the link. */
  readonly description: string;
}

/** Rejects as `failureOf` explains; what was uploaded before a failure is deleted again where that is possible. */
export async function sendWebFile(options: SendWebFileOptions): Promise<SentWebFile> {
  const { file, name } = options;
  const server = serverOf(options);
  const source = { name: shortName(name), size: file.size, stamp: '', pieces: () => piecesOf(file) };
  const sent = await send(source, server, options);
  const [description] = sent.recipients as [FileDescription];
  const fragment = webFragment(description);
  if (fragment.length <= WEB_REDIRECT_CHARACTERS || description.chunks.length === 1) return { fragment, description: senders(sent) };
  const { content, redirect } = redirectFile(description, '');
  const small = { name: '', size: content.length, stamp: '', pieces: () => piecesOf(new Blob([joinedBytes([content])])) };
  const outer = await send(small, server, { ...options, onProgress: undefined });
  return { fragment: webFragment({ ...outer.recipients[0]!, redirect }), description: senders(sent, outer) };
}

function serverOf({ server, password }: SendWebFileOptions): AddressText {
  const address = parseAddress(server);
  if (address?.scheme !== 'xftp') throw new WebFileError('SERVER', 'not the address of a file server');
  return { ...address, password };
}

async function send(source: FileSource, server: AddressText, options: WebTransferOptions): Promise<SentFile> {
  const place = memoryTransfer();
  try {
    return await sendFile({ ...linesFor(options), source, place, servers: [server], onProgress: lineProgress(options), signal: options.signal });
  } catch (error) {
    await takeBack(place, options);
    throw error;
  }
}

/** For the parts of a file that is given up; not for long, since the user waits, and what is left expires. */
const TAKE_BACK_MS = 4 * SECOND;

async function takeBack(place: TransferPlace, options: WebTransferOptions): Promise<void> {
  const signal = AbortSignal.timeout(TAKE_BACK_MS);
  // The failure that is told is that of the sending.
  await abandonSending({ ...linesFor(options), place, signal }).catch(() => undefined);
}

const SEPARATOR = '\n---\n';

function senders(...sent: readonly SentFile[]): string {
  return sent.map(({ sender }) => formatDescription(sender)).join(SEPARATOR);
}

/** Deletes a file that was sent, by its `description`. Rejects as `failureOf` explains when something of it is left. */
export async function deleteWebFile({ description, ...options }: WebTransferOptions & { readonly description: string }): Promise<void> {
  for (const text of description.split(SEPARATOR)) {
    const { failures, done } = await deleteFile({ ...linesFor(options), description: parseDescription(text), signal: options.signal });
    if (failures[0] !== undefined) throw failures[0].error;
    if (done === 0) throw new WebFileError('GONE', 'the file is not there any more');
  }
}

/** The blob is read as it is asked for; it fails when the file behind it was changed or moved. */
async function* piecesOf(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = (file.stream() as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new WebFileError('FILE', 'the file cannot be read', { cause: error });
    });
    if (done) return;
    yield value;
  }
}

const MAX_NAME_BYTES = 255;

/** Longer names do not fit the header: cut before the extension. */
function shortName(name: string): string {
  if (utf8(name).length <= MAX_NAME_BYTES) return name;
  const extension = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    if (utf8(stem + character + extension).length > MAX_NAME_BYTES) break;
    stem += character;
  }
  return stem + extension;
}
