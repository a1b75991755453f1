/** Where a transfer file's bytes come from and go to: a file, or a pipe, which is called `-`. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { CliError } from '../report-failure.ts';
import { fileFailure } from './failures.ts';

export const PIPE = '-';
const CHUNK_BYTES = 1024 * 1024;

export interface ByteInput {
  /** How messages call it. */
  readonly name: string;
  /** Null for a pipe. */
  readonly size: number | null;
  /** From the beginning; a pipe can be read once. When the signal comes, the source is closed, also while it is waited for. */
  read(signal: AbortSignal, onBytes: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** Throws `CliError` when there is no such file. */
export function byteInput(path: string): ByteInput {
  if (path !== PIPE) return { name: path, size: sizeOf(path), read: (signal, onBytes) => chunksOf(path, createReadStream(path, { highWaterMark: CHUNK_BYTES }), signal, onBytes) };
  if (process.stdin.isTTY) throw new CliError('USAGE', 'the standard input is a terminal: name a file, or send one by a pipe');
  return { name: 'the standard input', size: null, read: (signal, onBytes) => chunksOf('the standard input', process.stdin, signal, onBytes) };
}

function sizeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    const advice = existsSync(`${path}.part`) ? `; its export was interrupted: go on with "polyplex store export --resume ${path}"` : '';
    throw new CliError('FILES', `${path} does not exist${advice}`);
  }
  if (!stats.isFile()) throw new CliError('FILES', `${path} is no file`);
  return stats.size;
}

async function* chunksOf(name: string, stream: Readable, signal: AbortSignal, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const close = (): void => void stream.destroy();
  signal.addEventListener('abort', close);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      onBytes(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw fileFailure(name, 'read', error);
  } finally {
    signal.removeEventListener('abort', close);
  }
}

/** The standard output. Waits until bytes are taken; rejects when the reader is gone or the signal comes. */
export function outputPipe(signal: AbortSignal): (bytes: Uint8Array) => Promise<void> {
  if (process.stdout.isTTY) throw new CliError('USAGE', 'the standard output is a terminal: name a file, or pipe the output on');
  // Failures come to the callback, too.
  process.stdout.on('error', () => undefined);
  const { promise: interrupted, reject: interrupt } = Promise.withResolvers<never>();
  interrupted.catch(() => undefined);
  signal.addEventListener('abort', () => {
    interrupt(new CliError('FAILED', 'interrupted: what was written is of no use; begin again'));
    process.stdout.destroy();
  });
  const written = (bytes: Uint8Array) => new Promise<void>((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error) reject(new CliError('FAILED', 'whoever read the output has gone away: begin again', { cause: error }));
      else resolve();
    });
  });
  return (bytes) => Promise.race([written(bytes), interrupted]);
}
