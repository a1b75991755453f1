/** Links opened and joined (directory §5): a contact's address or invitation, or a group's link. */
import type { Agent, AgentStep, OpenedLink } from '@polyplex/agent';
import { type ConnectionRequest, parseLink, parseShortLink } from '@polyplex/protocol-agent';
import { type ChatLinkData, newMessageId, parseChatLinkData, parseGroupClientData, type Profile, redactProfile, type SentEvent } from '@polyplex/protocol-chat';
import { ChatError } from './chat-error.ts';
import { infoOf } from './compose.ts';
import { channelOf } from './groups/channels/look-up.ts';
import { joinChannel } from './groups/channels/membership.ts';
import { joining } from './groups/membership/join-link.ts';
import { boundedProfile } from './profiles.ts';
import type { Step } from './step.ts';

/** What it will be. */
export type Connecting = { readonly type: 'contact'; readonly contactId: number } | { readonly type: 'group'; readonly groupId: number };

export interface ConnectContext {
  readonly agent: Agent;
  readonly profile: Profile;
  readonly within: <T>(agentStep: AgentStep, work: (step: Step) => T) => T;
  readonly change: <T>(work: (step: Step) => T) => Promise<T>;
}

export interface ConnectOptions {
  /** The same for a request that is made again: who has answered it already need not do so twice. */
  readonly contactReqId?: string;
}

interface Opened {
  readonly what: ConnectionRequest | OpenedLink;
  readonly request: ConnectionRequest;
  readonly data: ChatLinkData | null;
}

async function open(agent: Agent, text: string): Promise<Opened> {
  const full = parseLink(text);
  if (full !== null) return { what: full, request: full, data: null };
  if (parseShortLink(text) === null) throw new ChatError('LINK', 'this is no link');
  const opened = await agent.openShortLink(text);
  return { what: opened, request: opened.request, data: parseChatLinkData(opened.userData) };
}

interface Target extends Opened {
  readonly contactReqId: string;
}

/** Of the full link, or of what is behind the short one. */
function isGroup({ request, data }: Opened): boolean {
  const clientData = request.mode === 'contact' ? request.clientData : null;
  return (data !== null && 'groupProfile' in data) || (clientData !== null && parseGroupClientData(clientData) !== null);
}

/** Resolves when it is asked; what comes of it is told by events. Rejects with LINK, as the agent's `openShortLink` and `join`, or with TOO_LARGE. */
export async function connect(context: ConnectContext, text: string, { contactReqId = newMessageId() }: ConnectOptions = {}): Promise<Connecting> {
  const target = { ...(await open(context.agent, text)), contactReqId };
  const channel = 'relays' in target.what && target.what.relays.length > 0 ? channelOf(text, target.what) : null;
  if (channel !== null) return { type: 'group', groupId: (await context.change((step) => joinChannel(step, channel))).groupId };
  return isGroup(target) ? joinGroup(context, target) : meetContact(context, target);
}

async function joinGroup({ agent, profile, within }: ConnectContext, { what, data, contactReqId }: Target): Promise<Connecting> {
  const groupProfile = data !== null && 'groupProfile' in data ? data.groupProfile : null;
  const shown = redactProfile(profile, groupProfile?.groupPreferences, 'member');
  const event: SentEvent = { event: 'x.contact', params: { profile: shown, contactReqId } };
  let groupId = 0;
  await agent.join(what, {
    info: infoOf(event, false), postQuantum: false,
    also: (agentStep, connectionId) => {
      groupId = within(agentStep, (step) => joining(step, connectionId, groupProfile)).groupId;
    },
  });
  return { type: 'group', groupId };
}

async function meetContact({ agent, profile, within }: ConnectContext, { what, request, data, contactReqId }: Target): Promise<Connecting> {
  const event: SentEvent = request.mode === 'contact'
    ? { event: 'x.contact', params: { profile, contactReqId } }
    : { event: 'x.info', params: { profile } };
  const theirs = data !== null && 'profile' in data ? boundedProfile(data.profile) : { displayName: '', fullName: '' };
  let contactId = 0;
  await agent.join(what, {
    info: infoOf(event, true), postQuantum: true,
    also: (agentStep, connectionId) => {
      contactId = within(agentStep, (step) =>
        step.addContact({ connectionId, requestId: null, status: 'connecting', profile: theirs, versions: { min: 1, max: 1 } })).contactId;
    },
  });
  return { type: 'contact', contactId };
}
