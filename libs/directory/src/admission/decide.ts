/** Who may join by the bot's link, and how (directory §3.7, "Decision on a join request"). */
import type { Admission, Group, JoinRequest } from '@polyplex/chat';
import type { Profile, Role } from '@polyplex/protocol-chat';
import type { DirectoryOptions } from '../options.ts';
import type { GroupSettings, JoinFilter } from '../records/records.ts';
import type { JoinOutcome } from '../stats.ts';
import type { BlockedNames } from './blocked-names.ts';
import { appliesTo, DEFAULT_FILTER, FILTER_PRESETS } from './filter.ts';

export interface AdmissionRules {
  readonly options: DirectoryOptions;
  readonly blocked: BlockedNames;
  /** Undefined: not a group of the directory's. */
  readonly settings: GroupSettings | undefined;
}

export interface Decided {
  readonly admission: Admission;
  readonly outcome: JoinOutcome;
}

export const DEFAULT_SETTINGS: GroupSettings = { filter: DEFAULT_FILTER, joinerRole: 'member' };

/** Null: the name is good. */
function nameFault({ options, blocked }: AdmissionRules, { displayName }: Profile): 'long_name' | 'blocked_name' | null {
  if ([...displayName].length > (options.profileNameLimit ?? Infinity)) return 'long_name';
  return blocked.isBlocked(displayName) ? 'blocked_name' : null;
}

/** Whether this joiner has to answer a captcha. */
export function needsCaptcha({ alwaysCaptcha = false }: DirectoryOptions, filter: JoinFilter, profile: Profile): boolean {
  return alwaysCaptcha || appliesTo(filter.passCaptcha, profile);
}

export function decide(rules: AdmissionRules, { group, profile }: Pick<JoinRequest, 'group' | 'profile'>): Decided {
  const { options, settings } = rules;
  const filter = settings?.filter ?? FILTER_PRESETS.off;
  const fault = appliesTo(filter.rejectNames, profile) ? nameFault(rules, profile) : null;
  if (fault !== null) return { admission: { decision: 'rejected', reason: fault }, outcome: 'rejected-name' };
  if (options.knocking === true) return { admission: { decision: 'pending_review', role: linkRole(settings, group) }, outcome: 'review' };
  if (needsCaptcha(options, filter, profile)) return { admission: { decision: 'pending', role: 'member' }, outcome: 'captcha' };
  if (appliesTo(filter.makeObserver, profile)) return { admission: { decision: 'accepted', role: 'observer' }, outcome: 'observer' };
  return { admission: { decision: 'accepted', role: linkRole(settings, group) }, outcome: 'accepted' };
}

function linkRole(settings: GroupSettings | undefined, { link }: Group): Role {
  return settings?.joinerRole ?? link?.role ?? 'member';
}
