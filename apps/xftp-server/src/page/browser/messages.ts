/** What page and worker say to each other. One worker does one job. */
import type { WebFailure } from '@polyplex/web-files';

/** The first message to a worker. */
export type Job =
  | { readonly type: 'send'; readonly file: File; readonly server: string; readonly password: string | null }
  | { readonly type: 'receive'; readonly fragment: string; readonly server: string }
  /** `description`: the sender's, as sending gave it. */
  | { readonly type: 'remove'; readonly description: string; readonly server: string };

/** The only other one. */
export interface Cancel {
  readonly type: 'cancel';
}

export interface Progress {
  readonly type: 'progress';
  /** Bytes of the encrypted file. */
  readonly done: number;
  readonly total: number;
}

/** How a job ends. */
export type Outcome =
  | { readonly type: 'sent'; readonly fragment: string; readonly description: string }
  | { readonly type: 'received'; readonly name: string; readonly content: Blob }
  | { readonly type: 'removed' }
  | { readonly type: 'failed'; readonly failure: WebFailure };

export type FromWorker = Progress | Outcome;
