/** The digests of an encrypted file as it is made: SHA-256 of each chunk and SHA-512 of all (XFTP §4.5), however the pieces are cut. */
import { createSha256, createSha512 } from '@polyplex/crypto';

export class ChunkHashes {
  private readonly sizes: readonly number[];
  private readonly whole = createSha512();
  private readonly digests: Uint8Array[] = [];
  private chunk = createSha256();
  private inChunk = 0;

  constructor(chunkSizes: readonly number[]) {
    this.sizes = chunkSizes;
  }

  update(bytes: Uint8Array): void {
    this.whole.update(bytes);
    for (let at = 0; at < bytes.length;) {
      const size = this.sizes[this.digests.length] ?? Infinity;
      const part = bytes.subarray(at, at + size - this.inChunk);
      this.chunk.update(part);
      at += part.length;
      this.inChunk += part.length;
      if (this.inChunk === size) this.endChunk();
    }
  }

  /** Of all chunks, once all bytes have come. */
  finish(): { readonly digest: Uint8Array; readonly chunkDigests: readonly Uint8Array[] } {
    return { digest: this.whole.digest(), chunkDigests: this.digests };
  }

  private endChunk(): void {
    this.digests.push(this.chunk.digest());
    this.chunk = createSha256();
    this.inChunk = 0;
  }
}
