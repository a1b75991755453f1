/** What a directory bot tells of its administrators, for people. */
import type { AnswerOf } from '@polyplex/admin-api';

type Admin = AnswerOf<'admins'>['admins'][number];

export function adminsText({ admins }: AnswerOf<'admins'>): string {
  if (admins.length === 0) return 'None. Connect to the bot, send it /whoami, and put its answer into botDirectory.superUsers.';
  const width = Math.max(...admins.map(({ entry }) => quoted(entry).length));
  const lines = (setting: Admin['setting']): string[] => {
    const own = admins.filter((admin) => admin.setting === setting);
    return own.length === 0 ? [] : [setting, ...own.map((admin) => `  ${quoted(admin.entry).padEnd(width)}  ${stateText(admin)}`)];
  };
  return [...lines('botDirectory.superUsers'), ...lines('botDirectory.adminUsers')].join('\n');
}

function stateText({ state, entryNow }: Admin): string {
  if (state === 'matches') return 'has the rights';
  if (state === 'renamed' && entryNow !== null) return `is the same contact under another name: put ${quoted(entryNow)} in its place, and start the bot again`;
  return 'nobody has this number and name: let them send the bot /whoami, put its answer in its place, and start the bot again';
}

/** As YAML and JSON read it again. What others chose cannot steer the terminal. */
function quoted(entry: string): string {
  return JSON.stringify(entry).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));
}
