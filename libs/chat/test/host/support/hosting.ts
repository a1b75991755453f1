/** A host with a group that others are in, and who joins it by its link. */
import type { GroupProfile, Role } from '@polyplex/protocol-chat';
import type { Member } from '@polyplex/chat';
import type { ChatClient, ClientOptions } from '../../support/chat-client.ts';
import { groupOf } from '../../support/group-of.ts';
import type { WithClients } from '../../support/with-clients.ts';

export interface Hosted {
  readonly owner: ChatClient;
  readonly bot: ChatClient;
  /** Who was there before. */
  readonly others: readonly ChatClient[];
  readonly link: string;
  /** Of a client that is in it. */
  groupAt(client: ChatClient): number;
  /** Joins; resolves when it is connected to the host. */
  join(client: ChatClient): Promise<Member>;
}

export const PROFILE: GroupProfile = { displayName: 'Gardening', fullName: '', description: 'Welcome!', groupPreferences: { history: { enable: 'on' } } };

export interface HostedOptions {
  readonly profile?: GroupProfile;
  readonly names?: readonly string[];
  readonly bot?: Partial<ClientOptions>;
  readonly role?: Role;
}

/** An owner, the host as its admin, and members of these names; the link is made. */
export async function hosted({ client }: Pick<WithClients, 'client'>, { profile = PROFILE, names = [], bot: options = {}, role = 'member' }: HostedOptions = {}): Promise<Hosted> {
  const owner = client('owner');
  const bot = client('bot', options);
  const others = names.map((name) => client(name));
  const { at } = await groupOf(owner, [{ client: bot, role: 'admin' }, ...others.map((other) => ({ client: other }))], profile);
  const groups = new Map(at);
  // Whoever was invited has been welcomed.
  if (profile.description !== undefined) for (const one of [bot, ...others]) await one.read();
  await bot.change((step) => step.createLink(groups.get(bot)!, role));
  const { link } = await bot.expect('link-created');
  return {
    owner, bot, others, link: link.fullLink,
    groupAt: (one) => groups.get(one)!,
    join: async (one) => {
      const asked = await one.chat.connect(link.fullLink);
      if (asked.type !== 'group') throw new Error('this is no group');
      groups.set(one, asked.groupId);
      return (await bot.expect('link-joined', ({ member }) => member.profile.displayName === one.name)).member;
    },
  };
}

/** Each of these hears that it is connected to the newcomer, and the newcomer to each. */
export async function met(newcomer: ChatClient, others: readonly ChatClient[]): Promise<void> {
  for (const other of others) {
    await newcomer.expect('member-connected', ({ member }) => member.profile.displayName === other.name);
    await other.expect('member-connected', ({ member }) => member.profile.displayName === newcomer.name);
  }
}

export function forwards({ chat }: ChatClient): number {
  return chat.counts.sent.get('x.grp.msg.forward');
}

/** Everything has happened that follows from what was done. */
export async function quiet(...clients: readonly ChatClient[]): Promise<void> {
  for (let still = 0, last = -1; still < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = clients.reduce((sum, { chat, history }) => sum + history.length + chat.counts.events.total + chat.counts.sent.total, 0);
    const isIdle = clients.every(({ chat }) => chat.gauges().tasks === 0);
    still = isIdle && now === last ? still + 1 : 0;
    last = now;
  }
}

/** The texts of group messages that were not asked for. */
export function unread(...clients: readonly ChatClient[]): string[] {
  return clients.flatMap(({ name, events }) => events.flatMap((event) => (event.type === 'group-message' ? [`${name}: ${event.message.container.content.text}`] : [])));
}
