/** SHA-256 of what has passed so far. */
import { createHash, type Hash } from 'node:crypto';

export class RunningSum {
  /** How many bytes have passed. */
  bytes = 0;
  private readonly hash: Hash;

  constructor(hash: Hash = createHash('sha256')) {
    this.hash = hash;
  }

  add(bytes: Uint8Array): void {
    this.hash.update(bytes);
    this.bytes += bytes.length;
  }

  digest(): Uint8Array {
    return this.hash.copy().digest();
  }

  copy(): RunningSum {
    const copy = new RunningSum(this.hash.copy());
    copy.bytes = this.bytes;
    return copy;
  }
}
