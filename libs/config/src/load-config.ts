/**
 * From file, environment and flags to one validated, deep-frozen configuration. Everything is checked before anything
 * is answered: an operator sees all mistakes at once. A later source wins over an earlier one, setting by setting.
 */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { type ConfigOf, type ConfigSchema, type SettingEntry, settingsOf } from './config-schema.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readFlags } from './flags.ts';
import type { Given } from './given.ts';
import { nearestName } from './nearest-name.ts';
import { ConfigError, type Problem } from './problem.ts';

export interface ConfigSources {
  readonly file?: ConfigFile;
  readonly environment?: Environment;
  /** `section.key=value` each. */
  readonly flags?: readonly string[];
  /** Absolute path that relative paths count from where the file gives none, defaults included. Default: the file's folder. */
  readonly folder?: string;
}

export interface LoadedConfig<C extends ConfigSchema = ConfigSchema> {
  readonly schema: C;
  readonly values: ConfigOf<C>;
  /** Where each setting that is not a default came from, by `section.key`. */
  readonly origins: ReadonlyMap<string, string>;
}

/** Validates all sources together; throws `ConfigError` with every problem found. */
export function loadConfig<C extends ConfigSchema>(schema: C, sources: ConfigSources): LoadedConfig<C> {
  const problems: Problem[] = [];
  const settings = settingsOf(schema);
  const given = knownOnly(collect(sources, settings, problems), settings, problems);
  const parsed = z.object(schema.sections).safeParse(treeOf(given));
  if (!parsed.success) problems.push(...describeIssues(parsed.error.issues, given, settings));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  const values = resolvePaths(parsed.data, { settings, given, sources });
  const broken = (schema.rules?.(values as never) ?? []).map((problem) => ({ ...problem, source: problem.source ?? given.get(problem.setting)?.source ?? null }));
  if (broken.length > 0) throw new ConfigError(broken);
  const origins = new Map([...given].map(([name, { source }]) => [name, source]));
  return { schema, values: deepFreeze(values) as ConfigOf<C>, origins };
}

function collect({ file, environment = {}, flags = [] }: ConfigSources, settings: readonly SettingEntry[], problems: Problem[]): Given[] {
  return [
    ...(file === undefined ? [] : readConfigFile(file, problems)),
    ...readEnvironment(environment, settings, problems),
    ...readFlags(flags, problems),
  ];
}

/** The last value given for each setting; what names none is a problem, its value is not repeated (it may be a secret). */
function knownOnly(given: readonly Given[], settings: readonly SettingEntry[], problems: Problem[]): Map<string, Given> {
  const names = new Set(settings.map(({ name }) => name));
  const last = new Map<string, Given>();
  for (const each of given) {
    const name = `${each.section}.${each.key}`;
    if (names.has(name)) last.set(name, each);
    else problems.push({ setting: name, message: `there is no such setting${suggestion(each, settings)}`, source: each.source });
  }
  return last;
}

function suggestion({ section, key }: Given, settings: readonly SettingEntry[]): string {
  const elsewhere = settings.filter((entry) => entry.key === key);
  const near = elsewhere.length === 1 ? elsewhere[0]?.name : nearestName(`${section}.${key}`, settings.map(({ name }) => name));
  return near === undefined || near === null ? '' : `; did you mean ${near}?`;
}

function treeOf(given: ReadonlyMap<string, Given>): Record<string, Record<string, unknown>> {
  const tree: Record<string, Record<string, unknown>> = {};
  for (const { section, key, value } of given.values()) (tree[section] ??= {})[key] = value;
  return tree;
}

function describeIssues(issues: readonly z.core.$ZodIssue[], given: ReadonlyMap<string, Given>, settings: readonly SettingEntry[]): Problem[] {
  const names = new Set(issues.map(({ path }) => path.slice(0, 2).map(String).join('.')));
  return [...names].map((name) => {
    const facts = settings.find((entry) => entry.name === name)?.facts;
    const value = given.get(name);
    return { setting: name, message: `${shown(value?.value)} is not ${facts?.allowed ?? 'allowed'}`, source: value?.source ?? null };
  });
}

const SHOWN_CHARACTERS = 80;

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

interface PathContext {
  readonly settings: readonly SettingEntry[];
  readonly given: ReadonlyMap<string, Given>;
  readonly sources: ConfigSources;
}

function resolvePaths(values: Record<string, unknown>, { settings, given, sources }: PathContext): Record<string, unknown> {
  const folder = sources.folder ?? (sources.file === undefined ? process.cwd() : dirname(sources.file.path));
  const sections = values as Record<string, Record<string, unknown>>;
  for (const { section, key, name, facts } of settings) {
    const group = sections[section];
    const value = group?.[key];
    if (facts.form !== 'path' || group === undefined || typeof value !== 'string') continue;
    group[key] = resolve(given.get(name)?.base === 'cwd' ? process.cwd() : folder, value);
  }
  return values;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
