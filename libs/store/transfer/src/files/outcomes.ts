/** What became of each file, as all walks over a log tell it. */
import type { ChunkBody } from '@polyplex/store-contract';
import { InFlight } from '../in-flight.ts';
import type { LoggedFile } from '../xftp-log/file-blocks.ts';
import { BodyError, type BodyFault } from './body-source.ts';

/**
 * Of an import: `written`; `present` as it is in the log; `CHANGED` present, but a node has worked with it since, and it
 * stays; `EXPIRED` too old to be wanted; `COLLISION` an id belongs to something else; or what is wrong with the body.
 */
export type ImportOutcome = 'written' | 'present' | 'CHANGED' | 'EXPIRED' | 'COLLISION' | BodyFault;

/** Of a look at bodies alone: `right`, or why the file would not be imported. */
export type CheckOutcome = 'right' | 'EXPIRED' | BodyFault;

/** Of a look into the store: `ABSENT` no record; `DIFFERENT` another record; the rest tells of the body that is stored. */
export type VerifyOutcome = 'right' | 'EXPIRED' | 'ABSENT' | 'DIFFERENT' | BodyFault;

export interface WalkOptions<Outcome> {
  /** Files created before this time, in Unix seconds, are passed over. */
  readonly createdFrom: number;
  /** Ends the walk behind the files under way. */
  readonly signal: AbortSignal;
  readonly onFile: (file: LoggedFile, outcome: Outcome) => void;
}

/** A few large bodies at once, or many small ones and records without; bodies are streamed and do not take their size. */
const MOST_WEIGHT = 512 * 1024;
const LEAST_WEIGHT = 32 * 1024;

/** Deals with each file; rejects with what `task` rejects with, but for the faults of bodies, which are outcomes. */
export async function walkFiles<Outcome>(
  files: Iterable<LoggedFile>, { createdFrom, signal, onFile }: WalkOptions<Outcome | 'EXPIRED' | BodyFault>, task: (file: LoggedFile) => Promise<Outcome>,
): Promise<void> {
  const inFlight = new InFlight();
  try {
    for (const file of files) {
      if (signal.aborted) break;
      if (file.file.createdAt < createdFrom) onFile(file, 'EXPIRED');
      else await inFlight.start(weightOf(file), async () => onFile(file, await withFaults(() => task(file))));
    }
  } finally {
    await inFlight.settled();
  }
}

function weightOf({ body, file }: LoggedFile): number {
  return body === null ? LEAST_WEIGHT : Math.min(MOST_WEIGHT, Math.max(LEAST_WEIGHT, file.size));
}

async function withFaults<Outcome>(task: () => Promise<Outcome>): Promise<Outcome | BodyFault> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof BodyError) return error.code;
    throw error;
  }
}

/** Reads a body to its end, and forgets it. */
export async function readToEnd({ pieces }: ChunkBody): Promise<void> {
  for await (const piece of pieces) void piece;
}

/** Lets go of a body that is not read. */
export async function letGo({ pieces }: ChunkBody): Promise<void> {
  await pieces[Symbol.asyncIterator]().return?.();
}

