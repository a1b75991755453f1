/**
 * From an agent's event to the handlers: by whose the connection is, then by the element's event. An agent's message is acknowledged once, after
 * all its elements and whatever became of them (directory §1.3).
 */
import type { AgentEvent, FileEvent } from '@polyplex/agent';
import { SECOND } from '@polyplex/base';
import { type BodyPart, type EventName, parseBody, parseConnInfo, type ReceivedMessage } from '@polyplex/protocol-chat';
import { contactConnected, contactSynced } from '../contacts/connected.ts';
import { transferEnded } from '../files/transfer-ended.ts';
import { takeContactRequest } from '../contacts/request.ts';
import { delivery, flushWaiting, takeJoinRequest } from '../groups/host/hooks.ts';
import { memberConnected } from '../groups/membership/connected.ts';
import { notBegun } from './not-begun.ts';
import type { ConnectionOwner } from '../records/records.ts';
import type { Step } from '../step.ts';
import type { Outcome, Received } from './handlers.ts';
import { takeContactPart } from './contact-messages.ts';
import { takeGroupPart } from './group-messages.ts';
import { confirmationHandlers, infoHandlers } from './handshakes.ts';

type EventOf<T extends AgentEvent['type']> = Extract<AgentEvent, { readonly type: T }>;

function dispatch(step: Step, event: AgentEvent): void {
  const owner = step.owner(event.connectionId);
  switch (event.type) {
    case 'request': return takeRequest(step, owner, event);
    case 'confirmation': return takeConfirmation(step, owner, event);
    case 'info': return takeInfo(step, owner, event);
    case 'connected': return connected(step, owner);
    case 'message': return takeMessage(step, owner, event);
    case 'receipt': return step.agent.acknowledge(event.connectionId, event.messageId);
    case 'sent':
    case 'not-sent':
    case 'full':
    case 'room': return delivered(step, owner, event);
    case 'sync': return event.state === 'ok' ? synced(step, owner) : undefined;
    case 'switch': return;
    case 'ignored': return step.ignore(event.reason);
  }
}

/** One bad element, or a bug of ours, stops neither the others nor the agent. */
function carefully(step: Step, work: () => void): void {
  try {
    work();
  } catch (error) {
    step.failed(error);
  }
  step.settle();
}

function act(step: Step, work: () => Outcome, otherwise?: () => void): void {
  carefully(step, () => {
    const outcome = work();
    if (typeof outcome === 'function') return outcome();
    otherwise?.();
    step.ignore(outcome);
  });
}

/** The message of a handshake; null: there is none to be read. */
function messageOf(step: Step, info: Uint8Array): (ReceivedMessage & { readonly event: EventName } & Pick<Received, 'at'>) | null {
  const part = parseConnInfo(info);
  countPart(step, part);
  if (part.kind !== 'message' || part.message.event === 'unknown') return null;
  return { ...part.message, at: new Date(step.now).toISOString() };
}

function countPart(step: Step, part: BodyPart): void {
  step.count(({ events }) => events.add('message' in part ? part.message.event : 'unreadable'));
}

function takeRequest(step: Step, owner: ConnectionOwner | undefined, { offerId, info }: EventOf<'request'>): void {
  act(step, () => {
    const message = messageOf(step, info);
    if (message === null) return 'a request that cannot be read';
    if (message.event !== 'x.contact' && message.event !== 'x.info') return 'a request that is none';
    if (owner?.type === 'group-link') return takeJoinRequest(step, { groupId: owner.groupId, offerId }, message);
    return owner?.type === 'address' ? takeContactRequest(step, offerId, message) : 'a request at no address';
  }, () => step.agent.reject(offerId));
}

function takeConfirmation(step: Step, owner: ConnectionOwner | undefined, { connectionId, offerId, info }: EventOf<'confirmation'>): void {
  const refuse = (): void => {
    step.agent.reject(offerId);
    if (owner === undefined) step.drop(connectionId);
    else notBegun(step, owner, { connectionId, reason: 'HANDSHAKE' });
  };
  act(step, () => {
    const message = messageOf(step, info);
    if (owner === undefined || message === null) return 'a confirmation that cannot be read';
    const handler = confirmationHandlers[message.event] as ((...args: readonly unknown[]) => Outcome) | undefined;
    return handler?.(step, { connectionId, offerId, owner }, message) ?? 'a confirmation that is not expected';
  }, refuse);
}

function takeInfo(step: Step, owner: ConnectionOwner | undefined, { connectionId, info }: EventOf<'info'>): void {
  act(step, () => {
    const message = messageOf(step, info);
    if (owner === undefined || message === null) return 'an answer that cannot be read';
    const handler = infoHandlers[message.event] as ((...args: readonly unknown[]) => Outcome) | undefined;
    return handler?.(step, { connectionId, owner }, message) ?? 'an answer that is not expected';
  });
}

function connected(step: Step, owner: ConnectionOwner | undefined): void {
  carefully(step, () => {
    if (owner?.type === 'contact') contactConnected(step, owner.contactId);
    if (owner?.type === 'member') memberConnected(step, owner);
  });
}

function delivered(step: Step, owner: ConnectionOwner | undefined, event: EventOf<'sent' | 'not-sent' | 'full' | 'room'>): void {
  if (owner === undefined) return;
  carefully(step, () => {
    delivery(step, owner, event);
    if (event.type === 'not-sent' && event.messageId === null) notBegun(step, owner, event);
    if (event.type === 'room' && owner.type === 'contact') contactSynced(step, owner.contactId);
  });
}

/** The ratchets fit again: what could not be sent meanwhile leaves. */
function synced(step: Step, owner: ConnectionOwner | undefined): void {
  carefully(step, () => {
    if (owner?.type === 'contact') contactSynced(step, owner.contactId);
    const member = owner?.type === 'member' ? step.member(owner.groupId, owner.memberNumber) : undefined;
    if (member?.isReady === true) flushWaiting(step, member);
  });
}

function takeMessage(step: Step, owner: ConnectionOwner | undefined, { connectionId, messageId, body, receivedAt }: EventOf<'message'>): void {
  const at = new Date(receivedAt).toISOString();
  for (const part of parseBody(body)) {
    countPart(step, part);
    act(step, () => takePart(step, owner, { part, at }));
  }
  step.agent.acknowledge(connectionId, messageId);
}

function takePart(step: Step, owner: ConnectionOwner | undefined, { part, at }: { readonly part: BodyPart; readonly at: string }): Outcome {
  if (part.kind === 'fault') return 'an element that cannot be read';
  // Files inside of messages are of an older kind, and are not taken.
  if (part.kind === 'file-chunk') return 'a piece of a file';
  if (owner?.type === 'contact') return takeContactPart(step, owner.contactId, { part, at });
  if (owner?.type === 'member') return takeGroupPart(step, owner, { part, at });
  return 'a message on a connection that takes none';
}

/** Handles one event of an agent, with what the application does about it. */
export function handle(step: Step, event: AgentEvent): void {
  const began = performance.now();
  dispatch(step, event);
  const seconds = (performance.now() - began) / SECOND;
  step.count(({ stepSeconds }) => stepSeconds.observe(seconds));
}

/** As `handle`, of files. */
export function handleFile(step: Step, event: FileEvent): void {
  carefully(step, () => transferEnded(step, event));
}
