/**
 * Ratchets that have come apart are begun anew (agent §7.7): each side sends new keys, and both derive the same from them. Begun by itself where
 * nothing would open any more. What was encrypted with the old ratchet is read with it (`former.ts`).
 *
 * Keys of ours are kept until a message by the new ratchet has come: whatever was sent twice or crossed on the way is answered with the same keys
 * again, so no two sides can go on sending each other new ones.
 */
import { encode } from '@polyplex/codec';
import { sha256 } from '@polyplex/crypto';
import {
  AGENT_VERSIONS, type AgentEnvelope, agentEnvelope, agentMessage, E2E_VERSIONS, type E2eParameters, KEM_VERSION, POST_QUANTUM_VERSION, RATCHET_SYNC_VERSION,
} from '@polyplex/protocol-agent';
import { versionIn } from '@polyplex/protocol-common';
import { AgentError } from '../agent-error.ts';
import { ignored } from '../messages/ignored.ts';
import { sendContent, sendEnvelope, takesMessages } from '../messages/seal.ts';
import { initiatorParameters, type OwnParameters, publishedParameters } from '../ratchet/begin.ts';
import { RatchetError } from '../ratchet/ratchet-error.ts';
import { keysHash, renewRatchet, type Renewed } from '../ratchet/renew.ts';
import type { Connection, RatchetSync } from '../records/records.ts';
import type { Step } from '../step.ts';
import { setAside } from './former.ts';

/** All that the text of keys is: nobody reads it. */
const KEYS_TEXT = encode(agentMessage, { tag: 'R', info: new Uint8Array() });

function setSync(step: Step, connectionId: string, sync: RatchetSync): Connection {
  step.emit({ type: 'sync', connectionId, state: sync });
  return step.update('connection', connectionId, { sync });
}

function canStart(step: Step, { connectionId, agentVersion }: Connection): boolean {
  return agentVersion >= RATCHET_SYNC_VERSION && step.get('ratchet', connectionId) !== undefined && step.sendingOf(connectionId).some(takesMessages);
}

/** The ratchets may have come apart: told, and where nothing would open any more, mended. */
export function cameApart(step: Step, { connectionId, sync }: Connection, state: 'allowed' | 'required'): void {
  if (state === sync || (sync !== 'ok' && sync !== 'allowed')) return;
  const connection = setSync(step, connectionId, state);
  if (state === 'required' && connection.stage === 'ready' && canStart(step, connection)) start(step, connection);
}

/** Throws PROHIBITED where the ratchets fit as far as we know, unless `force`, and where there is nobody to begin anew with. */
export function startResync(step: Step, connectionId: string, force: boolean): void {
  const connection = step.connection(connectionId);
  const isPermitted = force || connection.sync === 'allowed' || connection.sync === 'required';
  // Before, the other side may have no queue to answer to.
  if (!isPermitted || connection.stage !== 'ready' || !canStart(step, connection)) throw new AgentError('PROHIBITED', 'the keys of the connection are not to be renewed now');
  start(step, connection);
}

function start(step: Step, connection: Connection): void {
  const kept = connection.sync === 'started' ? step.get('parameters', connection.connectionId) : undefined;
  const own = kept ?? initiatorParameters(usesKem(connection, E2E_VERSIONS.max), step.fresh);
  step.put('parameters', connection.connectionId, own);
  setSync(step, connection.connectionId, 'started');
  sendKeys(step, connection, publishedParameters(E2E_VERSIONS.max, own));
}

function usesKem({ postQuantum, agentVersion }: Connection, e2eVersion: number): boolean {
  return postQuantum && agentVersion >= POST_QUANTUM_VERSION && e2eVersion >= KEM_VERSION;
}

/** Keys take a number, though they do not carry it. */
function sendKeys(step: Step, { connectionId, lastSentId }: Connection, e2e: E2eParameters): void {
  step.update('connection', connectionId, { lastSentId: lastSentId + 1, lastSentHash: sha256(KEYS_TEXT) });
  const envelope = encode(agentEnvelope, { version: AGENT_VERSIONS.max, type: 'R', e2e, info: KEYS_TEXT });
  sendEnvelope(step, connectionId, { envelope, what: 'ratchet-key', notify: true, internalId: null });
}

/** The other side's new keys. Those that were used before are a message that has come twice, unless we have begun once more. */
export function takeKeys(step: Step, connectionId: string, { version, e2e }: AgentEnvelope & { readonly type: 'R' }): null {
  const connection = step.update('connection', connectionId, { agentVersion: agreedVersion(step.connection(connectionId), version) });
  if (!versionIn(E2E_VERSIONS, e2e.version) || !canStart(step, connection)) return ignored(step, connection, 'new keys that cannot be used');
  const keys = `${connectionId}/${Buffer.from(keysHash(e2e.key1, e2e.key2)).toString('base64url')}`;
  if (step.get('keys', keys) !== undefined && !isAnswerAgain(step, connection, keys)) return null;
  step.put('keys', keys, step.now);
  const kem = usesKem(connection, e2e.version);
  const { own, isAgain } = ownKeys(step, connection, e2e.version);
  const renewed = attempt(() => renewRatchet(own, e2e, { usesKem: kem, fresh: step.fresh }));
  if (renewed === null) return ignored(step, connection, 'new keys that cannot be used');
  setAside(step, connectionId);
  step.put('taken', connectionId, { keys, isAgain });
  step.put('parameters', connectionId, own);
  step.put('ratchet', connectionId, renewed.ratchet);
  setSync(step, connectionId, 'agreed');
  if (renewed.isJoiner) sayReady(step, connectionId);
  return null;
}

/** Never down. */
export function agreedVersion({ agentVersion }: Connection, theirs: number): number {
  return Math.max(agentVersion, Math.min(theirs, AGENT_VERSIONS.max));
}

/** We have begun once more, and the other side answers with the keys that it had sent last: it had not seen that the ones before were agreed. */
function isAnswerAgain(step: Step, { connectionId, sync }: Connection, keys: string): boolean {
  return sync === 'started' && step.get('taken', connectionId)?.keys === keys;
}

/**
 * Those that we have begun with; else new ones, which are sent. While we do not know whether the other side has the ratchet of ours and its last keys,
 * those of ours are sent again, once: it may have begun twice, and be waiting for nothing else than these.
 */
function ownKeys(step: Step, connection: Connection, version: number): { readonly own: OwnParameters; readonly isAgain: boolean } {
  const { sync, connectionId } = connection;
  const kept = step.get('parameters', connectionId);
  if (sync === 'started' && kept !== undefined) return { own: kept, isAgain: false };
  const isAgain = sync === 'agreed' && kept !== undefined && step.get('taken', connectionId)?.isAgain === false;
  const own = isAgain ? kept : initiatorParameters(usesKem(connection, version), step.fresh);
  sendKeys(step, connection, publishedParameters(version, own));
  return { own, isAgain };
}

function attempt(work: () => Renewed): Renewed | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof RatchetError) return null;
    throw error;
  }
}

/** The first message by a new ratchet: EREADY. */
export function sayReady(step: Step, connectionId: string): void {
  const { lastReceivedId } = step.connection(connectionId);
  sendContent(step, connectionId, { what: 'ready', content: { tag: 'E', lastReceivedId }, notify: true });
}
