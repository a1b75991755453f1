/**
 * The journal store of the reference (SMP §9.4): for each queue a file with the state, of which the last whole line counts,
 * and one or two with messages, of which the state tells the part that waits.
 */
import type { QueueFold } from '../smp-log/queue-fold.ts';
import type { BadLine } from '../text-log/bad-line.ts';
import type { EntryFault } from './entry-fault.ts';
import type { EntryLine, EntrySource } from './entry-file.ts';

/** The files of one queue, by the queue's recipient id and the parts of their names. */
export interface JournalFiles {
  /** Null where there is no such file. */
  state(recipientId: Uint8Array): Promise<Uint8Array | null>;
  messages(recipientId: Uint8Array, journalId: string): Promise<Uint8Array | null>;
}

interface Position {
  readonly journalId: string;
  readonly byte: number;
  readonly bytes: number;
}

interface State {
  readonly write: Position;
  readonly read: Position;
  readonly size: number;
}

const STATE = /^write=([\w-]{1,64}),\d+,\d+,(\d+),(\d+) read=([\w-]{1,64}),\d+,\d+,(\d+),(\d+) canWrite=[TF] size=(\d+)\r?$/;

/** Lines are told by that of the queue in its log, since no line of a journal has a number that says where it is. */
export function openJournal(queues: QueueFold, files: JournalFiles): EntrySource {
  return {
    memoryBytes: 0,
    owners: () => queues.addresses(),
    entriesOf: (owner, onBadLine) => entriesOf(queues, owner, files, onBadLine),
  };
}

async function* entriesOf(queues: QueueFold, owner: number, files: JournalFiles, onBadLine: (bad: BadLine<EntryFault>) => void): AsyncGenerator<EntryLine> {
  const { line, record: { recipientId } } = queues.stored.read(owner);
  const stateFile = await files.state(recipientId);
  if (stateFile === null) return;
  const state = lastState(Buffer.from(stateFile).toString('latin1'));
  if (state === null) {
    if (stateFile.length > 0) onBadLine({ line, fault: 'STATE', loses: true });
    return;
  }
  if (state.size === 0) return;
  let found = 0;
  for (const [journalId, from, to] of partsOf(state)) {
    for (const rest of linesOf(await files.messages(recipientId, journalId), from, to)) {
      found++;
      yield { line, rest };
    }
  }
  if (found !== state.size) onBadLine({ line, fault: 'JOURNAL', loses: true });
}

/** A line that a crash cut short is not the state yet. */
function lastState(text: string): State | null {
  for (const line of text.split('\n').reverse()) {
    const found = STATE.exec(line);
    if (found === null) continue;
    const [writeId, writeByte, writeBytes, readId, readByte, readBytes, size] = found.slice(1) as [string, string, string, string, string, string, string];
    return {
      write: { journalId: writeId, byte: Number(writeByte), bytes: Number(writeBytes) },
      read: { journalId: readId, byte: Number(readByte), bytes: Number(readBytes) },
      size: Number(size),
    };
  }
  return null;
}

/** What waits: from where was read last to where was written last, which may be the next file. */
function partsOf({ read, write }: State): (readonly [journalId: string, from: number, to: number])[] {
  if (read.journalId === write.journalId) return [[read.journalId, read.byte, write.byte]];
  return [[read.journalId, read.byte, read.bytes], [write.journalId, 0, write.byte]];
}

/** Whole lines alone: what is behind the state was never accepted. */
function linesOf(file: Uint8Array | null, from: number, to: number): string[] {
  if (file === null) return [];
  const lines = Buffer.from(file.subarray(from, to)).toString('latin1').split('\n');
  return lines.slice(0, -1);
}
