/** Transfers begun and ended in steps; what they take is done afterwards, again and again, also after a restart (XFTP §8). */
import { MAX_DESCRIPTION_BYTES } from '@polyplex/protocol-xftp';
import { AgentError } from '../agent-error.ts';
import { newId, sortable } from '../records/typed-records.ts';
import type { Step } from '../step.ts';

/** A file of the file room, or bytes with a name; of these up to 8 MiB. */
export type FileToSend = { readonly path: string } | { readonly name: string; readonly bytes: Uint8Array };

export interface SendFileOptions {
  /** How many descriptions are made; default 1. */
  readonly recipients?: number;
}

const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 128 * 1024;

/** Answers the file's id. Throws PROHIBITED where the agent has no files, or TOO_LARGE. */
export function sendFile(step: Step, file: FileToSend, { recipients = 1 }: SendFileOptions = {}): string {
  demandFiles(step);
  const fileId = newId();
  if ('bytes' in file) keep(step, fileId, file.bytes);
  const from = 'bytes' in file ? { name: file.name, path: null } : { name: null, path: file.path };
  step.put('file', fileId, { state: 'sending', ...from, recipients, since: step.now });
  step.files.add(fileId);
  return fileId;
}

function keep(step: Step, fileId: string, bytes: Uint8Array): void {
  if (bytes.length > MAX_KEPT_BYTES) throw new AgentError('TOO_LARGE', 'so many bytes are sent from a file');
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) step.put('file-piece', `${fileId}/${sortable(at)}`, bytes.slice(at, at + PIECE_BYTES));
}

/** `description`: the whole text. Answers the file's id. Throws PROHIBITED where the agent has no files, or TOO_LARGE. */
export function receiveFile(step: Step, description: string, { folder }: { readonly folder: string }): string {
  demandFiles(step);
  // It is read later: that may take a second for what strangers can write.
  if (description.length > MAX_DESCRIPTION_BYTES) throw new AgentError('TOO_LARGE', 'no description is that long');
  const fileId = newId();
  step.put('file', fileId, { state: 'receiving', description, folder, since: step.now });
  step.files.add(fileId);
  return fileId;
}

/** A file of ours goes from its servers, what is under way is given up; what was received stays where it is. Nothing where it is unknown. */
export function deleteFile(step: Step, fileId: string): void {
  const file = step.get('file', fileId);
  if (file === undefined || file.state === 'deleting') return;
  if (file.state === 'received' || file.state === 'failed') return step.remove('file', fileId);
  const { folder, sender } = { folder: file.state === 'receiving' ? file.folder : null, sender: file.state === 'sent' ? file.sender : null };
  step.put('file', fileId, { state: 'deleting', folder, sender, since: step.now });
  step.files.add(fileId);
}

/** What was only needed for the transfer. */
export function forgetTransfer(step: Step, fileId: string): void {
  step.removeAll('file-line', `${fileId}/`);
  step.removeAll('file-piece', `${fileId}/`);
}

function demandFiles({ hasFiles }: Step): void {
  if (!hasFiles) throw new AgentError('PROHIBITED', 'the agent has no files');
}
