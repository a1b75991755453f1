/** A `FileRoom` in memory: files by their paths, and work files that outlive a process that is not there any more. */
import { concatBytes } from '@polyplex/base';
import type { FileRoom, RoomOutput, RoomSource, WorkFile } from '@polyplex/store-contract';

export class MemoryFileRoom implements FileRoom {
  readonly files = new Map<string, Uint8Array>();
  readonly work = new Map<string, Uint8Array>();
  /** What is being received, by its transfer. */
  readonly parts = new Map<string, Uint8Array>();

  open(id: string): Promise<WorkFile> {
    const bytes = (): Uint8Array => this.work.get(id) ?? new Uint8Array();
    this.work.set(id, bytes());
    return Promise.resolve({
      read: (at, length) => Promise.resolve(bytes().slice(at, at + length)),
      write: (at, written) => {
        const longer = new Uint8Array(Math.max(bytes().length, at + written.length));
        longer.set(bytes());
        longer.set(written, at);
        this.work.set(id, longer);
        return Promise.resolve();
      },
      sync: () => Promise.resolve(),
      clear: () => Promise.resolve(void this.work.set(id, new Uint8Array())),
      close: () => Promise.resolve(),
    });
  }

  remove(id: string): Promise<void> {
    this.work.delete(id);
    return Promise.resolve();
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.work.keys()]);
  }

  source(path: string): Promise<RoomSource | null> {
    const content = this.files.get(path);
    if (content === undefined) return Promise.resolve(null);
    return Promise.resolve({
      name: path.slice(path.lastIndexOf('/') + 1), size: content.length, stamp: String(content.length),
      async *pieces() {
        await Promise.resolve();
        yield Uint8Array.from(content);
      },
    });
  }

  output(id: string, folder: string): RoomOutput {
    this.parts.delete(id);
    return {
      write: (bytes) => Promise.resolve(void this.parts.set(id, concatBytes(this.parts.get(id) ?? new Uint8Array(), bytes))),
      finish: (name) => {
        let path = `${folder}/${name}`;
        while (this.files.has(path)) path += '_';
        this.files.set(path, this.parts.get(id) ?? new Uint8Array());
        this.parts.delete(id);
        return Promise.resolve(path);
      },
      discard: () => Promise.resolve(void this.parts.delete(id)),
    };
  }
}
