/** What owners of groups are told (directory §3.2, §3.4, §3.5). */
import type { GroupLink } from '@polyplex/chat';
import { quotedName, shownName } from '../commands/names.ts';
import { shownLink } from '../links/same-link.ts';
import type { GroupSettings, Registration } from '../records/records.ts';
import { formatFilter } from '../admission/filter.ts';
import { shownState } from '../registration/states.ts';
import { called, calledFirst, nounOf } from './nouns.ts';

type Named = Pick<Registration, 'name' | 'channel'>;

/** What is wrong with the roles of owner and bot: the bot's has to be exactly `admin`. */
export type RoleFault = 'bot' | 'owner' | 'both';

const NEEDED: Readonly<Record<RoleFault, string>> = {
  bot: 'please give this bot the role *admin*',
  owner: 'you must be an *owner* of the group',
  both: 'you must be an *owner* of the group, and this bot needs the role *admin*',
};

/** Of a channel, the bot is an ordinary subscriber. */
function needed(it: Pick<Registration, 'channel'>, fault: RoleFault): string {
  return it.channel === undefined ? NEEDED[fault] : `you must be an *owner* of the ${nounOf(it)}`;
}

export function roleFaultText(fault: RoleFault, it: Named): string {
  return `To list ${called(it)}, ${needed(it, fault)}.`;
}

/** As admins read it. */
export function roleFaultReason(fault: RoleFault): string {
  return { bot: 'the bot is not an admin of the group', owner: 'who registered the group is not its owner', both: 'who registered the group is not its owner, and the bot is not its admin' }[fault];
}

export const confirmCommand = ({ userNumber, name }: Registration): string => `/confirm ${userNumber}:${quotedName(name)}`;

type Numbered = Pick<Registration, 'userNumber'>;

/** `by`: empty for the owner, else ` by <name>`. */
export const OWNER_TEXTS = {
  duplicateRefused: (name: string) => `A group named ${shownName(name)} is already listed. Please choose another name for yours, and invite the bot again.`,
  duplicateAsked: (name: string) => `Another group named ${shownName(name)} is being registered. If yours is a different one and keeps this name, only the first that is approved can be listed. To go on all the same, send:`,
  tooMany: (limit: number) => `You have registered ${limit} groups, which is as many as one contact may. Delete one that you do not need: /list`,
  joining: (it: Named) => `Joining ${called(it)}…`,
  joinFailed: (it: Named) => `The bot could not join ${called(it)}. Please ${it.channel === undefined ? 'invite it' : 'send its link'} again.`,
  joined: (it: Named) => `The bot has joined ${called(it)}. Its approval may take up to 48 hours; you will be told here.`,
  recommendation: ({ userNumber }: Numbered) =>
    `Before many people join, consider letting only moderators and admins send direct messages, media, voice messages and SimpleX links: that keeps spam away.\nPeople who join by the bot's link have to pass a captcha; to change that, send /'filter ${userNumber}'`,
  approved: (it: Named) => `${calledFirst(it)} is approved and listed! Please moderate it: ${nounOf(it)}s that break the rules are taken off.`,
  addLink: 'Consider adding this link to the welcome message, so that members can pass it on.',
  commands: ({ userNumber }: Numbered) => `Commands for it:\n/'filter ${userNumber}' – who may join, and how\n/'role ${userNumber}' – the role of new members\n/'link ${userNumber}' – its link`,
  remainsListed: (it: Named, by: string) => `The link in the welcome message of ${called(it)} was changed${by}. The ${nounOf(it)} remains listed.`,
  hidden: (it: Named, by: string) => `${calledFirst(it)} was changed${by}. It is hidden from the directory until it is approved again.`,
  badRoles: (it: Named, fault: RoleFault) => `${calledFirst(it)} is not listed any more, because roles changed. To have it back, ${needed(it, fault)}.`,
  rolesGood: (it: Named) => `Roles are right again: ${called(it)} is listed again.`,
  changedOften: (it: Named & Pick<Registration, 'state'>) => `${calledFirst(it)} changed many times. It is ${shownState(it.state)} now.`,
  ownerLeft: (it: Named) => `You are not a member of ${called(it)} any more. It is removed from the directory.`,
  botRemoved: (it: Named) => `The bot was removed from ${called(it)}, so the ${nounOf(it)} is removed from the directory.`,
  groupDeleted: (it: Named) => `${calledFirst(it)} was deleted, so it is removed from the directory.`,
  suspended: (it: Named) => `${calledFirst(it)} is suspended by an admin of the directory, and hidden.`,
  resumed: (it: Named) => `${calledFirst(it)} is listed again.`,
  deletedByAdmin: (it: Named) => `${calledFirst(it)} was removed from the directory by an admin.`,
  deleted: (it: Named) => `${calledFirst(it)} is removed from the directory.`,
  linkGone: (it: Named) => `The link of ${called(it)} does not lead to it any more. It is removed from the directory.`,
  notForChannels: (it: Named) => `This command is for groups that people join by a link of this bot. People join ${called(it)} by its own.`,
  notPending: (it: Named & Pick<Registration, 'state'>) => `There is nothing to confirm: ${called(it)} is ${shownState(it.state)}.`,
  none: 'You have no groups here. /help tells how to list one.',
  listed: (total: number) => (total === 1 ? 'You have registered 1 group:' : `You have registered ${total} groups:`),
  linkOnApproval: 'The link is made when the group is approved.',
  invitedToOwners: 'You are also invited to the group of owners of listed groups.',
} as const;

export function filterText(id: number, name: string, { filter }: GroupSettings): string {
  return [
    `Who joins the group ${shownName(name)} by the bot's link: *${formatFilter(filter)}*`,
    `/'filter ${id} off' – everybody`,
    `/'filter ${id} basic' – names of members without picture are checked`,
    `/'filter ${id} moderate' – all names are checked, a captcha for members without picture`,
    `/'filter ${id} strong' – all names are checked, a captcha for all`,
    `Or in this order, each for all or only for members without picture: /filter ${id} name[=noimage] captcha[=noimage] observer[=noimage]`,
  ].join('\n');
}

export function roleText(id: number, name: string, { joinerRole, link }: { readonly joinerRole: string; readonly link: GroupLink | null }): string {
  const other = joinerRole === 'member' ? 'observer' : 'member';
  const scope = link === null ? OWNER_TEXTS.linkOnApproval : `This is for those who join by this link, and by no other:\n${shownLink(link)}`;
  return `Who joins the group ${shownName(name)} begins as *${joinerRole}*.\nTo change that: /'role ${id} ${other}'\n${scope}`;
}

/** The channel's own. */
export function channelLinkText(registration: Registration, link: string): string {
  return `The link to join ${called(registration)}:\n${link}`;
}

export function linkText(name: string, { joinerRole, link }: { readonly joinerRole: string; readonly link: GroupLink | null }): string {
  if (link === null) return OWNER_TEXTS.linkOnApproval;
  return `The link to join the group ${shownName(name)}:\n${shownLink(link)}\nWho joins by it begins as *${joinerRole}*.`;
}
