/** Roles of group members (directory §1.7). */
import { type JsonCodec, word } from './json-codec.ts';

/** Ascending. A role of a newer version is `unknown`. */
export const ROLES = ['unknown', 'relay', 'observer', 'commenter', 'author', 'member', 'moderator', 'admin', 'owner'] as const;

export type Role = (typeof ROLES)[number];

/** Whether `role` may do what `least` may. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

export const role: JsonCodec<Role> = word(ROLES, 'unknown');
