/** What the directory tells of itself. */

export interface HelpContext {
  readonly serviceName: string;
  readonly rulesLink: string | null;
}

function rules({ rulesLink }: HelpContext): string {
  return rulesLink === null ? '' : `\nThe rules of this directory: ${rulesLink}`;
}

export function welcomeText(context: HelpContext): string {
  return [
    `Welcome to ${context.serviceName}!`,
    'Send a word or two to find groups, for example _privacy_.',
    '/new shows the newest groups, /all the largest.',
    `/help tells how to list your own group.${rules(context)}`,
  ].join('\n');
}

export function registrationHelp(context: HelpContext): string {
  return [
    '*How to list your group or channel*',
    '1. Be an owner of the group, and connected to this bot.',
    '2. Invite this bot to the group as *admin*. It needs that role to make a link that people join by, and to let them in.',
    '3. The bot joins, and the admins of the directory look at the group. That may take up to 48 hours.',
    '4. When they have approved it, people find it here, and you get its link.',
    '',
    '*A channel, or a public group:* send its link to this bot with _Share via chat_, as its owner.',
    '',
    `Later changes of name, picture or welcome message hide the group until it is approved again. To take it off the list, send /delete.${rules(context)}`,
    'All commands: /\'help commands\'',
  ].join('\n');
}

export function commandsHelp(): string {
  return [
    '*Commands*',
    'any text – find groups',
    '/next or . – more of what was found',
    '/all – all groups, the largest first',
    '/new – all groups, the newest first',
    '/list – the groups that you registered',
    '/role <ID> – the role of those who join by the bot\'s link',
    '/filter <ID> – who may join, and how',
    '/link <ID> – the link to your group',
    '/delete <ID>:<NAME> – take your group off the directory',
    '/whoami – how this bot knows you, for the settings of who runs it',
    '/help – how to list your group',
  ].join('\n');
}

export function adminHelp(isSuperUser: boolean): string {
  return [
    '*Commands of admins* (ID is the group\'s)',
    '/approve <ID>:<NAME> <CODE> [promote=on|off]',
    '/suspend <ID>:<NAME>, /resume <ID>:<NAME>, /delete <ID>:<NAME>',
    '/last [N], /pending [N]',
    '/owner <ID>:<NAME> <TEXT> – send a text to the owner',
    '/invite <ID>:<NAME> – invite the owner to the owners\' group',
    '/role, /filter, /link <ID>:<NAME>',
    ...(isSuperUser ? ['/promote <ID>:<NAME> on|off', '/exec help'] : []),
  ].join('\n');
}

/** To who had an administrator's rights under another name; `entry` is what the settings need. */
export function renamedAdmin(entry: string): string {
  return `${COMMAND_TEXTS.notAllowed} You were an administrator under another name: whoever runs this bot has to put ${entry} into its settings.`;
}

export const COMMAND_TEXTS = {
  unknown: 'Unknown command. Send /help to see what there is.',
  error: 'Command error: it cannot be read like this. Send /\'help commands\' to see how it is written.',
  notAllowed: 'You are not allowed to use this command.',
  slowDown: 'That was a lot at once. Please wait a minute.',
  submitted: 'Groups are listed by inviting this bot to them, channels by _Share via chat_. /help tells how.',
  noOwnersGroup: 'No group of owners is configured.',
  rejectReserved: 'This command has no effect yet: leave the group as it is, or tell its owner by /owner.',
} as const;

export const CARD_TEXTS = {
  notPublic: 'To list a group, invite this bot to it as *admin*. /help tells more.',
  notGroup: 'Only groups and channels can be listed here. /help tells how.',
} as const;
