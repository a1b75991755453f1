/** `/exec` of super-users (directory §3.5): a small set of looks into the bot, instead of every command of a chat client. */
import { ownerName } from '../registration/change.ts';
import { shownState } from '../registration/states.ts';
import { attempt, type Turn } from '../turn.ts';
import { type Asker, reply } from './asker.ts';
import { quotedName, shownName } from './names.ts';

const HELP = [
  'help – this',
  'groups – the newest groups with their ids and states',
  'group <ID> – one of them',
  'contacts – the newest contacts with their ids and names, as options take them',
  'counts – how many of what there are',
  'create-owners-group <NAME> – makes a group, and invites you to it as admin',
].join('\n');

const MAX_LINES = 100;

type Run = (turn: Turn, asker: Asker, args: string) => string;

const groups: Run = ({ step, records }) => {
  const lines = step.groups().slice(-MAX_LINES).map(({ groupId, localName, currentMembers, own }) => {
    const registration = records.registration(groupId);
    return `${groupId}:${quotedName(localName)}, ${currentMembers} members, ${own.role}, ${registration === undefined ? 'not registered' : shownState(registration.state)}`;
  });
  return lines.length === 0 ? 'There are no groups.' : lines.join('\n');
};

const oneGroup: Run = (turn, _asker, args) => {
  const group = /^\d{1,9}$/.test(args) ? turn.step.group(Number(args)) : undefined;
  if (group === undefined) return 'There is no such group.';
  const { groupId, localName, own, link, currentMembers } = group;
  const registration = turn.records.registration(groupId);
  return [
    `${groupId}:${quotedName(localName)}, ${currentMembers} members`,
    `The bot is ${own.role}, ${own.status}; ${link === null ? 'there is no link' : `its link lets in as ${link.role}`}`,
    registration === undefined ? 'Not registered' : `Registered by ${ownerName(turn, registration)} as ${registration.userNumber}: ${shownState(registration.state)}`,
  ].join('\n');
};

const contacts: Run = ({ step }) => {
  const lines = step.contacts().filter(({ status }) => status === 'ready').slice(-MAX_LINES).map(({ contactId, localName }) => `${contactId}:${quotedName(localName)}`);
  return lines.join('\n');
};

const counts: Run = ({ index, step }) => [
  `${step.contacts().length} contacts, ${step.groups().length} groups`,
  ...[...index.counts()].map(([state, number]) => `${shownState(state)}: ${number}`),
].join('\n');

const createOwnersGroup: Run = (turn, { contact }, args) => {
  const name = shownName(args);
  if (name === '' || name.length > 100) return 'The group needs a name.';
  const group = attempt(turn, () => turn.step.createGroup({ displayName: name, fullName: '' }));
  if (group === undefined) return 'The group could not be made.';
  attempt(turn, () => turn.step.inviteContact(group.groupId, contact.contactId, 'admin'));
  return `Made the group ${group.groupId}:${quotedName(group.localName)}. To invite owners to it, set it as the group of owners in the options of the bot.`;
};

const RUNS: Readonly<Record<string, Run>> = { help: () => HELP, groups, group: oneGroup, contacts, counts, 'create-owners-group': createOwnersGroup };

const WORDS = /^\/?([a-z-]{1,32})(?:\s+([\s\S]*))?$/;

export function exec(turn: Turn, asker: Asker, text: string): void {
  const [, word = '', args = ''] = WORDS.exec(text) ?? [];
  const run = Object.hasOwn(RUNS, word) ? RUNS[word] : undefined;
  reply(turn, asker, run === undefined ? `There is no such command. There are:\n${HELP}` : run(turn, asker, args.trim()));
}
