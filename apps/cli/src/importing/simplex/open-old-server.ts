/** The files of the old relay, read once and ready to be walked through; what is wrong in them is told. */
import {
  type BadLine, ENTRY_FAULTS, type EntryFault, type EntryKind, type EntrySource, openEntryFile, openJournal, type OldServer, QUEUE_LINE_FAULTS, type QueueFold, readSmpLog,
} from '@polyplex/store-transfer';
import { BadLines } from '../bad-lines.ts';
import { readWhole, unchanged } from '../read-file.ts';
import { openParts, type OpenedParts } from './file-parts.ts';
import { journalFolder } from './journal-folder.ts';
import type { OldFiles } from './old-files.ts';

export interface OpenedServer {
  readonly server: OldServer;
  readonly files: OldFiles;
  /** Lines of the log. */
  readonly lines: number;
  readonly badLines: Readonly<Record<'log' | EntryKind, BadLines>>;
  /** Takes a line of messages or notifications that is wrong. */
  readonly onBadEntry: (of: EntryKind, bad: BadLine<EntryFault>) => void;
  /** Throws `CliError` FAILED when somebody has written to the files meanwhile. */
  checkUnchanged(): void;
  close(): Promise<void>;
}

/** Rejects with `CliError`. */
export async function openOldServer(files: OldFiles, signal: AbortSignal): Promise<OpenedServer> {
  const badLines = { log: new BadLines(files.log), messages: new BadLines(files.messages?.path ?? ''), notifications: new BadLines(files.notifications ?? '') };
  const paths = [files.log, ...(files.messages?.kind === 'file' ? [files.messages.path] : []), ...(files.notifications === null ? [] : [files.notifications])];
  const checks = paths.map(unchanged);
  const onBadEntry = (of: EntryKind, bad: BadLine<EntryFault>): void => badLines[of].add(bad, entryText(files, of, bad));
  const opened: OpenedParts[] = [];
  const close = async (): Promise<void> => void await Promise.all(opened.map((parts) => parts.close()));
  const openFile = async (path: string): Promise<OpenedParts> => {
    const parts = await openParts(path);
    opened.push(parts);
    return parts;
  };
  try {
    const log = await openFile(files.log);
    const { queues, lines } = await readWhole(files.log, 'reading the log', signal, (chunks) =>
      readSmpLog(chunks, (bad) => badLines.log.add(bad, `line ${String(bad.line)} ${QUEUE_LINE_FAULTS[bad.fault]}`)));
    const entries = async (kind: EntryKind, path: string): Promise<EntrySource> => {
      const parts = await openFile(path);
      return readWhole(path, `reading ${kind}`, signal, (chunks) => openEntryFile({ kind, queues, parts }, chunks, (bad) => onBadEntry(kind, bad)));
    };
    const messages = await messagesOf(files, queues, entries);
    const notifications = files.notifications === null ? null : await entries('notifications', files.notifications);
    return { server: { queues, log, messages, notifications }, files, lines, badLines, onBadEntry, close, checkUnchanged: () => checks.forEach((check) => check()) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function messagesOf({ messages }: OldFiles, queues: QueueFold, entries: (kind: EntryKind, path: string) => Promise<EntrySource>): Promise<EntrySource | null> {
  if (messages === null) return null;
  return messages.kind === 'file' ? entries('messages', messages.path) : openJournal(queues, journalFolder(messages.path));
}

/** Lines of a journal are told by the queue's line in the log. */
function entryText({ log, messages }: OldFiles, of: EntryKind, { line, fault }: BadLine<EntryFault>): string {
  if (of === 'notifications' || messages?.kind !== 'journal') return `line ${String(line)} ${ENTRY_FAULTS[fault]}`;
  const queue = `the queue of line ${String(line)} of ${log}`;
  return fault === 'STATE' || fault === 'JOURNAL' ? `${queue} ${ENTRY_FAULTS[fault]}` : `a message of ${queue} ${ENTRY_FAULTS[fault]}`;
}
