/** The beginning of a body that a stranger sends: never more than asked for. */
import type { Readable } from 'node:stream';

/** Resolves at the end, or at the bound with what came so far; the rest is for the caller to refuse. Rejects when it breaks. */
export function collectBody(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const done = (): void => resolve(Buffer.concat(pieces).subarray(0, maxBytes));
    stream.on('data', (piece: Buffer) => {
      pieces.push(piece);
      length += piece.length;
      if (length < maxBytes) return;
      stream.pause();
      done();
    });
    stream.on('end', done);
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('closed')));
  });
}
