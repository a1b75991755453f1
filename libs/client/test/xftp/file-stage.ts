/** Files, places and servers for tests of whole transfers. */
import { expect } from 'vitest';
import { concatBytes, equalBytes } from '@polyplex/base';
import type { FileOutput, FileSource, ReceiveFileOptions, SendFileOptions, ServerLinesOptions, TransferPlace } from '../../src/index.ts';

/** A place in memory that lives longer than a transfer, and tells what was done to it. */
export class TestPlace implements TransferPlace {
  lines: string[] = [];
  bytes = new Uint8Array(0);
  /** Fails as a full disk would, once so many lines are there. */
  failAfterLines = Infinity;

  readonly data = {
    read: async (at: number, length: number): Promise<Uint8Array> => Promise.resolve(this.bytes.slice(at, at + length)),
    write: async (at: number, written: Uint8Array): Promise<void> => {
      if (this.bytes.length < at + written.length) {
        const longer = new Uint8Array(at + written.length);
        longer.set(this.bytes);
        this.bytes = longer;
      }
      this.bytes.set(written, at);
      return Promise.resolve();
    },
    sync: async (): Promise<void> => Promise.resolve(),
  };

  readJournal(): Promise<readonly string[]> {
    return Promise.resolve([...this.lines]);
  }

  append(line: string): Promise<void> {
    if (this.lines.length >= this.failAfterLines) return Promise.reject(new Error('no room'));
    this.lines.push(line);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.lines = [];
    this.bytes = new Uint8Array(0);
    return Promise.resolve();
  }
}

export class TestOutput implements FileOutput {
  name: string | null = null;
  discarded = 0;
  private pieces: Uint8Array[] = [];

  write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(Uint8Array.from(bytes));
    return Promise.resolve();
  }

  finish(name: string): Promise<string> {
    this.name = name;
    return Promise.resolve(`/out/${name}`);
  }

  discard(): Promise<void> {
    this.discarded++;
    this.pieces = [];
    return Promise.resolve();
  }

  get content(): Uint8Array {
    return concatBytes(...this.pieces);
  }
}

/** Bytes that are nowhere the same. */
export function contentOf(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 7 + (i >> 8) * 13 + (i >> 16) * 31) & 255;
  return bytes;
}

export function sourceOf(content: Uint8Array, name = 'photo.jpg', pieceBytes = 100_000): FileSource {
  return {
    name,
    size: content.length,
    stamp: `stamp of ${content.length}`,
    async *pieces() {
      for (let at = 0; at < content.length; at += pieceBytes) yield Uint8Array.from(content.subarray(at, at + pieceBytes));
    },
  };
}

/** Attempts follow each other at once. */
export const QUICK: ServerLinesOptions = { attempts: 3, backoff: { initialMs: 1, maxMs: 1 } };

export function sending(content: Uint8Array, options: Partial<SendFileOptions> & Pick<SendFileOptions, 'servers'>): SendFileOptions {
  return { ...QUICK, source: sourceOf(content), place: new TestPlace(), ...options };
}

export function receiving(options: Partial<ReceiveFileOptions> & Pick<ReceiveFileOptions, 'description'>): ReceiveFileOptions {
  return { ...QUICK, place: new TestPlace(), output: new TestOutput(), ...options };
}

/** As `toEqual`, which looks at megabytes for seconds. */
export function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect([actual.length, equalBytes(actual, expected)]).toEqual([expected.length, true]);
}
