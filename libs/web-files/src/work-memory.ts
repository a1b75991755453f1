/**
 * The encrypted file in the memory of a worker: pages that come when they are written to, since one piece of hundreds of
 * megabytes is what browsers refuse first. Nothing of it outlives the tab, which is why there is no resuming here.
 */
import { CodedError } from '@polyplex/base';
import type { TransferPlace, WorkFile } from '@polyplex/client';

const PAGE_BYTES = 1024 * 1024;

/** Room for what one transfer keeps. */
export function memoryTransfer(): TransferPlace {
  let data = new PagedMemory();
  let lines: string[] = [];
  return {
    data: {
      read: (at, length) => data.read(at, length),
      write: (at, bytes) => data.write(at, bytes),
      sync: async () => undefined,
    },
    readJournal: async () => [...lines],
    append: async (line) => void lines.push(line),
    clear: async () => {
      data = new PagedMemory();
      lines = [];
    },
  };
}

class PagedMemory implements Pick<WorkFile, 'read' | 'write'> {
  readonly #pages = new Map<number, Uint8Array>();
  #size = 0;

  async read(at: number, length: number): Promise<Uint8Array> {
    if (at + length > this.#size) throw new CodedError('BAD_LENGTH', 'the encrypted file is shorter');
    const out = new Uint8Array(length);
    for (const { page, from, to, done } of parts(at, length)) {
      const bytes = this.#pages.get(page);
      if (bytes !== undefined) out.set(bytes.subarray(from, to), done);
    }
    return out;
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    for (const { page, from, to, done } of parts(at, bytes.length)) {
      let target = this.#pages.get(page);
      if (target === undefined) this.#pages.set(page, (target = new Uint8Array(PAGE_BYTES)));
      target.set(bytes.subarray(done, done + to - from), from);
    }
    this.#size = Math.max(this.#size, at + bytes.length);
  }
}

interface Part {
  readonly page: number;
  readonly from: number;
  readonly to: number;
  /** Bytes before it. */
  readonly done: number;
}

/** What a run of bytes takes of each page. */
function* parts(at: number, length: number): Generator<Part> {
  for (let done = 0; done < length; ) {
    const from = (at + done) % PAGE_BYTES;
    const to = Math.min(PAGE_BYTES, from + length - done);
    yield { page: Math.floor((at + done) / PAGE_BYTES), from, to, done };
    done += to - from;
  }
}
