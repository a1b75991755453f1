/** Reads what people write (directory §3.5): `/word` is a command, a lone `.` the next page, anything else a search. Linear in the length of the text. */
import { parseFilter } from '../admission/filter.ts';
import type { Command, CommandType, GroupReference, NameOf } from './command.ts';
import { nameIn } from './names.ts';

const DEFAULT_LISTED = 10;
const ERROR: Command = { type: 'error' };

type ParseArguments = (args: string, nameOf: NameOf) => Command;

const WORD = /^\/([A-Za-z_]{1,32})(?:\s+|$)/;
const REFERENCE = /^(\d{1,9})(?::|(?=\s|$))/;

interface Referred {
  readonly group: GroupReference;
  readonly rest: string;
}

function referenceIn(args: string, type: CommandType, nameOf: NameOf): Referred | null {
  const found = REFERENCE.exec(args);
  if (found === null) return null;
  const id = Number(found[1]);
  const after = args.slice(found[0].length);
  if (!found[0].endsWith(':')) return { group: { id, name: null }, rest: after.trim() };
  const named = nameIn(after, nameOf(id, type));
  return named && { group: { id, name: named.name }, rest: named.rest.trim() };
}

/** A command on a group: with its name, unless `nameIsOptional`. */
function onGroup(type: CommandType, parse: (referred: Referred) => Command | null, nameIsOptional = false): ParseArguments {
  return (args, nameOf) => {
    const referred = referenceIn(args, type, nameOf);
    if (referred === null || (referred.group.name === null && !nameIsOptional)) return ERROR;
    return parse(referred) ?? ERROR;
  };
}

function bare(command: Command): ParseArguments {
  return (args) => (args === '' ? command : ERROR);
}

function onGroupAlone(type: 'confirm' | 'reject' | 'suspend' | 'resume' | 'invite'): ParseArguments {
  return onGroup(type, ({ group, rest }) => (rest === '' ? { type, group } : null));
}

function listed(type: 'last' | 'pending'): ParseArguments {
  return (args) => {
    if (args === '') return { type, count: DEFAULT_LISTED };
    const count = /^\d{1,6}$/.test(args) ? Number(args) : 0;
    return count === 0 ? ERROR : { type, count };
  };
}

const help: ParseArguments = (args) => {
  if (['', 'r', 'registration'].includes(args)) return { type: 'help', topic: 'registration' };
  return ['c', 'commands'].includes(args) ? { type: 'help', topic: 'commands' } : ERROR;
};

const ON_OFF = /^(on|off)$/;
const APPROVAL = /^(\d{1,9})(?:\s+promote=(on|off))?$/;

/** Rights are not the parser's. */
const PARSERS: Readonly<Record<string, ParseArguments>> = {
  help,
  h: help,
  next: bare({ type: 'next' }),
  all: bare({ type: 'all' }),
  new: bare({ type: 'new' }),
  list: bare({ type: 'list' }),
  ls: bare({ type: 'list' }),
  // Ours: how an operator learns whom to name in the settings.
  whoami: bare({ type: 'whoami' }),
  confirm: onGroupAlone('confirm'),
  delete: onGroup('delete', ({ group, rest }) => (rest === '' ? { type: 'delete', group } : null)),
  link: onGroup('link', ({ group, rest }) => (rest === '' ? { type: 'link', group } : null), true),
  role: onGroup('role', ({ group, rest }) => {
    if (rest === '') return { type: 'role', group, role: null };
    return rest === 'member' || rest === 'observer' ? { type: 'role', group, role: rest } : null;
  }, true),
  filter: onGroup('filter', ({ group, rest }) => {
    const filter = parseFilter(rest);
    return filter === undefined ? null : { type: 'filter', group, filter };
  }, true),
  submit: (args) => (/^\S+$/.test(args) ? { type: 'submit' } : ERROR),
  approve: onGroup('approve', ({ group, rest }) => {
    const found = APPROVAL.exec(rest);
    return found && { type: 'approve', group, code: Number(found[1]), promote: found[2] === undefined ? null : found[2] === 'on' };
  }),
  reject: onGroupAlone('reject'),
  suspend: onGroupAlone('suspend'),
  resume: onGroupAlone('resume'),
  invite: onGroupAlone('invite'),
  last: listed('last'),
  pending: listed('pending'),
  owner: onGroup('owner', ({ group, rest }) => (rest === '' ? null : { type: 'owner', group, text: rest })),
  promote: onGroup('promote', ({ group, rest }) => (ON_OFF.test(rest) ? { type: 'promote', group, isOn: rest === 'on' } : null)),
  exec: (args) => (args === '' ? ERROR : { type: 'exec', text: args }),
  x: (args) => (args === '' ? ERROR : { type: 'exec', text: args }),
};

export function parseCommand(message: string, nameOf: NameOf): Command {
  const text = message.trimEnd();
  if (text === '.') return { type: 'next' };
  if (!text.startsWith('/')) return { type: 'search', text };
  const found = WORD.exec(text);
  const word = found?.[1] ?? '';
  if (found === null || !Object.hasOwn(PARSERS, word)) return { type: 'unknown' };
  return PARSERS[word]!(text.slice(found[0].length), nameOf);
}
