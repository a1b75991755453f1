/**
 * A file of saved messages or notifications: read once to learn where the lines of each queue are, and then queue by queue.
 * Holds one run of lines of a queue at a time.
 */
import type { QueueFold } from '../smp-log/queue-fold.ts';
import type { BadLine } from '../text-log/bad-line.ts';
import { eachLine } from '../text-log/log-lines.ts';
import type { EntryFault } from './entry-fault.ts';
import { type EntryKind, readOwner } from './entry-line.ts';
import { LineRuns } from './line-runs.ts';

/** Any part of a file. */
export interface FileParts {
  /** Rejects where so many bytes are not there. */
  read(at: number, bytes: number): Promise<Uint8Array>;
}

/** One of them, without what says whose it is. */
export interface EntryLine {
  readonly line: number;
  readonly rest: string;
}

/** What was saved for a queue. */
export interface EntrySource {
  /** In order. `owner`: address of the queue. */
  entriesOf(owner: number, onBadLine: (bad: BadLine<EntryFault>) => void): AsyncIterable<EntryLine>;
  /** Queues that have any, in the order in which reading them is fastest; some with none may be left out. */
  owners(): Iterable<number>;
  /** Bytes of memory. */
  readonly memoryBytes: number;
}

export interface EntryFile extends EntrySource {
  readonly lines: number;
  /** Lines whose owner is there. */
  readonly entries: number;
}

const OWNERS = { messages: 'recipient', notifications: 'notifier' } as const;
const NO_OWNER = { messages: 'NO_QUEUE', notifications: 'NO_NOTIFIER' } as const;
/** The largest body takes 21.5 kB. */
const MAX_LINE_BYTES = 256 * 1024;

interface Entries {
  readonly kind: EntryKind;
  readonly queues: QueueFold;
  /** The same bytes as `chunks`. */
  readonly parts: FileParts;
}

/** Rejects only with what the chunks reject with. Of a line only the owner is looked at; the rest is the reader's. */
export async function openEntryFile({ kind, queues, parts }: Entries, chunks: AsyncIterable<Uint8Array>, onBadLine: (bad: BadLine<EntryFault>) => void): Promise<EntryFile> {
  const runs = new LineRuns(queues.stored, kind);
  const counts = { lines: 0, entries: 0 };
  await eachLine(chunks, (text, line, at, ends) => {
    counts.lines = line;
    const owner = text === null ? 'LONG' : ends ? ownerOf(queues, kind, text) : 'CUT';
    if (typeof owner === 'string') {
      // What waits for nobody is not missed.
      onBadLine({ line, fault: owner, loses: owner !== NO_OWNER[kind] });
      return;
    }
    counts.entries++;
    runs.add(owner, { at, bytes: text!.length + 1, line });
  }, MAX_LINE_BYTES);
  return {
    ...counts,
    get memoryBytes() { return runs.bytes; },
    owners: () => runs.owners(),
    entriesOf: (owner) => entriesOf(runs, owner, kind, parts),
  };
}

function ownerOf(queues: QueueFold, kind: EntryKind, line: string): number | EntryFault {
  const owner = readOwner(line, kind);
  return typeof owner === 'string' ? owner : queues.find(OWNERS[kind], owner.id) || NO_OWNER[kind];
}

async function* entriesOf(runs: LineRuns, queue: number, kind: EntryKind, parts: FileParts): AsyncGenerator<EntryLine> {
  for (const { at, bytes, line } of runs.runsOf(queue)) {
    const text = Buffer.from(await parts.read(at, bytes)).toString('latin1');
    for (const [i, each] of text.slice(0, -1).split('\n').entries()) {
      const owner = readOwner(each, kind);
      // It was right when the file was first read.
      if (typeof owner !== 'string') yield { line: line + i, rest: each.slice(owner.restAt) };
    }
  }
}
