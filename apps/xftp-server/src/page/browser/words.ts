/** What people read when something went wrong, and how sizes are said. */
import type { WebFailure } from '@polyplex/web-files';
import type { Job } from './messages.ts';
import { MAX_UPLOAD_MIB } from './limits.ts';

type Doing = Job['type'];

const SENTENCES: Readonly<Record<WebFailure['kind'], string>> = {
  cancelled: 'Cancelled.',
  link: 'This is not a complete link to a file. Ask for the whole link, with everything after the # sign.',
  gone: 'The file has expired or was deleted.',
  unfinished: 'The sender has not finished uploading this file.',
  blocked: 'The operator of the server has blocked this file.',
  quota: 'The server has no room for more files at present. Try again later.',
  network: 'The server cannot be reached. Check the connection and try again.',
  identity: 'Another server answered than the one that the link names. Nothing was sent to it.',
  damaged: 'What came is not the file that the link names: it was damaged or exchanged.',
  size: `The file is too large: this page takes up to ${String(MAX_UPLOAD_MIB)} MiB.`,
  file: 'The file cannot be read. It may have been changed or moved.',
  server: 'The server refused.',
  broken: 'Something went wrong in this page. Reload it and try again.',
};

const OTHERWISE: Partial<Record<Doing, Partial<Record<WebFailure['kind'], string>>>> = {
  send: { gone: 'The server refused the file: its password is missing or wrong, or it takes no new files.' },
  remove: { gone: 'The file was deleted already.' },
};

/** One or two sentences; never a key or an id. */
export function sentenceFor(doing: Doing, failure: WebFailure): string {
  const sentence = OTHERWISE[doing]?.[failure.kind] ?? SENTENCES[failure.kind];
  if (failure.kind === 'blocked' && failure.reason !== undefined) return `${sentence} Reason: ${failure.reason}.`;
  return failure.kind === 'server' && failure.detail !== undefined ? `${sentence} It answered ${failure.detail}.` : sentence;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'];

/** With one digit after the point where there is room for it. */
export function sizeText(bytes: number): string {
  const exponent = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const amount = bytes / 1024 ** exponent;
  return `${exponent === 0 || amount >= 100 ? String(Math.round(amount)) : amount.toFixed(1)} ${UNITS[exponent]!}`;
}
