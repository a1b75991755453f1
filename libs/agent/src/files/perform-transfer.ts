/** One attempt at a transfer, and what is stored of its end. */
import { hasCode } from '@polyplex/base';
import {
  abandonSending, deleteFile as deleteFromServers, type FileSource, isTemporary, receiveFile, sendFile, type ServerLinesOptions, type TransferProgress, XftpClientError, XftpFileError,
  XftpRefusedError,
} from '@polyplex/client';
import type { AddressText } from '@polyplex/protocol-common';
import { formatDescription, parseDescription } from '@polyplex/protocol-xftp';
import { type FileRoom, StoreError, type WorkFile } from '@polyplex/store-contract';
import type { AgentContext } from '../context.ts';
import type { FileRecord } from '../records/records.ts';
import type { Step } from '../step.ts';
import type { FileEvent, FileEventHandler } from './file-event.ts';
import { forgetTransfer } from './file-steps.ts';
import { keptSource, RecordsFailure, storedPlace } from './stored-place.ts';

export interface AgentFilesOptions {
  readonly room: FileRoom;
  /** File servers for what is sent, with their passwords. */
  readonly servers: readonly AddressText[];
  /** As `AgentOptions.inStep`. */
  readonly inStep?: FileEventHandler;
  /** As `AgentOptions.onEvent`, but once: `Agent.files` tells how each stands. */
  readonly onEvent?: (event: FileEvent) => void;
  /** How far a transfer has come; not stored. Must not throw. */
  readonly onProgress?: (fileId: string, progress: TransferProgress) => void;
  /** How servers are reached, and how often at once something is tried. */
  readonly lines?: Omit<ServerLinesOptions, 'clock'>;
  /** Whether servers may forget what was received; default true. False where others may have got the same description: it is of no use to them afterwards. */
  readonly acknowledges?: boolean;
  /** Transfers that go at the same time; default 4. */
  readonly atOnce?: number;
}

export interface Transfer {
  readonly context: AgentContext;
  readonly files: AgentFilesOptions;
  readonly fileId: string;
  readonly signal: AbortSignal;
}

/** What is stored of the end; or that there was none. */
export type TransferOutcome = 'again' | ((step: Step) => void);

/** Never rejects but for bugs, and where the store has failed. */
export async function performTransfer(transfer: Transfer, file: FileRecord): Promise<TransferOutcome> {
  const { files: { room }, fileId } = transfer;
  let work: WorkFile | null = null;
  try {
    work = await room.open(fileId);
    return await perform(transfer, file, work);
  } catch (error) {
    const reason = failureOf(error);
    if (reason === null) return 'again';
    if (file.state === 'sending' && work !== null) await abandon(transfer, work, 1).catch(() => undefined); // else it expires
    return failed(fileId, reason);
  } finally {
    await work?.close();
  }
}

function perform(transfer: Transfer, file: FileRecord, work: WorkFile): Promise<TransferOutcome> {
  switch (file.state) {
    case 'sending':
      return send(transfer, file, work);
    case 'receiving':
      return receive(transfer, file, work);
    case 'deleting':
      return remove(transfer, file, work);
    default:
      return Promise.resolve(() => undefined);
  }
}

type Of<S extends FileRecord['state']> = Extract<FileRecord, { readonly state: S }>;

function commonOf({ context: { clock }, files: { lines, onProgress }, fileId, signal }: Transfer) {
  return { ...lines, clock, signal, ...(onProgress && { onProgress: (progress: TransferProgress) => onProgress(fileId, progress) }) };
}

async function send(transfer: Transfer, { name, path, recipients }: Of<'sending'>, work: WorkFile): Promise<TransferOutcome> {
  const { context, files: { room, servers }, fileId } = transfer;
  const source: FileSource | null = path === null ? keptSource(context, fileId, name ?? '') : await room.source(path);
  if (source === null) return failed(fileId, 'NO_FILE');
  const sent = await sendFile({ ...commonOf(transfer), source, servers, recipients, place: storedPlace(context, fileId, work) });
  const descriptions = sent.recipients.map(formatDescription);
  return (step) => {
    forgetTransfer(step, fileId);
    step.put('file', fileId, { state: 'sent', sender: formatDescription(sent.sender), descriptions, since: step.now });
    step.fileEvents.push({ type: 'file-sent', fileId, descriptions });
  };
}

async function receive(transfer: Transfer, { description: text, folder }: Of<'receiving'>, work: WorkFile): Promise<TransferOutcome> {
  const { context, files: { room, acknowledges: acknowledge = true }, fileId } = transfer;
  const description = parseDescription(text);
  const { path, size } = await receiveFile({ ...commonOf(transfer), acknowledge, description, place: storedPlace(context, fileId, work), output: room.output(fileId, folder) });
  return (step) => {
    forgetTransfer(step, fileId);
    step.put('file', fileId, { state: 'received', path, size, since: step.now });
    step.fileEvents.push({ type: 'file-received', fileId, path, size });
  };
}

async function remove(transfer: Transfer, { folder, sender }: Of<'deleting'>, work: WorkFile): Promise<TransferOutcome> {
  const { files: { room }, fileId } = transfer;
  if (folder !== null) await room.output(fileId, folder).discard();
  // Of what was only begun nothing is known then: it expires where it could not be deleted.
  else if (sender === null) await abandon(transfer, work);
  else {
    const { failures } = await deleteFromServers({ ...commonOf(transfer), description: parseDescription(sender) });
    if (failures.some(({ error }) => isTemporary(error))) return 'again';
  }
  return (step) => {
    forgetTransfer(step, fileId);
    step.remove('file', fileId);
  };
}

async function abandon(transfer: Transfer, work: WorkFile, attempts?: number): Promise<void> {
  const place = storedPlace(transfer.context, transfer.fileId, work);
  await abandonSending({ ...commonOf(transfer), place, ...(attempts !== undefined && { attempts }) });
}

/** The transfer is over, and was for nothing. */
export function failed(fileId: string, reason: string): (step: Step) => void {
  return (step) => {
    forgetTransfer(step, fileId);
    step.put('file', fileId, { state: 'failed', reason, since: step.now });
    step.fileEvents.push({ type: 'file-failed', fileId, reason });
  };
}

/** Null: it may work later. Throws what is a bug, or the end of the agent. */
function failureOf(error: unknown): string | null {
  if (error instanceof RecordsFailure) throw error.cause;
  if (isTemporary(error) || hasCode(error, 'CLOSED')) return null;
  if (error instanceof XftpRefusedError) return error.error.type;
  if (error instanceof XftpFileError || error instanceof XftpClientError || error instanceof StoreError) return error.code;
  if (hasCode(error, 'BAD_DESCRIPTION')) return 'DESCRIPTION';
  throw error;
}
