/** What sending and receiving in a browser have in common: how servers are reached, progress, the end of it. */
import { SECOND } from '@polyplex/base';
import type { OnProgress, ServerLinesOptions } from '@polyplex/client';
import { fetchDial, type FetchDialOptions } from './fetch-dial.ts';

export interface WebTransferOptions extends FetchDialOptions {
  /** Bytes of the encrypted file that went over the line, and all of them; must not throw. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As web clients do it (XFTP §8.3): three attempts, each with a new handshake. */
const ATTEMPTS = 3;
const BACKOFF = { initialMs: 300, maxMs: 5 * SECOND };
/** Longer than elsewhere: browsers do not tell how much of a chunk they have sent, so a slow line looks like a dead one. */
const REQUEST_MS = 120 * SECOND;

export function linesFor(options: WebTransferOptions): ServerLinesOptions {
  return { connect: { dial: fetchDial(options), web: true, timeouts: { requestMs: REQUEST_MS } }, attempts: ATTEMPTS, backoff: BACKOFF };
}

/** Encrypting and decrypting take a moment; what people wait for is the line. */
export function lineProgress({ onProgress }: WebTransferOptions): OnProgress {
  return ({ phase, done, total }) => {
    if (phase === 'uploading' || phase === 'downloading') onProgress?.(done, total);
  };
}
