/** How far a transfer has come, in bytes of the encrypted file. */

export type TransferPhase = 'encrypting' | 'uploading' | 'downloading' | 'decrypting';

export interface TransferProgress {
  readonly phase: TransferPhase;
  readonly done: number;
  readonly total: number;
}

/** Must not throw. */
export type OnProgress = (progress: TransferProgress) => void;

/** The sum over chunks that come in parallel, and begin again when an attempt fails. */
export class ChunkProgress {
  private readonly phase: TransferPhase;
  private readonly total: number;
  private readonly onProgress: OnProgress;
  private readonly chunks = new Map<number, number>();
  private done = 0;

  constructor(phase: TransferPhase, total: number, onProgress: OnProgress = () => undefined) {
    this.phase = phase;
    this.total = total;
    this.onProgress = onProgress;
  }

  /** Of this chunk so much is done, no more and no less. */
  set(chunkNo: number, bytes: number): void {
    this.done += bytes - (this.chunks.get(chunkNo) ?? 0);
    this.chunks.set(chunkNo, bytes);
    this.onProgress({ phase: this.phase, done: this.done, total: this.total });
  }
}
