/** Settings from the command line: `--set section.key=value`. */
import type { Given } from './given.ts';
import type { Problem } from './problem.ts';

const FLAG = /^([A-Za-z][A-Za-z0-9]*)\.([A-Za-z0-9]+)=(.*)$/s;

export function readFlags(flags: readonly string[], problems: Problem[]): Given[] {
  return flags.flatMap((flag) => {
    const parts = FLAG.exec(flag);
    if (parts === null) {
      problems.push({ setting: '--set', message: 'must look like section.key=value', source: null });
      return [];
    }
    const [, section = '', key = '', value = ''] = parts;
    return [{ section, key, value, source: `--set ${section}.${key}`, base: 'cwd' as const }];
  });
}
