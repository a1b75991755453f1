/**
 * What an import means here. The reference's ids are numbers of its own chat database, and the keys of its connections are in its own form: this bot is a
 * new contact to everybody, and cannot be in those groups before their owners invite it. So an imported registration is *expected*: when a group of its
 * name is registered, its settings and its promotion are taken over, and admins read in the submission what the import says, and of whom. Names are no
 * proof, so admins approve as ever; with that the expectation is over.
 */
import type { ChatStep } from '@polyplex/chat';
import { randomBytes } from '@polyplex/crypto';
import { DirectoryRecords, SALT_BYTES } from '../records/directory-records.ts';
import { classOf } from '../registration/states.ts';
import type { NamedRegistration } from './reference-rows.ts';

export interface ImportReport {
  readonly expected: number;
  /** No name is known of them. */
  readonly nameless: number;
  /** Removed, or never finished: nothing is expected of them. */
  readonly ended: number;
  /** Imported before. */
  readonly known: number;
}

const NEVER_FINISHED: readonly string[] = ['pending_confirmation', 'proposed'];

/** Of the reference's group ids: an import can be repeated. */
export function expectRegistrations(step: Pick<ChatStep, 'records'>, registrations: readonly NamedRegistration[]): ImportReport {
  const records = new DirectoryRecords(step.records);
  records.prepare(() => randomBytes(SALT_BYTES));
  const known = new Set(records.expected().map(({ number }) => number));
  const report = { expected: 0, nameless: 0, ended: 0, known: 0 };
  for (const registration of registrations) report[expectOne(records, registration, known)] += 1;
  return report;
}

function expectOne(
  records: DirectoryRecords, { groupId, name, ownerName, status, isPromoted, settings }: NamedRegistration, known: ReadonlySet<number>,
): keyof ImportReport {
  if (known.has(groupId)) return 'known';
  if (classOf(status.state) === 'removed' || NEVER_FINISHED.includes(status.state)) return 'ended';
  if (name === null) return 'nameless';
  records.putExpected({ number: groupId, name, ownerName, status, isPromoted, settings });
  return 'expected';
}
