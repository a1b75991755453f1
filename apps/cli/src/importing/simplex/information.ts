/** Section INFORMATION (SMP §9.2): what the page says of who runs the relay. */
import { ConfigError, configSchema, loadConfig } from '@polyplex/config';
import { information } from '@polyplex/node';
import { stringify } from 'yaml';
import type { IniFile } from '../ini-file.ts';
import type { TakenPart } from './taken-part.ts';

const SECTION = 'INFORMATION.';
const onlyThis = configSchema({ title: 'Information', sections: { information } });

/** The reference shows none of it without `source_code`; what our page would not take is left to the operator. */
export function informationOf(ini: IniFile): TakenPart {
  const given = [...ini.values].filter(([name, value]) => name.startsWith(SECTION) && value !== '');
  const names = given.map(([name]) => name);
  const isWanted = ([name, value]: readonly [string, string]): boolean => isSetting(settingOf(name), value);
  if (!given.some((each) => each[0] === `${SECTION}source_code` && isWanted(each))) return { settings: {}, others: names };
  const taken = given.filter(isWanted);
  return {
    settings: Object.fromEntries(taken.map(([name, value]) => [settingOf(name), value])),
    others: given.filter((each) => !taken.includes(each)).map(([name]) => name),
  };
}

/** `server_country` is `serverCountry` here. */
function settingOf(name: string): string {
  return name.slice(SECTION.length).replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function isSetting(name: string, value: string): boolean {
  try {
    loadConfig(onlyThis, { file: { path: '/', text: stringify({ information: { [name]: value } }) } });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
