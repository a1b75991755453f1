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

/**
 * Container platforms set such for every service in sight, for one called `polyplex` or `polyplex-admin` too. The
 * latter's `POLYPLEX_ADMIN_PORT=tcp://10.0.0.1:8080` is told from the setting by its value, and only by that.
 */
const LINK_NAME = /^POLYPLEX(_[A-Z0-9_]+)?_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT_\d+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR))$/;
const LINK_URL_NAME = /^POLYPLEX(_[A-Z0-9_]+)?_PORT(_\d+_(TCP|UDP|SCTP))?$/;
const LINK_URL = /^(tcp|udp|sctp):\/\//;

function isServiceLink(name: string, value: string): boolean {
  return LINK_NAME.test(name) || (LINK_URL_NAME.test(name) && LINK_URL.test(value));
}

export function readEnvironment(environment: Environment, settings: readonly SettingEntry[], problems: Problem[]): Given[] {
  const known = new Map(settings.map((entry) => [entry.variable, entry]));
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!name.startsWith(VARIABLE_PREFIX) || value === undefined || RESERVED.includes(name) || isServiceLink(name, value)) return [];
    const entry = known.get(name);
    if (entry !== undefined) return [{ section: entry.section, key: entry.key, value, source: name, base: 'cwd' as const }];
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
