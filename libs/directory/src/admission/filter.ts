/** The join filter of a group (directory §3.7). */
import type { Profile } from '@polyplex/protocol-chat';
import type { FilterScope, JoinFilter } from '../records/records.ts';

/** What `/filter` sets. */
export type FilterArguments = JoinFilter;

export const FILTER_PRESETS = {
  off: { rejectNames: null, passCaptcha: null, makeObserver: null },
  basic: { rejectNames: 'noImage', passCaptcha: null, makeObserver: null },
  moderate: { rejectNames: 'all', passCaptcha: 'noImage', makeObserver: null },
  strong: { rejectNames: 'all', passCaptcha: 'all', makeObserver: null },
} as const satisfies Readonly<Record<string, JoinFilter>>;

/** Of a new registration. */
export const DEFAULT_FILTER: JoinFilter = { rejectNames: null, passCaptcha: 'all', makeObserver: null };

const PRESET_WORDS: Readonly<Record<string, JoinFilter>> = { ...FILTER_PRESETS, mod: FILTER_PRESETS.moderate };

const SCOPE = '(?:=(all|no[-_]?image))?';
const FLAGS = new RegExp(`^(?:(name)${SCOPE}(?:\\s+|$))?(?:(captcha)${SCOPE}(?:\\s+|$))?(?:(observer)${SCOPE})?$`, 'i');

/** A flag without scope is for all. */
function scopeOf(flag: string | undefined, scope: string | undefined): FilterScope {
  if (flag === undefined) return null;
  return scope === undefined || scope.toLowerCase() === 'all' ? 'all' : 'noImage';
}

/** A preset, or flags in the order name, captcha, observer. Null: nothing is to be set; undefined: it cannot be read. */
export function parseFilter(args: string): FilterArguments | null | undefined {
  if (args === '') return null;
  if (Object.hasOwn(PRESET_WORDS, args)) return PRESET_WORDS[args];
  const found = FLAGS.exec(args);
  if (found === null) return undefined;
  return { rejectNames: scopeOf(found[1], found[2]), passCaptcha: scopeOf(found[3], found[4]), makeObserver: scopeOf(found[5], found[6]) };
}

/** Whether a rule is for this joiner. */
export function appliesTo(scope: FilterScope, profile: Profile): boolean {
  if (scope === 'all') return true;
  return scope === 'noImage' && (profile.image === undefined || profile.image === '');
}

function shownScope(scope: Exclude<FilterScope, null>): string {
  return scope === 'all' ? 'all' : 'noimage';
}

/** As `/filter` takes it. */
export function formatFilter({ rejectNames, passCaptcha, makeObserver }: JoinFilter): string {
  const flags = [['name', rejectNames], ['captcha', passCaptcha], ['observer', makeObserver]] as const;
  const set = flags.flatMap(([flag, scope]) => (scope === null ? [] : [`${flag}=${shownScope(scope)}`]));
  return set.length === 0 ? 'off' : set.join(' ');
}
