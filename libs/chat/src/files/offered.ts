/**
 * Files that others offer (directory §2.6): a message announces one, the description follows in parts, in whatever order and however often, and
 * the application says whether it wants it. What is kept of that is bounded for each sender, and for all together.
 */
import type { FileDescriptionPart, FileInvitation } from '@polyplex/protocol-chat';
import { MAX_FILE_DESCRIPTION_CHARACTERS } from '@polyplex/protocol-chat';
import { ChatError } from '../chat-error.ts';
import type { Speaker } from '../limits/allowance.ts';
import { cleanName } from '../profiles.ts';
import type { OfferedFileRecord } from '../records/file-records.ts';
import { hashed, keyOf, sortable } from '../records/keys.ts';
import type { ChatMessage } from '../records/records.ts';
import type { Step } from '../step.ts';
import { beginAge } from './ages.ts';

/** Offered by one contact or member at a time. */
const MAX_OFFERS = 20;
/** Of a description: enough for the largest files. */
const MAX_PARTS = 16;
const MAX_ALL_OFFERS = 10_000;
/** Of all descriptions that wait. */
const MAX_ALL_CHARACTERS = 64 * 1024 * 1024;

const ALL_OFFERS = 'offered-files';
const ALL_CHARACTERS = 'offered-characters';

const prefixOf = ({ groupId, number }: Speaker): string => `${keyOf(groupId, number)}/`;

function fileIdOf(from: Speaker, msgId: string): string {
  return prefixOf(from) + hashed(msgId);
}

/** The message with the file that it offers, where it can be received. */
export function withFile(step: Step, from: Speaker, message: ChatMessage): ChatMessage {
  const { msgId, container: { file } } = message;
  if (file === undefined) return message;
  const fileId = fileIdOf(from, msgId ?? '');
  const isKnown = step.records.get('offered-file', fileId) !== undefined;
  const refusal = isKnown ? null : refusalOf(step, from, { msgId, file });
  if (msgId === null || refusal !== null) {
    step.ignore(refusal ?? 'a file');
    return message;
  }
  if (!isKnown) begin(step, fileId, msgId);
  if (file.fileDescr !== undefined && file.fileDescr.fileDescrText !== '') takeDescription(step, from, msgId, file.fileDescr);
  return { ...message, file: { fileId, name: cleanName(file.fileName), size: file.fileSize } };
}

function refusalOf(step: Step, from: Speaker, { msgId, file }: { readonly msgId: string | null; readonly file: FileInvitation }): string | null {
  if (!step.context.hasFiles) return 'a file, and none are taken';
  if (file.fileDescr === undefined || file.fileInline !== undefined) return 'a file that does not go by file servers';
  if (msgId === null) return 'a file of a message without an id';
  const isFull = step.records.counter(ALL_OFFERS) >= MAX_ALL_OFFERS || step.records.list('offered-file', prefixOf(from), MAX_OFFERS).length >= MAX_OFFERS;
  return isFull ? 'too many files are offered' : null;
}

function begin(step: Step, fileId: string, msgId: string): void {
  step.records.add(ALL_OFFERS, 1);
  step.records.put('offered-file', fileId, { msgId, parts: 0, highest: 0, total: null, characters: 0, folder: null, transfer: null, age: beginAge(step, fileId) });
}

/** A part of the description of a file; nothing where none is waited for. */
export function takeDescription(step: Step, from: Speaker, msgId: string, part: FileDescriptionPart): void {
  const fileId = fileIdOf(from, msgId);
  const file = step.records.get('offered-file', fileId);
  if (file === undefined || isWhole(file)) return;
  const { fileDescrText: text, fileDescrPartNo: number, fileDescrComplete: isLast } = part;
  if (!isSound(file, part)) return step.ignore('a part of a file description that cannot be');
  const key = `${fileId}/${sortable(number)}`;
  if (step.records.get('file-part', key) !== undefined) return;
  if (step.records.counter(ALL_CHARACTERS) + text.length > MAX_ALL_CHARACTERS) return step.ignore('too many file descriptions wait');
  step.records.add(ALL_CHARACTERS, text.length);
  step.records.put('file-part', key, text);
  const described = { ...file, parts: file.parts + 1, highest: Math.max(file.highest, number), total: isLast ? number : file.total, characters: file.characters + text.length };
  step.records.put('offered-file', fileId, described);
  download(step, fileId, described);
}

function isSound({ highest, total }: OfferedFileRecord, { fileDescrText: text, fileDescrPartNo: number, fileDescrComplete: isLast }: FileDescriptionPart): boolean {
  if (number < 1 || number > MAX_PARTS || text.length > MAX_FILE_DESCRIPTION_CHARACTERS) return false;
  return total === null ? !isLast || number >= highest : number <= total;
}

/** All its parts are here. */
function isWhole({ parts, total }: OfferedFileRecord): boolean {
  return parts === total;
}

/** Throws UNKNOWN. */
export function receiveFile(step: Step, fileId: string, { folder }: { readonly folder: string }): void {
  const file = step.records.get('offered-file', fileId);
  if (file === undefined || !step.context.hasFiles) throw new ChatError('UNKNOWN', 'no such file is offered');
  if (file.folder !== null) return;
  const wanted = { ...file, folder };
  step.records.put('offered-file', fileId, wanted);
  download(step, fileId, wanted);
}

/** Where it is wanted and all is known. */
function download(step: Step, fileId: string, file: OfferedFileRecord): void {
  const { folder } = file;
  if (folder === null || !isWhole(file)) return;
  const text = step.records.list('file-part', `${fileId}/`).map(({ value }) => value).join('');
  const transfer = step.agent.receiveFile(text, { folder });
  forgetParts(step, fileId, file);
  step.records.put('transfer', transfer, fileId);
  step.records.put('offered-file', fileId, { ...file, characters: 0, transfer });
}

function forgetParts(step: Step, fileId: string, { characters }: OfferedFileRecord): void {
  step.records.removeAll('file-part', `${fileId}/`);
  step.records.add(ALL_CHARACTERS, -characters);
}

/** It is offered no more. */
export function forgetOffer(step: Step, fileId: string, file: OfferedFileRecord): void {
  forgetParts(step, fileId, file);
  if (file.transfer !== null) step.records.remove('transfer', file.transfer);
  step.records.remove('file-age', file.age);
  step.records.remove('offered-file', fileId);
  step.records.add(ALL_OFFERS, -1);
}

/** What is being received is given up. */
export function giveUpOffer(step: Step, fileId: string, reason: string): void {
  const file = step.records.get('offered-file', fileId);
  if (file === undefined) return;
  if (file.transfer !== null) step.agent.deleteFile(file.transfer);
  forgetOffer(step, fileId, file);
  step.emit({ type: 'file-failed', file: { fileId, msgId: file.msgId, isOurs: false }, reason });
}

/** Its sender has taken it back. */
export function cancelOffer(step: Step, from: Speaker, msgId: string): void {
  giveUpOffer(step, fileIdOf(from, msgId), 'CANCELLED');
}
