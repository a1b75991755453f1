/** A chat client for tests: its events are kept until a test asks for them, and it can say what a well-behaved one would not. */
import { openSmpRelays } from '@polyplex/agent';
import { type Admission, Chat, type ChatEvent, type ChatOptions, type ChatStep, type Group, type JoinRequest, type Member } from '@polyplex/chat';
import { parseAddress } from '@polyplex/protocol-common';
import type { MessageContent, MessageReference, SentEvent } from '@polyplex/protocol-chat';
import { MemoryRecordStore } from '@polyplex/testing';
import { textOf } from '../../src/compose.ts';
import { sendNow as sendToMember } from '../../src/groups/send.ts';
import { sendNow as sendToContact } from '../../src/contacts/send.ts';
import type { Step } from '../../src/step.ts';

const WAIT_MS = 20_000;

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: T }>;

/** Any JSON text on a connection, whoever may say it. */
class OpenChat extends Chat {
  rawToContact(contactId: number, text: string): Promise<void> {
    return this.inside((step) => void sendToContact(step, step.knownContact(contactId), { text, notify: true }));
  }

  rawToMember(groupId: number, memberNumber: number, text: string): Promise<void> {
    return this.inside((step) => void sendToMember(step, step.knownMember(groupId, memberNumber), { text, notify: true }));
  }

  inner<T>(work: (step: Step) => T): Promise<T> {
    return this.inside(work);
  }
}

export interface ClientOptions extends Partial<Omit<ChatOptions, 'application'>> {
  readonly admit?: (request: JoinRequest, step: ChatStep) => Admission;
  /** Besides keeping it. */
  readonly onEvent?: (event: ChatEvent, step: ChatStep) => void;
  /** Invitations are accepted at once; default true. */
  readonly acceptsInvitations?: boolean;
  readonly relays: readonly string[];
}

export class ChatClient {
  readonly name: string;
  store = new MemoryRecordStore();
  chat: OpenChat;
  /** What happened, and was not asked for yet. */
  readonly events: ChatEvent[] = [];
  /** Everything that happened. */
  readonly history: ChatEvent[] = [];
  readonly problems: string[] = [];
  readonly #options: ClientOptions;
  #waiters: (() => void)[] = [];

  constructor(name: string, options: ClientOptions) {
    this.name = name;
    this.#options = options;
    this.chat = this.#open();
  }

  #open(): OpenChat {
    const { relays, admit, onEvent, acceptsInvitations = true, ...options } = this.#options;
    const fail = (text: string): void => void this.problems.push(text);
    const chat = new OpenChat({
      store: this.store,
      servers: relays.map((text) => parseAddress(text)!),
      openRelays: (onMessage) => openSmpRelays({}, onMessage),
      profile: { displayName: this.name, fullName: '' },
      log: { debug: () => undefined, info: () => undefined, warn: (text, fields) => fail(`${text} ${JSON.stringify(fields)}`), error: (text, fields) => fail(`${text} ${JSON.stringify(fields)}`) },
      onFailure: (error) => fail(error instanceof Error ? error.stack ?? error.message : 'failed'),
      ...options,
      application: {
        onEvent: (event, step) => {
          onEvent?.(event, step);
          if (event.type === 'group-invitation' && acceptsInvitations) step.acceptInvitation(event.group.groupId);
          step.afterwards(() => this.#keep(event));
        },
        ...(admit === undefined ? {} : { admit }),
      },
    });
    chat.start();
    return chat;
  }

  #keep(event: ChatEvent): void {
    this.events.push(event);
    this.history.push(event);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  close(): void {
    this.chat.close();
  }

  /** As after the end of its process: what is not stored never happened. */
  restart(): void {
    this.chat.close();
    void this.store.close();
    this.store = new MemoryRecordStore(this.store.records);
    this.chat = this.#open();
  }

  /** The first event of this type (that is so), now or later, which is taken away. */
  async expect<T extends ChatEvent['type']>(type: T, is: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
    const deadline = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const at = this.events.findIndex((event) => event.type === type && is(event as EventOf<T>));
      if (at >= 0) return this.events.splice(at, 1)[0] as EventOf<T>;
      await new Promise<void>((resolve, reject) => {
        this.#waiters.push(resolve);
        deadline.addEventListener('abort', () => reject(new Error(`${this.name} has no ${type}; it has ${this.#summary()}`)), { once: true });
      });
    }
  }

  #summary(): string {
    return JSON.stringify([this.events.map((event) => [event.type, (event as { reason?: string }).reason]), this.problems]);
  }

  /** The reasons why things were passed over since it was asked last. */
  ignored(): string[] {
    const reasons = this.events.flatMap((event) => (event.type === 'ignored' ? [event.reason] : []));
    this.events.splice(0, this.events.length, ...this.events.filter(({ type }) => type !== 'ignored'));
    return reasons;
  }

  /** The text of the next message of a contact. */
  async hear(contactId?: number): Promise<string> {
    const { message } = await this.expect('direct-message', ({ contact }) => contactId === undefined || contact.contactId === contactId);
    return message.container.content.text;
  }

  /** The text of the next message in a group. */
  async read(groupId?: number): Promise<string> {
    const { message } = await this.expect('group-message', ({ group }) => groupId === undefined || group.groupId === groupId);
    return message.container.content.text;
  }

  say(contactId: number, said: string | MessageContent, quote?: { readonly msgRef: MessageReference; readonly content: MessageContent }): Promise<string> {
    return this.chat.change((step) => step.sendToContact(contactId, contentOf(said), quote === undefined ? {} : { quote }));
  }

  post(groupId: number, said: string | MessageContent): Promise<string> {
    return this.chat.change((step) => step.sendToGroup(groupId, contentOf(said)));
  }

  change<T>(work: (step: ChatStep) => T): Promise<T> {
    return this.chat.change(work);
  }

  group(groupId: number): Group {
    return this.chat.read((reading) => reading.group(groupId)!);
  }

  /** That the agent has. */
  connections(): readonly string[] {
    return this.store.read((records) => records.list('connection', '').map(({ key }) => key));
  }

  members(groupId: number): readonly Member[] {
    return this.chat.read((reading) => reading.members(groupId));
  }

  /** By what it calls itself. */
  member(groupId: number, name: string): Member {
    const found = this.members(groupId).find(({ profile }) => profile.displayName === name);
    if (found === undefined) throw new Error(`${this.name} knows no ${name}`);
    return found;
  }

  /** What both ends of a contact's connection know: cards of channels are signed with it. */
  bindingTo(contactId: number): Promise<Uint8Array> {
    return this.chat.inner((step) => step.agent.bindingOf(step.knownContact(contactId).connectionId!)!);
  }

  /** Says anything to a contact. */
  rawToContact(contactId: number, event: SentEvent, msgId?: string): Promise<void> {
    return this.chat.rawToContact(contactId, textOf(event, msgId));
  }

  /** Says anything to one member of a group. */
  rawToMember(groupId: number, memberNumber: number, event: SentEvent, msgId?: string): Promise<void> {
    return this.chat.rawToMember(groupId, memberNumber, textOf(event, msgId));
  }
}

function contentOf(said: string | MessageContent): MessageContent {
  return typeof said === 'string' ? { type: 'text', text: said } : said;
}

export interface Acquaintance {
  /** The contact's number on each side. */
  readonly atOwner: number;
  readonly atVisitor: number;
}

/** One connects to the address of the other. */
export async function befriend(owner: ChatClient, visitor: ChatClient): Promise<Acquaintance> {
  const { fullLink } = await owner.chat.createAddress();
  await visitor.chat.connect(fullLink);
  const atVisitor = (await visitor.expect('contact-ready', ({ contact }) => contact.profile.displayName === owner.name)).contact.contactId;
  const atOwner = (await owner.expect('contact-ready', ({ contact }) => contact.profile.displayName === visitor.name)).contact.contactId;
  return { atOwner, atVisitor };
}
