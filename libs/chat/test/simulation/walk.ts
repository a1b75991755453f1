/**
 * The life of a group: an owner invites three, who meet each other, through losses, broken connections and deaths at any commit; then all write, and the
 * owner gives roles and changes the profile, through the same. When all is quiet everybody has heard everything once, in the order of its author, and all
 * think the same of the group.
 */
import type { Group, Member } from '@polyplex/chat';
import type { SimClient } from './sim-client.ts';
import { SimWorld, type Troubles } from './sim-world.ts';

const GUESTS = ['ann', 'ben', 'zoe'];
const WORDS = 24;
const ROLES = ['member', 'moderator', 'admin'] as const;

export interface Life {
  readonly faults: readonly string[];
  readonly deaths: number;
}

export async function live(seed: number, troubles: Troubles): Promise<Life> {
  const world = new SimWorld(seed);
  const owner = world.client('owner');
  world.troubles = troubles;
  const faults: string[] = [];
  try {
    await found(world, owner);
    for (const name of GUESTS) await invite(world, owner, world.client(name));
    await world.until(() => world.clients.every(isConnectedToAll));
    const said = await talk(world, owner);
    await world.settle();
    faults.push(...world.faults, ...judged(world, said));
  } finally {
    world.end();
  }
  return { faults, deaths: world.clients.reduce((sum, { deaths }) => sum + deaths, 0) };
}

const groupOf = ({ chat }: SimClient): Group | undefined => chat.read((reading) => reading.group(1));
const membersOf = ({ chat }: SimClient): readonly Member[] => chat.read((reading) => reading.members(1));

async function found(world: SimWorld, owner: SimClient): Promise<void> {
  await world.surely(() => owner.chat.createAddress(), () => owner.chat.address !== null);
  await world.surely(() => owner.chat.change((step) => (step.group(1) === undefined ? step.createGroup({ displayName: 'us', fullName: '' }) : undefined)), () => groupOf(owner) !== undefined);
}

async function invite(world: SimWorld, owner: SimClient, guest: SimClient): Promise<void> {
  const { fullLink } = owner.chat.address!;
  const contactOf = (of: SimClient, name: string) => of.chat.read((reading) => reading.contacts().find(({ profile, status }) => profile.displayName === name && status === 'ready'));
  await world.surely(async () => (guest.chat.read((reading) => reading.contacts().length) === 0 ? guest.chat.connect(fullLink) : undefined), () => contactOf(guest, 'owner') !== undefined);
  await world.until(() => contactOf(owner, guest.name) !== undefined);
  const { contactId } = contactOf(owner, guest.name)!;
  const isInvited = (): boolean => membersOf(owner).some((member) => member.contactId === contactId);
  await world.surely(() => owner.chat.change((step) => (isInvited() ? undefined : step.inviteContact(1, contactId, 'member'))), isInvited);
}

function isConnectedToAll(client: SimClient): boolean {
  const group = groupOf(client);
  const isIn = group?.own.status === 'connected' || group?.own.status === 'creator';
  const members = isIn ? membersOf(client) : [];
  return members.length === GUESTS.length && members.every(({ status, isReady }) => status === 'connected' && isReady);
}

interface Said {
  readonly by: string;
  readonly text: string;
  isPromised: boolean;
}

async function talk(world: SimWorld, owner: SimClient): Promise<readonly Said[]> {
  const said: Said[] = [];
  for (let i = 0; i < WORDS; i++) {
    const by = world.anyone();
    const one: Said = { by: by.name, text: `${by.name}-${String(i).padStart(3, '0')}`, isPromised: false };
    said.push(one);
    by.chat.change((step) => step.sendToGroup(1, { type: 'text', text: one.text })).then(() => (one.isPromised = true), () => undefined);
    if (world.chance() < 0.2) rule(world, owner);
    for (let steps = Math.floor(world.chance() * 30); steps > 0; steps--) await world.step();
  }
  return said;
}

function rule(world: SimWorld, owner: SimClient): void {
  const number = 1 + Math.floor(world.chance() * GUESTS.length);
  const role = ROLES[Math.floor(world.chance() * ROLES.length)]!;
  const description = `as of ${String(world.chance())}`;
  owner.chat.change((step) => {
    step.setMemberRole(1, number, role);
    step.setGroupProfile(1, { displayName: 'us', fullName: '', description });
  }).catch(() => undefined);
}

/** Of us as of the others, by name. */
function rolesAt(client: SimClient): Record<string, string> {
  const entries = membersOf(client).map(({ profile, role }) => [profile.displayName, role] as const);
  return Object.fromEntries([...entries, [client.name, groupOf(client)!.own.role] as const].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function judged(world: SimWorld, said: readonly Said[]): string[] {
  const faults: string[] = [];
  const [owner] = world.clients;
  for (const client of world.clients) {
    const heard = client.heard();
    for (const { by, text, isPromised } of said) {
      const times = heard.get(text) ?? 0;
      // What was not promised may be said or not, but to all alike: a death leaves no half.
      const expected = by === client.name ? 0 : isPromised || world.clients.some((other) => (other.heard().get(text) ?? 0) > 0) ? 1 : 0;
      if (times !== expected) faults.push(`${client.name} heard ${text} ${String(times)} times, not ${String(expected)}`);
    }
    for (const author of world.clients) {
      const order = client.order().filter((text) => text.startsWith(`${author.name}-`));
      if (JSON.stringify(order) !== JSON.stringify(order.toSorted())) faults.push(`${client.name} heard ${author.name} in disorder: ${order.join(' ')}`);
    }
    if (JSON.stringify(rolesAt(client)) !== JSON.stringify(rolesAt(owner!))) faults.push(`${client.name} thinks ${JSON.stringify(rolesAt(client))}`);
    if (JSON.stringify(groupOf(client)!.profile) !== JSON.stringify(groupOf(owner!)!.profile)) faults.push(`${client.name} knows another profile`);
    if (groupOf(client)!.currentMembers !== world.clients.length) faults.push(`${client.name} counts ${String(groupOf(client)!.currentMembers)} members`);
    if (client.chat.gauges().tasks > 0) faults.push(`${client.name} has tasks left`);
    if (client.chat.counts.failures.value > 0) faults.push(`${client.name} had failures`);
  }
  if (world.relay.waiting > 0) faults.push(`${String(world.relay.waiting)} messages wait`);
  return faults;
}
