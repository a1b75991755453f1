/** What an application may do in a step, by the parts that do it. */
import { ApplicationReader, ApplicationWriter } from '@polyplex/agent';
import type { GroupProfile, MessageContent, Profile, Role } from '@polyplex/protocol-chat';
import type { RecordReader, RecordWriter } from '@polyplex/store-contract';
import { deleteFile } from './files/delete-file.ts';
import { receiveFile } from './files/offered.ts';
import type { Channel } from './channel-link.ts';
import type { ChatStep, JoinChannelOptions, LookUpOptions, MessageOptions } from './chat-step.ts';
import { publishProfile } from './contacts/address.ts';
import { deleteContact } from './contacts/send.ts';
import { sendToContact } from './contacts/write.ts';
import { lookUpChannel } from './groups/channels/look-up.ts';
import { joinChannel, syncChannel } from './groups/channels/membership.ts';
import { approveMember, createLink, deleteLink, inviteContact, refreshLink, setLinkRole } from './groups/host/hooks.ts';
import { acceptInvitation } from './groups/membership/invited.ts';
import { blockMember, createGroup, deleteGroup, leaveGroup, moderateMessage, removeMember, setGroupProfile, setMemberRole } from './groups/own/administer.ts';
import { sendToGroup, sendToOwnSupport, sendToSupport } from './groups/own/write.ts';
import type { Contact, Group, Member } from './records/records.ts';
import type { Step } from './step.ts';

/** What the application of a chat client keeps in its store, for a look without the client, which is itself an application: the agent's. */
export function applicationRecords(records: RecordReader): RecordReader {
  return new ApplicationReader(new ApplicationReader(records));
}

export class ApplicationStep implements ChatStep {
  readonly records: RecordWriter;
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
    // Beside those of the chat client, as these are beside the agent's.
    this.records = new ApplicationWriter(step.agent.records);
  }

  get now(): number {
    return this.#step.now;
  }

  contact(contactId: number): Contact | undefined {
    return this.#step.contact(contactId);
  }

  contacts(): readonly Contact[] {
    return this.#step.contacts();
  }

  group(groupId: number): Group | undefined {
    return this.#step.group(groupId);
  }

  groups(): readonly Group[] {
    return this.#step.groups();
  }

  member(groupId: number, memberNumber: number): Member | undefined {
    return this.#step.member(groupId, memberNumber);
  }

  memberById(groupId: number, memberId: string): Member | undefined {
    return this.#step.memberById(groupId, memberId);
  }

  members(groupId: number): readonly Member[] {
    return this.#step.members(groupId);
  }

  channel(publicGroupId: string): Group | undefined {
    return this.#step.channel(publicGroupId);
  }

  sendToContact(contactId: number, content: MessageContent, options?: MessageOptions): string {
    return sendToContact(this.#step, contactId, content, options);
  }

  deleteContact(contactId: number): void {
    deleteContact(this.#step, contactId);
  }

  acceptInvitation(groupId: number): void {
    acceptInvitation(this.#step, groupId);
  }

  sendToGroup(groupId: number, content: MessageContent, options?: MessageOptions): string {
    return sendToGroup(this.#step, groupId, content, options);
  }

  sendToMember(groupId: number, memberNumber: number, content: MessageContent, options?: MessageOptions): string {
    return sendToSupport(this.#step, { groupId, memberNumber }, { content, options });
  }

  sendToOwnSupport(groupId: number, content: MessageContent, options?: MessageOptions): string {
    return sendToOwnSupport(this.#step, groupId, { content, options });
  }

  receiveFile(fileId: string, options: { readonly folder: string }): void {
    receiveFile(this.#step, fileId, options);
  }

  deleteFile(fileId: string): void {
    deleteFile(this.#step, fileId);
  }

  createLink(groupId: number, role: Role): void {
    createLink(this.#step, groupId, role);
  }

  setLinkRole(groupId: number, role: Role): void {
    setLinkRole(this.#step, groupId, role);
  }

  refreshLink(groupId: number): void {
    refreshLink(this.#step, groupId);
  }

  deleteLink(groupId: number): void {
    deleteLink(this.#step, groupId);
  }

  approveMember(groupId: number, memberNumber: number, role: Role): void {
    approveMember(this.#step, groupId, { memberNumber, role });
  }

  removeMember(groupId: number, memberNumber: number): void {
    removeMember(this.#step, groupId, memberNumber);
  }

  setMemberRole(groupId: number, memberNumber: number, role: Role): void {
    setMemberRole(this.#step, { groupId, memberNumber }, role);
  }

  blockMember(groupId: number, memberNumber: number, isBlocked: boolean): void {
    blockMember(this.#step, { groupId, memberNumber }, isBlocked);
  }

  moderateMessage(groupId: number, memberNumber: number, msgId: string): void {
    moderateMessage(this.#step, { groupId, memberNumber }, msgId);
  }

  inviteContact(groupId: number, contactId: number, role: Role): void {
    inviteContact(this.#step, groupId, { contactId, role });
  }

  createGroup(profile: GroupProfile): Group {
    return createGroup(this.#step, profile);
  }

  setGroupProfile(groupId: number, profile: GroupProfile): void {
    setGroupProfile(this.#step, groupId, profile);
  }

  lookUpChannel(link: string, options: LookUpOptions): void {
    lookUpChannel(this.#step, link, options);
  }

  joinChannel(channel: Channel, options?: JoinChannelOptions): Group {
    return joinChannel(this.#step, channel, options);
  }

  syncChannel(groupId: number, channel: Channel): Group {
    return syncChannel(this.#step, groupId, channel);
  }

  leaveGroup(groupId: number): void {
    leaveGroup(this.#step, groupId);
  }

  deleteGroup(groupId: number): void {
    deleteGroup(this.#step, groupId);
  }

  setProfile(profile: Profile): void {
    publishProfile(this.#step, profile);
  }

  afterwards(work: () => void): void {
    this.#step.agent.afterwards(work);
  }
}
