/**
 * The checks between lookup and handling, in the order of SMP §5.1: missing queue, role of the service session,
 * service signature, queue authorisation, blocked queue. Existence must not be observable: every refusal that
 * depends on it takes the time of a verification (SMP §8.1).
 */
import { type PublicKey, publicKeysEqual, verify } from '@polyplex/crypto';
import { type AuthKey, authorizedView } from '@polyplex/protocol-common';
import { AUTH_ERROR, PROHIBITED, type SmpCommand, type SmpCommandTag, smpCommands, type SmpError } from '@polyplex/protocol-smp';
import type { Authorization } from '@polyplex/server-core';
import type { QueueRecord } from '@polyplex/store-contract';
import type { Incoming } from './incoming.ts';
import type { Sender } from './context.ts';

const SERVICE: SmpError = { type: 'SERVICE' };
const SIGNED_BY_SERVICE: ReadonlySet<SmpCommandTag> = new Set(['NEW', 'SUB', 'NSUB']);
/** Commands that come once for each queue and connection: their keys are not kept for the next. */
const ONCE: ReadonlySet<SmpCommandTag> = new Set(['SUB', 'NSUB', 'DEL']);
const ALLOWED_WHEN_BLOCKED: ReadonlySet<SmpCommandTag> = new Set(['NSUB', 'OFF', 'DEL', 'SEND']);

/** Role that a service session needs for a command; null: any. */
function roleFor(tag: SmpCommandTag): 'M' | 'N' | 'P' | null {
  switch (smpCommands[tag].party) {
    case 'notifier':
    case 'notifier service':
      return 'N';
    case 'proxy':
      return 'P';
    case 'any':
      return null;
    default:
      return 'M';
  }
}

/** What the queue's key must authorise: in a service session that signs, the service's fingerprint comes first. */
function authorizationOf(sender: Sender, incoming: Incoming): Authorization {
  const service = incoming.serviceSignature === null ? null : sender.service;
  return {
    auth: incoming.auth,
    corrId: incoming.corrId,
    // A view that the next call overwrites: it is verified at once.
    authorized: authorizedView(sender.sessionId, incoming.signed, service?.fingerprint ?? null),
  };
}

/** Role and service signature of any command; null when they are as they must be. */
export function checkSender(sender: Sender, incoming: Incoming): SmpError | null {
  const { service } = sender;
  const { tag } = incoming.command;
  const role = roleFor(tag);
  if (service !== null && role !== null && service.role !== role) return PROHIBITED;
  const signature = incoming.serviceSignature;
  const expected = service !== null && SIGNED_BY_SERVICE.has(tag);
  if (!expected) return signature === null ? null : SERVICE;
  if (signature === null) return SERVICE;
  return verify(service.sessionKey, authorizedView(sender.sessionId, incoming.signed, null), signature) ? null : SERVICE;
}

/** Verifies a command against a key that it carries itself: NEW. */
export function authorizedBy(sender: Sender, incoming: Incoming, key: AuthKey): boolean {
  return sender.verifier.verify([key], authorizationOf(sender, incoming));
}

/** Takes the time of a refused verification; an unauthorised command has nothing to verify. */
function refuse(sender: Sender, incoming: Incoming): SmpError {
  sender.verifier.waste(authorizationOf(sender, incoming));
  return AUTH_ERROR;
}

function canSecure(queue: QueueRecord, key: PublicKey): boolean {
  return queue.mode === 'M' && (queue.senderKey === null || publicKeysEqual(queue.senderKey, key));
}

/** The keys of which one must authorise the command; `none` when it must not be authorised; null when it is refused. */
function keysFor(queue: QueueRecord, command: SmpCommand): readonly PublicKey[] | 'none' | null {
  switch (command.tag) {
    case 'SEND':
      return queue.senderKey === null ? 'none' : [queue.senderKey];
    case 'SKEY':
    case 'LKEY':
      return canSecure(queue, command.senderKey) ? [command.senderKey] : null;
    case 'LGET':
      return queue.mode === 'C' || (queue.mode === null && queue.senderKey === null) ? 'none' : null;
    case 'NSUB':
      return queue.notifier === null ? null : [queue.notifier.notifierKey];
    default:
      return queue.recipientKeys;
  }
}

/** All checks of a command on a queue; null when it may be handled. */
export function authorizeCommand(sender: Sender, incoming: Incoming, queue: QueueRecord | null): SmpError | null {
  if (queue === null) return refuse(sender, incoming);
  const bySender = checkSender(sender, incoming);
  if (bySender !== null) return bySender;
  const keys = keysFor(queue, incoming.command);
  if (keys === null) return refuse(sender, incoming);
  if (keys === 'none') {
    if (incoming.auth.length > 0) return refuse(sender, incoming);
  } else if (!sender.verifier.verify(keys, authorizationOf(sender, incoming), !ONCE.has(incoming.command.tag))) {
    return AUTH_ERROR;
  }
  if (queue.status.state === 'blocked' && !ALLOWED_WHEN_BLOCKED.has(incoming.command.tag)) {
    return { type: 'BLOCKED', info: queue.status.info };
  }
  return null;
}

/** SUBS and NSUBS: signed by the service's session key alone, with its own id as entity (SMP §5.4). */
export function authorizeService(sender: Sender, incoming: Incoming): SmpError | null {
  const { service } = sender;
  if (service === null || incoming.serviceSignature !== null) return SERVICE;
  if (roleFor(incoming.command.tag) !== service.role) return PROHIBITED;
  const named = incoming.entityId.length === service.serviceId.length && incoming.entityId.every((b, i) => b === service.serviceId[i]);
  const authorized = authorizedView(sender.sessionId, incoming.signed, null);
  return named && verify(service.sessionKey, authorized, incoming.auth) ? null : SERVICE;
}
