/** Links and names as apps write them. */
import type { Group } from '@polyplex/chat';
import type { Profile, Role } from '@polyplex/protocol-chat';

export function profileOf(displayName: string, more: Partial<Profile> = {}): Profile {
  return { displayName, fullName: '', ...more };
}

export function quoted(name: string): string {
  return name.includes(' ') ? `'${name}'` : name;
}

/** Well-formed links, of a place of their own. */
export function linkOf(groupId: number, role: Role = 'member'): NonNullable<Group['link']> {
  const key = Buffer.alloc(32, groupId).toString('base64url');
  const hash = Buffer.alloc(32, 7).toString('base64url');
  const dh = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), Buffer.alloc(32, 9)]).toString('base64url');
  const queue = `smp://${hash}@smp1.example/${Buffer.alloc(24, groupId).toString('base64url')}#/?v=1-4&dh=${dh}&q=c`;
  const data = JSON.stringify({ type: 'group', groupLinkId: Buffer.alloc(16, groupId).toString('base64url') });
  return {
    connectionId: `link ${groupId}`, groupLinkId: `id${groupId}`, role,
    fullLink: `https://simplex.chat/contact#/?v=2-7&smp=${encodeURIComponent(queue)}&data=${encodeURIComponent(data)}`,
    shortLink: `https://smp1.example/g#${key}`,
  };
}
