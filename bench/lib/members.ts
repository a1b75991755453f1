/**
 * Members of groups in a bot's store, who are nothing but records: each with a connection of its own, which is a copy of one that was made in the
 * usual way. The bot's queues with them are there at the relay. Those who are written to have queues there as well, which nobody reads.
 */
import { createQueue, connectSmp, secureBySender, type SmpClient } from '@polyplex/client';
import { openSmpRelays } from '@polyplex/agent';
import { Chat, type ChatEvent, type ChatOptions, type Group } from '@polyplex/chat';
import { generateKeyPair, type KeyPair, randomBytes } from '@polyplex/crypto';
import { CHAT_VERSIONS, type Profile } from '@polyplex/protocol-chat';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { RecordStore } from '@polyplex/store-contract';
import { Joiner } from '../../libs/chat/bench/joiner.ts';

export interface Crowd {
  readonly groupId: number;
  readonly size: number;
  /** Whether they have queues that take messages. */
  readonly areWrittenTo: boolean;
}

/** Small, as apps make them; one in five members has one. */
const PICTURE = `data:image/jpg;base64,${Buffer.from(randomBytes(9_000)).toString('base64')}`;
const AT_ONCE = 500;

export function profileOf(name: string, hasPicture = false): Profile {
  return { displayName: name, fullName: '', ...(hasPicture ? { image: PICTURE } : {}) };
}

/** A client without an application, in whose steps everything may be done. */
export class Preparing extends Chat {
  readonly #store: RecordStore;
  readonly #relay: ServerAddress;
  readonly #events: ChatEvent[];

  constructor(store: RecordStore, relay: ServerAddress) {
    const events: ChatEvent[] = [];
    const options: ChatOptions = {
      store, ...networkOf(relay), profile: profileOf('Directory'),
      application: { onEvent: (event) => void events.push(event) },
    };
    super(options);
    this.#store = store;
    this.#relay = relay;
    this.#events = events;
  }

  /** With a history, so that newcomers are welcomed at its end. */
  createGroup(name: string): Promise<Group> {
    return this.change((step) => step.createGroup({ displayName: name, fullName: '', description: 'Welcome', groupPreferences: { history: { enable: 'on' } } }));
  }

  /** Fills groups. */
  async populate(crowds: readonly Crowd[]): Promise<void> {
    const template = await this.#template();
    const relay = await connectSmp({ address: this.#relay });
    const members = crowds.flatMap(({ size, ...crowd }) => Array.from({ length: size }, (_, at) => ({ ...crowd, at, name: `member-${crowd.groupId}-${at}` })));
    for (let from = 0; from < members.length; from += AT_ONCE) await this.#add(members.slice(from, from + AT_ONCE), template, relay);
    relay.close();
  }

  async #add(members: readonly NewMember[], template: Template, relay: SmpClient): Promise<void> {
    const rows = (await Promise.all(members.map(({ name, areWrittenTo }) => template.copy(relay, name, areWrittenTo)))).flat();
    await this.inside((step) => {
      for (const { groupId, at, name } of members) {
        const member = step.addMember({
          groupId, memberId: step.newId(), role: at < 3 ? 'admin' : 'member', category: 'invitee', status: 'accepted', profile: profileOf(name, at % 5 === 0),
          versions: CHAT_VERSIONS, contactId: null, invitedBy: null, connectionId: name,
        });
        step.updateMember(member, { status: 'connected', isReady: true });
      }
    });
    await this.#store.change((records) => {
      for (const [kind, key, value] of rows) records.put(kind, key, value);
    });
  }

  /** Somebody joins a group that is for nothing else. */
  async #template(): Promise<Template> {
    const { groupId } = await this.createGroup('template');
    await this.change((step) => step.createLink(groupId, 'member'));
    const link = await until(() => this.#events.flatMap((event) => (event.type === 'link-created' ? [event.link.fullLink] : []))[0]);
    const joiner = new Joiner(networkOf(this.#relay), 'template');
    await joiner.join(link);
    await joiner.welcomed;
    const connectionId = await until(() => this.read((reading) => reading.members(groupId)[0]?.connectionId ?? undefined));
    joiner.close();
    return new Template(this.#store, connectionId);
  }
}

interface NewMember extends Omit<Crowd, 'size'> {
  /** In its group. */
  readonly at: number;
  readonly name: string;
}

type Rows = readonly (readonly [kind: string, key: string, value: object | true])[];

interface Sending {
  readonly senderKeys: KeyPair<'ed25519'>;
}

class Template {
  readonly #connection: object;
  readonly #ratchet: object;
  readonly #sending: Sending;
  readonly #receiving: object;
  readonly #recipientKeys = generateKeyPair('ed25519');

  constructor(store: RecordStore, connectionId: string) {
    const { connection, ratchet, sending, receiving } = store.read((records) => {
      const of = (kind: string): object => records.get(kind, records.list(`${kind}-of`, `${connectionId}/`)[0]!.key.slice(connectionId.length + 1)) as object;
      return { connection: records.get('connection', connectionId), ratchet: records.get('ratchet', connectionId), sending: of('sending'), receiving: of('receiving') };
    });
    this.#connection = connection as object;
    this.#ratchet = ratchet as object;
    this.#sending = sending as Sending;
    this.#receiving = receiving;
  }

  /** The records of another connection. */
  async copy(relay: SmpClient, connectionId: string, isWrittenTo: boolean): Promise<Rows> {
    const own = await createQueue(relay, { key: this.#recipientKeys, subscribe: false });
    const receiving = {
      ...this.#receiving, queueId: `in-${connectionId}`, connectionId, recipientId: own.recipientId, senderId: own.senderId, recipientKey: this.#recipientKeys.privateKey, relaySecret: own.boxKey,
    };
    const sending = { ...this.#sending, queueId: `out-${connectionId}`, connectionId, senderId: isWrittenTo ? await this.#sink(relay) : randomBytes(24) };
    return [
      ['connection', connectionId, { ...this.#connection, connectionId }],
      ['ratchet', connectionId, this.#ratchet],
      ['receiving', receiving.queueId, receiving],
      ['receiving-of', `${connectionId}/${receiving.queueId}`, true],
      ['sending', sending.queueId, sending],
      ['sending-of', `${connectionId}/${sending.queueId}`, true],
    ];
  }

  async #sink(relay: SmpClient): Promise<Uint8Array> {
    const { senderId } = await createQueue(relay, { key: this.#recipientKeys, subscribe: false });
    await secureBySender(relay, senderId, this.#sending.senderKeys);
    return senderId;
  }
}

/** For agents with this relay alone. */
export function networkOf(relay: ServerAddress): Pick<ChatOptions, 'servers' | 'openRelays'> {
  return { servers: [relay], openRelays: (onMessage) => openSmpRelays({}, onMessage) };
}

/** As soon as it is there. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
