/** A message of a connection: decrypted once, judged by number and hash, and done (agent §4.5, §7.2, §7.3). */
import { equalBytes } from '@polyplex/base';
import { tryDecode } from '@polyplex/codec';
import { sha256 } from '@polyplex/crypto';
import { type AgentContent, type AgentMessage, agentMessage } from '@polyplex/protocol-agent';
import { isNamed, type QueueName } from '../connect/queue-name.ts';
import { RatchetError, type RatchetErrorCode } from '../ratchet/ratchet-error.ts';
import { agreedVersion, cameApart, sayReady } from '../resync/resync.ts';
import type { Connection, Integrity, ReceivingQueue, StoredEvent } from '../records/records.ts';
import { arrived, sayAgain, takeKeyed } from '../rotation/own-queue.ts';
import { takeAdd, takeUse } from '../rotation/peer-queue.ts';
import type { Step } from '../step.ts';
import { ignored } from './ignored.ts';
import { hasSendingChain, openText } from './open.ts';
import { sendContent } from './seal.ts';

export interface EncryptedMessage {
  /** The sender's highest. */
  readonly version: number;
  readonly encrypted: Uint8Array;
  /** Of `encrypted`: by it a message is known that a sender has sent twice. */
  readonly hash: Uint8Array;
}

/** Answers what the application has to acknowledge; null where nothing is left to do. */
export function takeMessage(step: Step, queue: ReceivingQueue, message: EncryptedMessage): StoredEvent | null {
  const connection = step.connection(queue.connectionId);
  const seenKey = `${queue.connectionId}/${Buffer.from(message.hash).toString('base64url')}`;
  const hadChain = hasSendingChain(step.get('ratchet', queue.connectionId));
  const opened = openText(step, queue.connectionId, message.encrypted);
  if (opened instanceof RatchetError) return step.get('seen', seenKey) === undefined ? refused(step, connection, opened.code) : null;
  step.put('seen', seenKey, step.now);
  const read = tryDecode(agentMessage, opened.text);
  const received = receivedBy(step, { connection, queue, version: message.version, isFormer: opened.isFormer });
  if (read?.tag !== 'M') return ignored(step, queue, 'a message that cannot be read');
  const integrity = judge(received, read);
  const hash = sha256(opened.text);
  const internalId = received.lastInternalId + 1;
  step.update('connection', received.connectionId, { lastInternalId: internalId, lastReceivedId: read.messageId, lastReceivedHash: hash });
  return act(step, { connectionId: received.connectionId, messageId: internalId, sentId: read.messageId, hash, integrity, content: read.content, hasSent: hadChain || opened.isFormer });
}

const SYNC: Readonly<Partial<Record<RatchetErrorCode, 'allowed' | 'required'>>> = {
  BODY: 'allowed', EARLIER: 'allowed', HEADER: 'required', TOO_MANY_SKIPPED: 'required', KEM: 'required', KEY: 'required',
};

/** A message that does not open, and never did: the ratchets may have come apart. */
function refused(step: Step, connection: Connection, code: RatchetErrorCode): null {
  const state = SYNC[code];
  if (state !== undefined) cameApart(step, connection, state);
  return ignored(step, connection, `a message that does not open: ${code}`);
}

/** What any message that opens says of its connection: the queue works, the other side speaks a version, and where it is by the present ratchet, the ratchets fit. */
function receivedBy(step: Step, { connection, queue, version, isFormer }: {
  readonly connection: Connection; readonly queue: ReceivingQueue; readonly version: number; readonly isFormer: boolean;
}): Connection {
  const { connectionId, sync } = connection;
  if (queue.status !== 'active') step.update('receiving', queue.queueId, { status: 'active' });
  arrived(step, queue);
  const agentVersion = agreedVersion(connection, version);
  if (sync !== 'ok' && sync !== 'started' && !isFormer) {
    step.remove('parameters', connectionId);
    step.emit({ type: 'sync', connectionId, state: 'ok' });
    step.update('connection', connectionId, { agentVersion, sync: 'ok' });
    sayAgain(step, connectionId);
    return step.connection(connectionId);
  }
  return step.update('connection', connectionId, { agentVersion });
}

function judge({ lastReceivedId, lastReceivedHash }: Connection, { messageId, previousHash }: Extract<AgentMessage, { tag: 'M' }>): Integrity {
  if (messageId === lastReceivedId + 1) return { verdict: equalBytes(previousHash, lastReceivedHash) ? 'ok' : 'bad-hash' };
  if (messageId < lastReceivedId) return { verdict: 'bad-id' };
  if (messageId === lastReceivedId) return { verdict: 'duplicate' };
  return { verdict: 'skipped', from: lastReceivedId + 1, to: messageId - 1 };
}

interface Judged {
  readonly connectionId: string;
  readonly messageId: number;
  readonly sentId: number;
  readonly hash: Uint8Array;
  readonly integrity: Integrity;
  readonly content: AgentContent;
  /** By the present ratchet, before the message; or this is no message of the present ratchet. */
  readonly hasSent: boolean;
}

function act(step: Step, { content, hasSent, ...message }: Judged): StoredEvent | null {
  switch (content.tag) {
    case 'M':
      return { type: 'message', ...message, body: Uint8Array.from(content.body), receivedAt: step.now };
    case 'V':
      return receipt(step, message, content.receipts[0]!);
    case 'H':
      return hello(step, message.connectionId);
    case 'E':
      // The other side's ratchet has begun: ours, too, says so.
      if (!hasSent) sayReady(step, message.connectionId);
      return null;
    case 'QA':
      return takeAdd(step, message.connectionId, content.queues[0]!);
    case 'QK':
      return takeKeyed(step, message.connectionId, content.queues[0]!);
    case 'QU':
      return takeUse(step, message.connectionId, content.queues[0]!.queue);
    case 'QT':
      // That it came to the new queue is all it is for.
      return null;
    case 'QC':
      return hurry(step, message.connectionId, content.queue);
  }
}

/** A queue that was full has room again (agent §7.4). */
function hurry(step: Step, connectionId: string, name: QueueName): null {
  const found = step.sendingOf(connectionId).find((queue) => isNamed(queue, name));
  if (found === undefined) return null;
  step.hurried.add(found.queueId);
  step.emit({ type: 'room', connectionId });
  return null;
}

/** The other side has read a message of ours (agent §7.5). */
function receipt(step: Step, { connectionId, messageId }: Omit<Judged, 'content' | 'hasSent'>, { messageId: sentId, hash }: { readonly messageId: number; readonly hash: Uint8Array }): StoredEvent | null {
  const key = `${connectionId}/${String(sentId)}`;
  const sent = step.get('sent', key);
  if (sent === undefined || sent.receipt === 'ok') return null;
  const isGenuine = equalBytes(sent.hash, hash);
  step.put('sent', key, { ...sent, receipt: isGenuine ? 'ok' : 'bad-hash' });
  return { type: 'receipt', connectionId, messageId, receiptOf: sent.internalId, isGenuine };
}

/**
 * The standard procedure: each side says hello when it can be sent to, the one that joined first (agent §6.3). The one that invited answers; the
 * one that joined is done, or will be when its own hello has its answer.
 */
function hello(step: Step, connectionId: string): null {
  const { stage, role } = step.connection(connectionId);
  const [sending] = step.sendingOf(connectionId);
  if (stage === 'ready' || sending === undefined) return ignored(step, { connectionId }, 'another hello');
  if (sending.status === 'active') ready(step, connectionId);
  else if (role === 'invited' && sending.status !== 'secured') {
    step.update('sending', sending.queueId, { status: 'secured' });
    sendContent(step, connectionId, { what: 'hello', content: { tag: 'H' }, notify: true });
  }
  return null;
}

/** Once. */
export function ready(step: Step, connectionId: string): void {
  if (step.connection(connectionId).stage === 'ready') return;
  step.update('connection', connectionId, { stage: 'ready' });
  step.emit({ type: 'connected', connectionId });
}
