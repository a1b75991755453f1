/** Commands to what they do, with who may use them (directory §3.5). */
import { isRenamedAdmin } from '../admins.ts';
import { answer, next, search } from '../search/answer.ts';
import { approve } from '../registration/approval.ts';
import { DEFAULT_SERVICE_NAME, type DirectoryOptions } from '../options.ts';
import { adminHelp, COMMAND_TEXTS, commandsHelp, type HelpContext, registrationHelp, renamedAdmin } from '../texts/help-texts.ts';
import type { Turn } from '../turn.ts';
import { invite, listRegistrations, promote, resume, suspend, tellOwnerOf } from './admin-commands.ts';
import { type Asker, isAdmin, reply } from './asker.ts';
import type { Command, CommandType } from './command.ts';
import { exec } from './exec.ts';
import { type Target, targetOf } from './target.ts';
import { confirm, filter, link, listOwn, remove, role } from './user-commands.ts';

const FOR_ADMINS: readonly CommandType[] = ['approve', 'reject', 'suspend', 'resume', 'last', 'pending', 'owner', 'invite'];
const FOR_SUPER_USERS: readonly CommandType[] = ['promote', 'exec'];

function isAllowed(asker: Asker, type: CommandType): boolean {
  if (FOR_SUPER_USERS.includes(type)) return asker.rank === 'super-user';
  return !FOR_ADMINS.includes(type) || isAdmin(asker);
}

export function helpContext({ serviceName = DEFAULT_SERVICE_NAME, rulesLink = null }: DirectoryOptions): HelpContext {
  return { serviceName, rulesLink };
}

function help(turn: Turn, asker: Asker, topic: 'registration' | 'commands'): void {
  if (topic === 'registration') return reply(turn, asker, registrationHelp(helpContext(turn.options)));
  reply(turn, asker, isAdmin(asker) ? `${commandsHelp()}\n\n${adminHelp(asker.rank === 'super-user')}` : commandsHelp());
}

type OnGroup = Extract<Command, { readonly group: unknown }>;

function runOnGroup(turn: Turn, asker: Asker, command: OnGroup): void {
  const target = targetOf(turn, asker, command);
  if (target !== null) runOnTarget(turn, asker, target, command);
}

function runOnTarget(turn: Turn, asker: Asker, target: Target, command: OnGroup): void {
  switch (command.type) {
    case 'confirm': return confirm(turn, asker, target);
    case 'delete': return remove(turn, asker, target);
    case 'link': return link(turn, asker, target);
    case 'role': return role(turn, asker, target, command);
    case 'filter': return filter(turn, asker, target, command);
    case 'approve': return approve(turn, asker, target, command);
    case 'reject': return reply(turn, asker, COMMAND_TEXTS.rejectReserved);
    case 'suspend': return suspend(turn, asker, target);
    case 'resume': return resume(turn, asker, target);
    case 'invite': return invite(turn, asker, target);
    case 'owner': return tellOwnerOf(turn, asker, target, command);
    case 'promote': return promote(turn, asker, target, command);
  }
}

/** As the settings name contacts. */
function whoIs({ contact: { contactId, localName } }: Asker): string {
  return `${String(contactId)}:${localName}`;
}

function refuse(turn: Turn, asker: Asker): void {
  reply(turn, asker, isRenamedAdmin(turn, asker.contact) ? renamedAdmin(whoIs(asker)) : COMMAND_TEXTS.notAllowed);
}

export function runCommand(turn: Turn, asker: Asker, command: Command): void {
  if (!isAllowed(asker, command.type)) return refuse(turn, asker);
  if ('group' in command) return runOnGroup(turn, asker, command);
  switch (command.type) {
    case 'help': return help(turn, asker, command.topic);
    case 'search': return search(turn, asker, command.text);
    case 'next': return next(turn, asker);
    case 'all':
    case 'new': return answer(turn, asker, { query: { type: command.type }, cursor: null });
    case 'list': return listOwn(turn, asker);
    case 'whoami': return reply(turn, asker, whoIs(asker));
    case 'submit': return reply(turn, asker, COMMAND_TEXTS.submitted);
    case 'last':
    case 'pending': return listRegistrations(turn, asker, command);
    case 'exec': return exec(turn, asker, command.text);
    case 'unknown':
    case 'error': return reply(turn, asker, COMMAND_TEXTS[command.type]);
  }
}
