/** INI files as the reference writes them (XFTP §7.2): `[SECTION]`, `key = value` or `key: value`, `#` at the line's start. */
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';

export class IniFile {
  readonly path: string;
  /** By `SECTION.key`; the last one counts. */
  readonly values: ReadonlyMap<string, string>;

  constructor(path: string, values: ReadonlyMap<string, string>) {
    this.path = path;
    this.values = values;
  }

  /** Null where it is not given or empty. */
  text(name: string): string | null {
    return this.values.get(name) || null;
  }

  /** A number without decimals; null where it is not given. */
  count(name: string): number | null {
    return this.read(name, 'a number', (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null));
  }

  /** `on` or `off`; null where it is not given. */
  toggle(name: string): boolean | null {
    return this.read(name, 'on or off', (text) => (text === 'on' ? true : text === 'off' ? false : null));
  }

  /** The value as `reader` takes it; throws `CliError` FILES where that is null. */
  read<T>(name: string, wanted: string, reader: (text: string) => T | null): T | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = reader(text);
    if (value === null) throw new CliError('FILES', `${this.path}: ${name} is not ${wanted}`);
    return value;
  }
}

/** Throws `CliError` FILES with the first line that is wrong. */
export function readIni(path: string): IniFile {
  const values = new Map<string, string>();
  let section = '';
  for (const [i, line] of readText(path).split(/\r?\n/).entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const header = /^\[(.+)\]$/.exec(text)?.[1];
    const [, key, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(text) ?? [];
    if (header !== undefined) section = header;
    else if (key !== undefined && section !== '') values.set(`${section}.${key}`, value ?? '');
    else throw new CliError('FILES', `${path}: line ${i + 1} is neither a section nor a key with its value`);
  }
  return new IniFile(path, values);
}
