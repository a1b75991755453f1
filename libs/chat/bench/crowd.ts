/** A group of very many members, who are records with connections of their own to a relay that takes everything. */
import { type Clock, systemClock } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { CHAT_VERSIONS, type Profile } from '@polyplex/protocol-chat';
import type { RecordStore } from '@polyplex/store-contract';
import { Chat, type ChatEvent } from '../src/index.ts';
import type { Step } from '../src/step.ts';
import { Joiner } from './joiner.ts';
import type { SinkRelay } from './sink-relays.ts';

export const SERVER = { hosts: ['relay.example'], port: '', keyHash: new Uint8Array(32) };
/** Of one member in five: as large as apps make pictures. */
const PICTURE = `data:image/jpg;base64,${Buffer.from(randomBytes(9_000)).toString('base64')}`;
export const profileOf = (name: string, hasPicture = false): Profile => ({ displayName: name, fullName: '', ...(hasPicture ? { image: PICTURE } : {}) });

export class Host extends Chat {
  /** Links that it has made. */
  readonly links: string[] = [];

  step<T>(work: (step: Step) => T): Promise<T> {
    return this.inside(work);
  }

  heard(event: ChatEvent): void {
    if (event.type === 'link-created') this.links.push(event.link.fullLink);
  }
}

export async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export interface Hosted {
  readonly groupId: number;
  readonly link: string;
  /** The connection of its first member, of whom there are copies. */
  readonly template: string;
}

/** A group with a link, and one who has joined it and is not heard of again. */
export async function createHosted(host: Host, relay: SinkRelay, clock: Clock = systemClock): Promise<Hosted> {
  const { groupId } = await host.change((step) => {
    const group = step.createGroup({ displayName: 'Large', fullName: '', description: 'Welcome', groupPreferences: { history: { enable: 'on' } } });
    step.createLink(group.groupId, 'member');
    return group;
  });
  await until(() => host.links.length > 0);
  const link = host.links[0]!;
  const joiner = new Joiner({ servers: [SERVER], openRelays: relay.open(), clock }, 'template');
  await joiner.join(link);
  await joiner.welcomed;
  joiner.close();
  return { groupId, link, template: host.read((reading) => reading.members(groupId))[0]!.connectionId! };
}

/** As many members as are wanted, each with a copy of the connection of the first one. */
export async function addCrowd(host: Host, store: RecordStore, { relay, groupId, size, template }: { readonly relay: SinkRelay; readonly groupId: number; readonly size: number; readonly template: string }): Promise<void> {
  const rows = store.read((records) => ['connection', 'ratchet'].map((kind) => [kind, records.get(kind, template)] as const));
  const sending = store.read((records) => records.list('sending-of', `${template}/`).map(({ key }) => records.get('sending', key.slice(template.length + 1)) as object))[0]!;
  for (let from = 0; from < size; from += 100) {
    await host.step((step) => {
      for (let at = from; at < Math.min(size, from + 100); at++) {
        const name = `member-${String(at)}`;
        const member = step.addMember({
          groupId, memberId: step.newId(), role: at < 3 ? 'admin' : 'member', category: 'invitee', status: 'accepted', profile: profileOf(name, at % 5 === 0), versions: CHAT_VERSIONS,
          contactId: null, invitedBy: null, connectionId: name,
        });
        step.updateMember(member, { status: 'connected', isReady: true });
      }
    });
    await store.change((records) => {
      for (let at = from; at < Math.min(size, from + 100); at++) {
        const connectionId = `member-${String(at)}`;
        const queueId = `queue-${String(at)}`;
        for (const [kind, value] of rows) records.put(kind, connectionId, kind === 'connection' ? { ...(value as object), connectionId } : value);
        records.put('sending', queueId, { ...sending, queueId, connectionId, senderId: relay.addSink() });
        records.put('sending-of', `${connectionId}/${queueId}`, true);
      }
    });
  }
}
