import { isAtLeast, type Role } from '@polyplex/protocol-chat';

/** What a relay's word for a role, ours or another's, is worth: it cannot make moderators, owners or relays (directory §3.8). */
export function plainRole(said: Role): Role {
  return isAtLeast(said, 'moderator') || !isAtLeast(said, 'observer') ? 'observer' : said;
}
