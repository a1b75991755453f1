/** The link of a group that we host (directory §2.4, §5): a contact address that says what group it leads to, with the group's profile behind it. */
import type { AddressOptions, Begun } from '@polyplex/agent';
import { formatLink, formatShortLink } from '@polyplex/protocol-agent';
import { encodeChatLinkData, formatGroupClientData, type GroupProfile, isAtLeast, type Role } from '@polyplex/protocol-chat';
import { ChatError } from '../../chat-error.ts';
import type { Group, GroupLink, Task } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';

/** What a relay keeps behind a link, encrypted and signed, leaves so much. */
const MAX_LINK_DATA_BYTES = 13_600;

/** What who opens the link is told: without the picture, and then without the welcome message, where that is too long. */
function groupLinkData(profile: GroupProfile): Uint8Array {
  const { image: _image, ...withoutImage } = profile;
  const { description: _description, ...least } = withoutImage;
  const candidates = [profile, withoutImage, least].map((groupProfile) => encodeChatLinkData({ groupProfile }));
  return candidates.find(({ length }) => length <= MAX_LINK_DATA_BYTES) ?? candidates.at(-1)!;
}

function hosted(step: Step, groupId: number): Group {
  const group = step.knownGroup(groupId);
  if (isRemoved(group.own) || !isAtLeast(group.own.role, 'admin')) throw new ChatError('PROHIBITED', 'links are made by administrators');
  return group;
}

function withRole(role: Role): Role {
  if (!isAtLeast('member', role)) throw new ChatError('PROHIBITED', 'who joins by a link is a member at most');
  return role;
}

function linked(step: Step, groupId: number): GroupLink {
  const { link } = step.knownGroup(groupId);
  if (link === null) throw new ChatError('UNKNOWN', 'there is no such link');
  return link;
}

/** `link-created` or `link-failed` follows. Throws UNKNOWN or PROHIBITED. */
export function createLink(step: Step, groupId: number, role: Role): void {
  const group = hosted(step, groupId);
  withRole(role);
  if (group.link !== null) return step.emit({ type: 'link-created', group, link: group.link });
  step.addTask({ do: 'create-link', groupId, role });
}

/** Of who joins from now on. Throws UNKNOWN or PROHIBITED. */
export function setLinkRole(step: Step, groupId: number, role: Role): void {
  step.updateGroup(groupId, { link: { ...linked(step, groupId), role: withRole(role) } });
}

/** What the link tells of the group is what the group is now. Throws UNKNOWN. */
export function refreshLink(step: Step, groupId: number): void {
  const { connectionId, shortLink } = linked(step, groupId);
  if (shortLink !== null) step.agent.setUserData(connectionId, groupLinkData(step.knownGroup(groupId).profile));
}

/** Who asks from now on finds nobody. Throws UNKNOWN. */
export function deleteLink(step: Step, groupId: number): void {
  step.drop(linked(step, groupId).connectionId);
  step.updateGroup(groupId, { link: null });
}

type CreateLink = Extract<Task, { readonly do: 'create-link' }>;

/** What the agent makes the address with; null: it is not wanted any more. */
export function linkOptions(group: Group | undefined, groupLinkId: string): AddressOptions | null {
  if (group === undefined || group.link !== null || isRemoved(group.own)) return null;
  return { kind: 'g', clientData: formatGroupClientData(groupLinkId), userData: groupLinkData(group.profile) };
}

/** In the step that stores the address. Throws PROHIBITED where there is a link by now, or nobody to make one for. */
export function linkMade(step: Step, { groupId, role }: CreateLink, { begun, groupLinkId }: { readonly begun: Begun; readonly groupLinkId: string }): void {
  const before = step.knownGroup(groupId);
  if (before.link !== null || isRemoved(before.own)) throw new ChatError('PROHIBITED', 'the link is not wanted any more');
  const { connectionId, request, link: short } = begun;
  const link: GroupLink = { connectionId, fullLink: formatLink(request), shortLink: short && formatShortLink(short, 'server'), groupLinkId, role };
  step.own(connectionId, { type: 'group-link', groupId });
  const group = step.updateGroup(groupId, { link });
  step.emit({ type: 'link-created', group, link });
}

export function linkFailed(step: Step, { groupId }: CreateLink, reason: string): void {
  const group = step.group(groupId);
  if (group !== undefined) step.emit({ type: 'link-failed', group, reason });
}
