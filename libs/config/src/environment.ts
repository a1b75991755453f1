/**
 * Settings from the environment: `POLYPLEX_<SECTION>_<KEY>`. A variable with our prefix that names no setting is a
 * problem, because a misspelt one would be ignored in silence.
 */
import { type SettingEntry, VARIABLE_PREFIX } from './config-schema.ts';
import type { Given } from './given.ts';
import { nearestName } from './nearest-name.ts';
import type { Problem } from './problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Read by the command line itself. */
const RESERVED = ['POLYPLEX_CONFIG_DIR'];

/** Container platforms set such for every service in sight, for one called `polyplex` too. */
const SERVICE_LINK = /^POLYPLEX(_[A-Z0-9_]+)?_(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$/;

export function readEnvironment(environment: Environment, settings: readonly SettingEntry[], problems: Problem[]): Given[] {
  const known = new Map(settings.map((entry) => [entry.variable, entry]));
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!name.startsWith(VARIABLE_PREFIX) || value === undefined || RESERVED.includes(name)) return [];
    const entry = known.get(name);
    if (entry !== undefined) return [{ section: entry.section, key: entry.key, value, source: name, base: 'cwd' as const }];
    if (SERVICE_LINK.test(name)) return [];
    const near = nearestName(name, [...known.keys()]);
    const hint = near === null ? '' : `; did you mean ${near}?`;
    problems.push({ setting: name, message: `there is no such setting${hint}`, source: 'environment' });
    return [];
  });
}

/** The environment of this process; nothing else reads it. */
export function processEnvironment(): Environment {
  return process.env;
}
