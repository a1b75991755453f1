/** Groups for tests: an owner, and contacts whom it has invited. */
import type { GroupProfile, Role } from '@polyplex/protocol-chat';
import { befriend, type ChatClient } from './chat-client.ts';

export interface Invited {
  readonly client: ChatClient;
  readonly role?: Role;
}

export interface TestGroup {
  readonly owner: ChatClient;
  /** The group's number at each client. */
  readonly at: ReadonlyMap<ChatClient, number>;
}

export const PROFILE: GroupProfile = { displayName: 'Gardening', fullName: 'Plants and us', description: 'Welcome!' };

/** In turn: each is in, and connected to all before it, before the next is invited. */
export async function groupOf(owner: ChatClient, invited: readonly Invited[], profile = PROFILE): Promise<TestGroup> {
  const { groupId } = await owner.change((step) => step.createGroup(profile));
  const at = new Map([[owner, groupId]]);
  for (const { client, role = 'member' } of invited) {
    const { atOwner } = await befriend(owner, client);
    await owner.change((step) => step.inviteContact(groupId, atOwner, role));
    at.set(client, (await client.expect('group-joined')).group.groupId);
    await owner.expect('member-connected', ({ member }) => member.profile.displayName === client.name);
    for (const other of at.keys()) if (other !== owner && other !== client) await meet(client, other);
  }
  return { owner, at };
}

async function meet(a: ChatClient, b: ChatClient): Promise<void> {
  await a.expect('member-connected', ({ member }) => member.profile.displayName === b.name);
  await b.expect('member-connected', ({ member }) => member.profile.displayName === a.name);
}
