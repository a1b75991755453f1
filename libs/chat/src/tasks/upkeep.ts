/** What is forgotten in time: which messages came already, files, and who has asked and was never heard of again. */
import { type Clock, MINUTE } from '@polyplex/base';
import { forgetFiles } from '../files/delete-file.ts';
import { copiesOfLongAgo } from '../groups/membership/forwarded.ts';
import { forgetHalfOpen } from './half-open.ts';
import type { ChatReader } from '../records/chat-reader.ts';
import type { Step } from '../step.ts';

const EVERY_MS = 10 * MINUTE;
const SLICE = 200;

export interface Upkeep {
  readonly read: <T>(work: (reader: ChatReader) => T) => T;
  readonly change: <T>(work: (step: Step) => T) => Promise<T>;
  readonly isClosed: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** Answers what ends it. */
export function forgetCopies(clock: Clock, { read, change, isClosed, onFailure }: Upkeep): () => void {
  let isBusy = false;
  const tidy = async (): Promise<void> => {
    for (;;) {
      const old = isClosed() ? [] : read(({ records }) => copiesOfLongAgo(records, clock.now(), SLICE));
      if (old.length === 0) break;
      await change(({ records }) => old.forEach((key) => records.remove('received', key)));
    }
    while (!isClosed() && await change((step) => forgetHalfOpen(step, SLICE)));
    while (!isClosed() && await change((step) => forgetFiles(step, SLICE)));
  };
  return clock.every(EVERY_MS, () => {
    if (isBusy) return;
    isBusy = true;
    tidy().catch((error: unknown) => (isClosed() ? undefined : onFailure(error))).finally(() => {
      isBusy = false;
    });
  });
}
