/** Groups of the same name (directory §3.1): names are compared exactly. */
import type { Turn } from '../turn.ts';
import { isGone } from './role-rules.ts';
import { classOf, type DirectoryClass } from './states.ts';

export type Clash = 'refused' | 'confirm' | 'none';

/** This group, groups that the bot is not in any more, and removed registrations do not count. */
function classesNamed({ records, step }: Turn, groupId: number, name: string): readonly DirectoryClass[] {
  return records.registrationsNamed(name).flatMap((other) => {
    const group = other.groupId === groupId ? undefined : step.group(other.groupId);
    return group === undefined || isGone(group.own.status) ? [] : [classOf(other.state)];
  });
}

export function clashOf(turn: Turn, groupId: number, name: string): Clash {
  const classes = classesNamed(turn, groupId, name);
  if (classes.includes('listed') || classes.includes('reserved')) return 'refused';
  return classes.includes('registered') ? 'confirm' : 'none';
}
