/** The group that a command is about: owners count their own registrations, admins name groups (directory §3.1, §3.5). */
import type { Registered } from '../registration/change.ts';
import type { Registration } from '../records/records.ts';
import { TARGET_TEXTS } from '../texts/admin-texts.ts';
import type { Turn } from '../turn.ts';
import { type Asker, isAdmin, reply } from './asker.ts';
import type { CommandType, GroupReference } from './command.ts';
import { shownName } from './names.ts';

/** `/confirm` is about one's own registration, whoever one is. */
function registrationBy(turn: Turn, asker: Asker, type: CommandType, id: number): Registration | undefined {
  const isByGroup = isAdmin(asker) && type !== 'confirm';
  return isByGroup ? turn.records.registration(id) : turn.records.registrationOf(asker.contact.contactId, id);
}

/** For the parser. */
export function nameOfTarget(turn: Turn, asker: Asker, type: CommandType, id: number): string | null {
  return registrationBy(turn, asker, type, id)?.name ?? null;
}

export interface Target extends Registered {
  /** As the asker counts. */
  readonly id: number;
}

/** Null: the asker has been told why. */
export function targetOf(turn: Turn, asker: Asker, { type, group: { id, name } }: { readonly type: CommandType; readonly group: GroupReference }): Target | null {
  const registration = registrationBy(turn, asker, type, id);
  const group = registration === undefined ? undefined : turn.step.group(registration.groupId);
  if (registration === undefined || group === undefined) {
    reply(turn, asker, TARGET_TEXTS.notFound(id));
    return null;
  }
  if (name !== null && name !== registration.name && shownName(name) !== shownName(registration.name)) {
    reply(turn, asker, TARGET_TEXTS.otherName(id, registration.name));
    return null;
  }
  return { registration, group, id };
}
