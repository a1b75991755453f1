/** The whole configuration as it is in effect, as YAML that could be a configuration file, with the origin of each value. */
import { stringify } from 'yaml';
import { settingsOf } from './config-schema.ts';
import type { LoadedConfig } from './load-config.ts';
import { showValue } from './setting.ts';

/** Holds no secrets, since settings refer to them by path. */
export function printConfig(loaded: LoadedConfig): string {
  const values = loaded.values as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const lines: string[] = [];
  let section = '';
  for (const entry of settingsOf(loaded.schema)) {
    if (entry.section !== section) lines.push(`${section === '' ? '' : '\n'}${entry.section}:`);
    section = entry.section;
    const value = showValue(values[entry.section]?.[entry.key], entry.facts.form);
    const yaml = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
    lines.push(`  ${entry.key}: ${yaml}  # ${loaded.origins.get(entry.name) ?? 'default'}`);
  }
  return lines.join('\n') + '\n';
}
