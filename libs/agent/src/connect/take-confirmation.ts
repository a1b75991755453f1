/** The first envelope of the other side (agent §6.2, §6.3, §6.4): a confirmation of either side, or a request to our address. */
import { decode, DecodeError, encode } from '@polyplex/codec';
import { type BoxKey, sha256 } from '@polyplex/crypto';
import {
  AGENT_VERSIONS, type AgentEnvelope, type AgentMessage, agentMessage, type ClientMessage, E2E_VERSIONS, type E2eParameters, KEM_VERSION, POST_QUANTUM_VERSION, queueInfo,
} from '@polyplex/protocol-agent';
import { versionIn } from '@polyplex/protocol-common';
import { isSecurable } from './confirm.ts';
import { ignored } from '../messages/ignored.ts';
import { storeSkipped } from '../messages/skipped.ts';
import { initiateRatchet } from '../ratchet/begin.ts';
import { openMessage } from '../ratchet/decrypt.ts';
import { RatchetError } from '../ratchet/ratchet-error.ts';
import type { Ratchet, SkippedKey } from '../ratchet/state.ts';
import type { Connection, ReceivingQueue } from '../records/records.ts';
import { newId } from '../records/typed-records.ts';
import type { Step } from '../step.ts';

/** What comes to a queue that has no secret with a sender yet. */
export interface FirstEnvelope {
  readonly queue: ReceivingQueue;
  readonly message: ClientMessage;
  readonly content: AgentEnvelope;
  readonly secret: BoxKey;
}

type Confirmation = AgentEnvelope & { readonly type: 'C' };
type First = FirstEnvelope & { readonly content: Confirmation };

export function takeRequest(step: Step, queue: ReceivingQueue, { link, info, version }: AgentEnvelope & { readonly type: 'I' }): null {
  const { connectionId } = queue;
  const offerId = newId();
  const copy = Uint8Array.from(info);
  step.put('offer', offerId, { type: 'request', connectionId, info: copy, link, version });
  step.emit({ type: 'request', connectionId, offerId, info: copy });
  return null;
}

export function takeConfirmation(step: Step, first: First): null {
  const { queue, content, message } = first;
  const connection = step.connection(queue.connectionId);
  if (queue.status !== 'new') return ignored(step, queue, 'another confirmation');
  if (message.senderKey === null && queue.mode !== 'messaging') return ignored(step, queue, 'a confirmation without a key');
  if (!versionIn(AGENT_VERSIONS, content.version) && content.version > connection.agentVersion) return ignored(step, queue, 'a version that is not spoken');
  if (connection.role === 'invited' && content.e2e !== null) return takeAnswer(step, first, { connection, e2e: content.e2e });
  if (connection.role === 'joined' && content.e2e === null) return takeInitiator(step, first, connection);
  return ignored(step, queue, 'a confirmation in the wrong state');
}

interface Read {
  readonly message: AgentMessage;
  readonly hash: Uint8Array;
  readonly ratchet: Ratchet;
  readonly skipped: readonly SkippedKey[];
}

/** Null: it cannot be read. */
function read(step: Step, ratchet: Ratchet, encrypted: Uint8Array): Read | null {
  try {
    const { text, ...opened } = openMessage(ratchet, [], encrypted, step.fresh);
    return { ...opened, message: decode(agentMessage, text), hash: sha256(text) };
  } catch (error) {
    if (error instanceof RatchetError || error instanceof DecodeError) return null;
    throw error;
  }
}

/** Of the one who joins our invitation: its keys begin the ratchet, and the application says whether it goes on. */
function takeAnswer(step: Step, { queue, content, message, secret }: First, { connection, e2e }: { readonly connection: Connection; readonly e2e: E2eParameters }): null {
  const parameters = step.get('parameters', connection.connectionId);
  if (parameters === undefined || !versionIn(E2E_VERSIONS, e2e.version)) return ignored(step, queue, 'a version that is not spoken');
  const usesKem = connection.postQuantum && content.version >= POST_QUANTUM_VERSION && e2e.version >= KEM_VERSION;
  const begun = attempt(() => initiateRatchet({ current: e2e.version, max: E2E_VERSIONS.max }, parameters, { joiner: e2e, wish: { supported: usesKem, enabled: usesKem } }));
  const opened = begun && read(step, begun, content.encrypted);
  if (opened?.message.tag !== 'D') return ignored(step, queue, 'a confirmation that cannot be read');
  const offerId = newId();
  const info = Uint8Array.from(opened.message.info);
  remember(step, connection, { opened, fields: { agentVersion: content.version, postQuantum: usesKem } });
  step.remove('parameters', connection.connectionId);
  step.update('receiving', queue.queueId, { secret, status: message.senderKey === null ? 'secured' : 'confirmed' });
  step.put('offer', offerId, {
    type: 'confirmation', connectionId: connection.connectionId, info, reply: encode(queueInfo, opened.message.queues[0]!), senderKey: message.senderKey,
  });
  step.emit({ type: 'confirmation', connectionId: connection.connectionId, offerId, info });
  return null;
}

/** Of the one whose invitation we joined: messages go both ways now, or after the queue is secured and both have said hello. */
function takeInitiator(step: Step, { queue, content, message, secret }: First, connection: Connection): null {
  const ratchet = step.get('ratchet', connection.connectionId);
  const opened = ratchet && read(step, ratchet, content.encrypted);
  if (opened?.message.tag !== 'I') return ignored(step, queue, 'a confirmation that cannot be read');
  const { connectionId } = connection;
  const isSecured = message.senderKey === null;
  remember(step, connection, { opened, fields: isSecured ? { stage: 'ready' } : {} });
  step.update('receiving', queue.queueId, { secret, status: isSecured ? 'active' : 'confirmed' });
  if (message.senderKey !== null) step.do(connection, queue.queueId, { do: 'key', senderKey: message.senderKey, then: 'hello' });
  step.emit({ type: 'info', connectionId, info: Uint8Array.from(opened.message.info) });
  if (!isSecured) return null;
  // The other side confirms when it has secured its queue with our key, if we could not.
  const [sending] = step.sendingOf(connectionId);
  if (sending !== undefined && !isSecurable(sending)) step.update('sending', sending.queueId, { status: 'secured' });
  step.emit({ type: 'connected', connectionId });
  return null;
}

function remember(step: Step, { connectionId }: Connection, { opened, fields }: { readonly opened: Read; readonly fields: Partial<Connection> }): void {
  step.put('ratchet', connectionId, opened.ratchet);
  storeSkipped(step, { connectionId, ratchet: opened.ratchet }, opened.skipped);
  step.update('connection', connectionId, { ...fields, lastReceivedId: 1, lastReceivedHash: opened.hash });
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof RatchetError) return null;
    throw error;
  }
}

