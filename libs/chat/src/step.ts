/**
 * One event's part of an agent's transaction, or one change of the application's: typed records with their indexes, what is sent, and what the
 * application is told. Handlers change records here and nowhere else, so state, replies and acknowledgement are one commit.
 */
import type { AgentStep } from '@polyplex/agent';
import { CodedError } from '@polyplex/base';
import { type EventName, newMessageId, type Profile } from '@polyplex/protocol-chat';
import type { Logger } from '@polyplex/telemetry';
import type { ChatCounts } from './chat-counts.ts';
import { ChatError } from './chat-error.ts';
import type { ChatEvent } from './chat-event.ts';
import type { ChatApplication } from './chat-options.ts';
import type { ChatStep } from './chat-step.ts';
import { Allowance, type Speaker } from './limits/allowance.ts';
import type { TokenBuckets } from './limits/token-buckets.ts';
import { ChatReader } from './records/chat-reader.ts';
import { hashed, keyOf } from './records/keys.ts';
import { uniqueName } from './records/names.ts';
import type { ConnectionOwner, Contact, Group, Member, Task, TaskRecord } from './records/records.ts';
import { rosterBits, rosterPlace, withBits } from './records/roster.ts';
import { isCurrent } from './records/status.ts';
import { WritableRecords } from './records/typed-records.ts';

/** What all steps of a chat client share. */
export interface StepContext {
  readonly application: ChatApplication;
  /** As long as `setProfile` has set none. */
  readonly profile: Profile;
  readonly acceptsContacts: boolean;
  readonly hasFiles: boolean;
  readonly counts: ChatCounts;
  /** What each may say in a time. */
  readonly buckets: TokenBuckets;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  /** A task that is durable now. */
  begin(key: string, record: TaskRecord): void;
  /** What the application may do in a step. */
  face(step: Step): ChatStep;
}

export type NewContact = Omit<Contact, 'contactId' | 'localName' | 'createdAt' | 'delivery'>;
export type NewGroup = Omit<Group, 'groupId' | 'localName' | 'createdAt' | 'activeAt' | 'currentMembers'>;
export type NewMember = Omit<Member, 'memberNumber' | 'createdAt' | 'delivery' | 'isReady' | 'isBlocked' | 'connectionId'> & Partial<Pick<Member, 'isBlocked' | 'connectionId'>>;

const NO_ERRORS = { authErrors: 0, quotaErrors: 0 } as const;

export class Step extends ChatReader {
  readonly agent: AgentStep;
  override readonly records: WritableRecords;
  readonly context: StepContext;
  /** What the application has not been told yet: it hears when the handler that made it is through. */
  readonly #events: ChatEvent[] = [];
  #face: ChatStep | null = null;
  readonly #allowance: Allowance;

  constructor(agent: AgentStep, context: StepContext) {
    const records = new WritableRecords(agent.records);
    super(records);
    this.records = records;
    this.agent = agent;
    this.context = context;
    this.#allowance = new Allowance(context.buckets);
  }

  /** Unix milliseconds. */
  get now(): number {
    return this.agent.now;
  }

  get profile(): Profile {
    return this.records.get('profile', 'own') ?? this.context.profile;
  }

  /** What the application may do. */
  get face(): ChatStep {
    return (this.#face ??= this.context.face(this));
  }

  /** Of a message, a member, a group's link. */
  newId(): string {
    return newMessageId();
  }

  emit(event: ChatEvent): void {
    this.#events.push(event);
  }

  /** The application hears of what happened, and of what follows from what it does. What it throws is a bug of its own, which stops nothing else. */
  settle(): void {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      try {
        this.context.application.onEvent(event, this.face);
      } catch (error) {
        this.failed(error);
      }
    }
  }

  /** A bug, or what is refused where nobody is told: counted, and logged without anything of what came. */
  failed(error: unknown): void {
    if (error instanceof CodedError) return this.ignore(`failed: ${error.code}`);
    this.count(({ failures }) => failures.add());
    const [, where = ''] = (error instanceof Error ? error.stack ?? '' : '').split('\n    at ');
    this.agent.afterwards(() => this.context.log.error('a chat handler failed', { error: error instanceof Error ? error.name : 'unknown', where }));
  }

  /** Something came that is passed over: `reason` is one of few, and names nobody. */
  ignore(reason: string): void {
    this.count((counts) => counts.ignored.add(reason));
    this.emit({ type: 'ignored', reason });
  }

  /** Counts when the step is durable. */
  count(add: (counts: ChatCounts) => void): void {
    this.agent.afterwards(() => add(this.context.counts));
  }

  /** Whether what somebody says is within what it may say in a time. */
  takes(event: EventName | 'unknown', speaker: Speaker): boolean {
    return this.#allowance.takes(event, speaker, { now: this.now, afterwards: (work) => this.agent.afterwards(work) });
  }

  /** Throws UNKNOWN. */
  knownContact(contactId: number): Contact {
    return known(this.contact(contactId), 'contact');
  }

  knownGroup(groupId: number): Group {
    return known(this.group(groupId), 'group');
  }

  knownMember(groupId: number, memberNumber: number): Member {
    return known(this.member(groupId, memberNumber), 'member');
  }

  addContact(fields: NewContact): Contact {
    const contactId = this.records.next('contact');
    const localName = uniqueName(this.records, 'contact', fields.profile.displayName);
    const contact: Contact = { ...fields, contactId, localName, delivery: NO_ERRORS, createdAt: this.now };
    this.records.put('contact', keyOf(contactId), contact);
    if (fields.status !== 'deleted') this.records.add('contacts', 1);
    if (fields.connectionId !== null) this.own(fields.connectionId, { type: 'contact', contactId });
    return contact;
  }

  /** A changed display name is a new local name. */
  updateContact(contactId: number, fields: Partial<Omit<Contact, 'contactId' | 'localName'>>): Contact {
    const before = this.knownContact(contactId);
    const isRenamed = fields.profile !== undefined && fields.profile.displayName !== before.profile.displayName;
    const localName = isRenamed ? uniqueName(this.records, 'contact', fields.profile.displayName) : before.localName;
    const contact: Contact = { ...before, ...fields, localName };
    this.records.put('contact', keyOf(contactId), contact);
    if (before.status !== 'deleted' && contact.status === 'deleted') this.records.add('contacts', -1);
    return contact;
  }

  addGroup(fields: NewGroup): Group {
    const groupId = this.records.next('group');
    const localName = uniqueName(this.records, 'group', fields.profile.displayName);
    const currentMembers = isCurrent(fields.own) ? 1 : 0;
    const group: Group = { ...fields, groupId, localName, currentMembers, createdAt: this.now, activeAt: this.now };
    this.records.put('group', keyOf(groupId), group);
    this.records.add('groups', 1);
    this.records.add('members', currentMembers);
    return group;
  }

  updateGroup(groupId: number, fields: Partial<Omit<Group, 'groupId' | 'localName' | 'currentMembers'>>): Group {
    const before = this.knownGroup(groupId);
    const isRenamed = fields.profile !== undefined && fields.profile.displayName !== before.profile.displayName;
    const localName = isRenamed ? uniqueName(this.records, 'group', fields.profile.displayName) : before.localName;
    const more = fields.own === undefined ? 0 : Number(isCurrent(fields.own)) - Number(isCurrent(before.own));
    return this.#putGroup({ ...before, ...fields, localName }, more);
  }

  /** Its connection, if any, is the member's from now on. */
  addMember(fields: NewMember): Member {
    const memberNumber = this.records.next(`member/${keyOf(fields.groupId)}`);
    const member: Member = { connectionId: null, isBlocked: false, ...fields, memberNumber, isReady: false, delivery: NO_ERRORS, createdAt: this.now };
    this.records.put('member-by-id', `${keyOf(member.groupId)}/${hashed(member.memberId)}`, memberNumber);
    if (member.connectionId !== null) this.own(member.connectionId, { type: 'member', groupId: member.groupId, memberNumber });
    this.#putMember(member, 0);
    return member;
  }

  updateMember({ groupId, memberNumber }: Pick<Member, 'groupId' | 'memberNumber'>, fields: Partial<Omit<Member, 'groupId' | 'memberNumber' | 'memberId'>>): Member {
    const before = this.knownMember(groupId, memberNumber);
    const member = { ...before, ...fields };
    this.#putMember(member, Number(isCurrent(before)));
    return member;
  }

  own(connectionId: string, owner: ConnectionOwner): void {
    this.records.put('owner', connectionId, owner);
  }

  /** Deletes a connection, when what was sent before has left. */
  drop(connectionId: string | null): void {
    if (connectionId === null) return;
    this.records.remove('owner', connectionId);
    this.agent.delete(connectionId, { afterSending: true });
  }

  /** Is begun when the step is durable. */
  addTask(task: Task): void {
    const key = keyOf(this.records.next('task'));
    const record: TaskRecord = { task, since: this.now };
    this.records.put('task', key, record);
    this.agent.afterwards(() => this.context.begin(key, record));
  }

  #putMember(member: Member, wasCurrent: number): void {
    const { groupId, memberNumber } = member;
    this.records.put('member', keyOf(groupId, memberNumber), member);
    const { key, at } = rosterPlace(groupId, memberNumber);
    const chunk = this.records.get('roster', key);
    const bits = rosterBits(member);
    if ((chunk?.[at] ?? 0) !== bits) this.records.put('roster', key, withBits(chunk, at, bits));
    const more = Number(isCurrent(member)) - wasCurrent;
    if (more !== 0) this.#putGroup(this.knownGroup(groupId), more);
  }

  #putGroup(group: Group, more: number): Group {
    const changed = { ...group, currentMembers: group.currentMembers + more };
    this.records.put('group', keyOf(group.groupId), changed);
    if (more !== 0) this.records.add('members', more);
    return changed;
  }
}


function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new ChatError('UNKNOWN', `there is no such ${what}`);
  return found;
}
