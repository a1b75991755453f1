/** Offers answered (agent §6.2 to §6.4): what throws has changed nothing. */
import { decode, encode } from '@polyplex/codec';
import { agentEnvelope, queueInfo } from '@polyplex/protocol-agent';
import { AgentError } from '../agent-error.ts';
import { sealConfirmation } from '../messages/seal.ts';
import type { Offer } from '../records/records.ts';
import type { Step } from '../step.ts';
import { confirm } from './confirm.ts';
import { newSendingQueue } from './queues.ts';

function knownOffer(step: Step, offerId: string): Offer {
  const offer = step.get('offer', offerId);
  if (offer === undefined) throw new AgentError('UNKNOWN', 'there is no such offer');
  return offer;
}

/** The offer is answered. Throws UNKNOWN. */
export function takeOffer(step: Step, offerId: string): void {
  knownOffer(step, offerId);
  step.remove('offer', offerId);
}

/** Goes on with the one who has joined our invitation; `info` is what it is told of us. Throws UNKNOWN, PROHIBITED, LINK or TOO_LARGE. */
export function allow(step: Step, offerId: string, info: Uint8Array): void {
  const offer = knownOffer(step, offerId);
  if (offer.type !== 'confirmation') throw new AgentError('PROHIBITED', 'this is a request to an address: accept it');
  const connection = step.connection(offer.connectionId);
  const reply = decode(queueInfo, offer.reply);
  const sending = newSendingQueue(offer.connectionId, reply, reply.version);
  const encrypted = sealConfirmation(step, connection, { tag: 'I', info });
  const envelope = encode(agentEnvelope, { version: connection.agentVersion, type: 'C', e2e: null, encrypted });
  step.update('connection', offer.connectionId, { stage: 'confirming' });
  step.remove('offer', offerId);
  const [receiving] = step.receivingOf(offer.connectionId);
  // Whoever gets our confirmation may send to our queue, which has to be secured before.
  if (offer.senderKey !== null) return step.do(connection, receiving!.queueId, { do: 'key', senderKey: offer.senderKey, then: { confirm: sending, envelope } });
  step.addSending(sending);
  confirm(step, sending, envelope);
}

/** The asker is told nothing. Throws UNKNOWN. */
export function reject(step: Step, offerId: string): void {
  takeOffer(step, offerId);
}
