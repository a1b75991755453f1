/**
 * Files of ours (directory §2.6): a message announces one, and when it is at file servers, those whom it is for get its description. Each member of a
 * small group gets one of its own, so that servers cannot tell who belongs together; the members of a large one share one.
 */
import { AgentError } from '@polyplex/agent';
import type { FileInvitation, MessageContainer, SentEvent } from '@polyplex/protocol-chat';
import { ChatError } from '../chat-error.ts';
import type { OutgoingFile } from '../chat-step.ts';
import { outgoing } from '../compose.ts';
import { tellContact } from '../contacts/send.ts';
import { cancelFile, describeFile } from '../groups/host/hooks.ts';
import { sendToMembers, SLICE } from '../groups/send.ts';
import type { FileAudience, SentFileRecord } from '../records/file-records.ts';
import { isActive, isRemoved } from '../records/status.ts';
import type { Step } from '../step.ts';
import { beginAge } from './ages.ts';
import { partsOf } from './parts.ts';

type Members = Extract<FileAudience, { readonly groupId: number }>;

/** Of a message: whom it goes to, and its file. */
export interface Attached {
  readonly to: FileAudience;
  readonly file: OutgoingFile | undefined;
}

/** Sends a message with its file, if it has one; answers the message's shared id. Throws as `send`, and PROHIBITED or TOO_LARGE for the file. */
export function sendWithFile(step: Step, { to, file }: Attached, send: (params: Pick<MessageContainer, 'file'>) => string): string {
  if (file === undefined) return send({});
  const transfer = beginTransfer(step, file, recipientsOf(to));
  try {
    const msgId = send({ file: invitationOf(file) });
    step.records.put('transfer', transfer, msgId);
    step.records.put('sent-file', msgId, { to, transfer, age: beginAge(step, msgId) });
    return msgId;
  } catch (error) {
    step.agent.deleteFile(transfer);
    throw error;
  }
}

/** The last is for the history of a group that we host. */
function recipientsOf(to: FileAudience): number {
  return 'contactId' in to || to.members.length > SLICE ? 1 : to.members.length + 1;
}

function beginTransfer(step: Step, file: OutgoingFile, recipients: number): string {
  try {
    return step.agent.sendFile('bytes' in file ? file : { path: file.path }, { recipients });
  } catch (error) {
    if (error instanceof AgentError && (error.code === 'PROHIBITED' || error.code === 'TOO_LARGE')) throw new ChatError(error.code, 'the file cannot be sent', { cause: error });
    throw error;
  }
}

function invitationOf(file: OutgoingFile): FileInvitation {
  const name = 'bytes' in file ? file.name : file.path.slice(Math.max(file.path.lastIndexOf('/'), file.path.lastIndexOf('\\')) + 1);
  return { fileName: name, fileSize: 'bytes' in file ? file.bytes.length : file.size, fileDescr: { fileDescrText: '', fileDescrPartNo: 0, fileDescrComplete: false } };
}

/** It is at its servers. `descriptions`: one for each recipient. */
export function describe(step: Step, msgId: string, { to, descriptions }: { readonly to: FileAudience; readonly descriptions: readonly string[] }): void {
  if ('contactId' in to) return partsOf(descriptions[0]!).forEach((fileDescr) => tellOne(step, to.contactId, { event: 'x.msg.file.descr', params: { msgId, fileDescr } }));
  const all = descriptions.map(partsOf);
  const last = all.at(-1)!;
  // Copies of a part are known by its id, also where a host passes on its own.
  const ids = last.map(() => step.newId());
  const tell = (members: readonly number[], parts: typeof last): void => parts.forEach((fileDescr, i) =>
    tellMembers(step, { ...to, members }, { event: { event: 'x.msg.file.descr', params: { msgId, fileDescr } }, id: ids[i] ?? step.newId() }));
  if (all.length > to.members.length) to.members.forEach((memberNumber, i) => tell([memberNumber], all[i]!));
  else tell(to.members, last);
  if (to.inHistory) for (const part of last) describeFile(step, { groupId: to.groupId, author: null, msgId }, part);
}

/** Nobody will get it any more. */
export function withdraw(step: Step, msgId: string, { to }: Pick<SentFileRecord, 'to'>): void {
  const event: SentEvent = { event: 'x.file.cancel', params: { msgId } };
  if ('contactId' in to) return tellOne(step, to.contactId, event);
  tellMembers(step, to, { event, id: step.newId() });
  if (to.inHistory) cancelFile(step, { groupId: to.groupId, author: null, msgId });
}

function tellOne(step: Step, contactId: number, event: SentEvent): void {
  const contact = step.contact(contactId);
  if (contact !== undefined && contact.status !== 'deleted') tellContact(step, contact, event, step.newId());
}

/** Those of them who are there still. */
function tellMembers(step: Step, { groupId, members }: Members, { event, id }: { readonly event: SentEvent; readonly id: string }): void {
  const group = step.group(groupId);
  if (group === undefined || !isActive(group.own)) return;
  const present = members.filter((memberNumber) => {
    const member = step.member(groupId, memberNumber);
    return member !== undefined && !isRemoved(member);
  });
  sendToMembers(step, groupId, { members: present, message: outgoing(event, id) });
}

/** Nothing more is known of it here. */
export function forgetSent(step: Step, msgId: string, { transfer, age }: SentFileRecord): void {
  step.records.remove('transfer', transfer);
  step.records.remove('file-age', age);
  step.records.remove('sent-file', msgId);
}
