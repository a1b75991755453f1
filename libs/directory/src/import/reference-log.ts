/** The reference's directory log, of both generations (directory §3.11): one record a line, bad lines are reported and passed over. */
import { parseStatus, type Status } from '../registration/states.ts';

/** A registration as the reference knew it; its ids mean something in its own chat database only. */
export interface ReferenceRegistration {
  readonly groupId: number;
  readonly userGroupId: number;
  readonly contactId: number;
  readonly ownerMemberId: number | null;
  readonly status: Status;
  readonly isPromoted: boolean;
}

export interface LineProblem {
  /** From 1. */
  readonly line: number;
  /** `syntax`: passed over; `unknown-group`: about a group that no line before created; `repeated`: replaces what was before. */
  readonly problem: 'syntax' | 'unknown-group' | 'repeated';
}

export interface ReferenceLog {
  /** As they are after the last line, by group id. */
  readonly registrations: readonly ReferenceRegistration[];
  readonly lines: number;
  readonly problems: readonly LineProblem[];
}

const NUMBER = '(\\d{1,15})';
const CREATE = new RegExp(`^group_id=${NUMBER} user_group_id=${NUMBER} contact_id=${NUMBER} owner_member_id=(\\d{0,15}) status=(\\S+)(?: promoted=([TF]))?$`);
const MAX_LINE = 1000;
const MAX_PROBLEMS = 1000;

type Registrations = Map<number, ReferenceRegistration>;
type Outcome = LineProblem['problem'] | null;

function create(registrations: Registrations, args: string): Outcome {
  const [, group, user, contact, owner, statusText = '', promoted] = CREATE.exec(args) ?? [];
  const status = parseStatus(statusText);
  if (status === null) return 'syntax';
  const groupId = Number(group);
  const isRepeated = registrations.has(groupId);
  registrations.set(groupId, {
    groupId, userGroupId: Number(user), contactId: Number(contact), ownerMemberId: owner === '' ? null : Number(owner), status, isPromoted: promoted === 'T',
  });
  return isRepeated ? 'repeated' : null;
}

type Change = (value: string) => Partial<ReferenceRegistration> | null;

const CHANGES: Readonly<Record<string, Change>> = {
  GSTATUS: (value) => {
    const status = parseStatus(value);
    return status && { status };
  },
  GOWNER: (value) => (/^\d{1,15}$/.test(value) ? { ownerMemberId: Number(value) } : null),
  GPROMOTE: (value) => (/^[TF]$/.test(value) ? { isPromoted: value === 'T' } : null),
};

function change(registrations: Registrations, tag: string, args: string): Outcome {
  const [, id, value] = /^(\d{1,15})(?: (\S+))?$/.exec(args) ?? [];
  if (id === undefined) return 'syntax';
  const known = registrations.get(Number(id));
  if (tag === 'GDELETE' && value === undefined) {
    registrations.delete(Number(id));
    return known === undefined ? 'unknown-group' : null;
  }
  const fields = value === undefined || !Object.hasOwn(CHANGES, tag) ? null : CHANGES[tag]!(value);
  if (fields === null) return 'syntax';
  if (known === undefined) return 'unknown-group';
  registrations.set(known.groupId, { ...known, ...fields });
  return null;
}

function apply(registrations: Registrations, line: string): Outcome {
  const [, tag = '', args = ''] = /^(G[A-Z]{1,15}) (.*)$/.exec(line) ?? [];
  if (line.length > MAX_LINE || tag === '') return 'syntax';
  return tag === 'GCREATE' ? create(registrations, args) : change(registrations, tag, args);
}

export function parseReferenceLog(text: string): ReferenceLog {
  const registrations: Registrations = new Map();
  const problems: LineProblem[] = [];
  let lines = 0;
  for (const raw of text.split('\n')) {
    lines += 1;
    const line = raw.trimEnd();
    const problem = line === '' ? null : apply(registrations, line);
    if (problem !== null && problems.length < MAX_PROBLEMS) problems.push({ line: lines, problem });
  }
  const byId = [...registrations.values()].sort((one, other) => one.groupId - other.groupId);
  return { registrations: byId, lines: text.endsWith('\n') || text === '' ? lines - 1 : lines, problems };
}

/** One record a line, for `export` and tests. */
export function formatReferenceLog(registrations: readonly ReferenceRegistration[]): string {
  return registrations.map(({ groupId, userGroupId, contactId, ownerMemberId, status: { state, code }, isPromoted }) => {
    const status = state === 'pending_approval' ? `${state}:${code}` : state;
    const line = `GCREATE group_id=${groupId} user_group_id=${userGroupId} contact_id=${contactId} owner_member_id=${ownerMemberId ?? ''} status=${status}`;
    return `${line}${isPromoted ? ' promoted=T' : ''}\n`;
  }).join('');
}
