/** A received file as a `Blob`, which browsers keep outside of scripts' memory, on disk where it is large. */
import type { FileOutput } from '@polyplex/client';
import { joinedBytes } from './joined-bytes.ts';

/** Always bytes: a type that a stranger chose could run in this page's origin. */
const TYPE = 'application/octet-stream';
/** So much is gathered before it becomes a blob of its own. */
const PART_BYTES = 8 * 1024 * 1024;

export interface ReceivedBlob {
  readonly name: string;
  readonly content: Blob;
}

export class BlobOutput implements FileOutput {
  #parts: Blob[] = [];
  #waiting: Uint8Array[] = [];
  #size = 0;
  #file: ReceivedBlob | null = null;

  /** Null before `finish`. */
  get file(): ReceivedBlob | null {
    return this.#file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= PART_BYTES) this.#flush();
  }

  async finish(name: string): Promise<string> {
    this.#flush();
    this.#file = { name, content: new Blob(this.#parts, { type: TYPE }) };
    return name;
  }

  async discard(): Promise<void> {
    this.#parts = [];
    this.#waiting = [];
    this.#size = 0;
  }

  #flush(): void {
    this.#parts.push(new Blob([joinedBytes(this.#waiting)]));
    this.#waiting = [];
    this.#size = 0;
  }
}
