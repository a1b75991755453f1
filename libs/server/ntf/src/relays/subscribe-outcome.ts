/** What an answer to NSUB says of a subscription (NTF §2.5, §4.3). */
import { equalBytes } from '@polyplex/base';
import { SmpClientError } from '@polyplex/client';
import { type SmpError, smpErrorText, type SmpReply } from '@polyplex/protocol-smp';
import type { SubscriptionStatus } from '@polyplex/store-contract';

export type SubscribeAnswer =
  | { readonly result: 'active'; readonly inService: boolean }
  | { readonly result: 'refused'; readonly status: SubscriptionStatus }
  /** Nothing was said of the subscription: it is tried again. */
  | { readonly result: 'later' };

/** Of the status text. It goes to the client in a block of 512 bytes. */
const MAX_TEXT = 120;

const LATER: SubscribeAnswer = { result: 'later' };

/** A relay's trouble with itself is none of the queue: unlike the reference we try again. */
const OF_THE_RELAY = new Set<SmpError['type']>(['INTERNAL', 'STORE', 'BLOCK', 'SESSION']);

/** `serviceId`: of our service in this session; null without. */
export function subscribeAnswer(answer: SmpReply | SmpClientError, serviceId: Uint8Array | null): SubscribeAnswer {
  if (answer instanceof SmpClientError) return failed(answer);
  switch (answer.tag) {
    case 'OK':
      return { result: 'active', inService: false };
    case 'SOK':
      return { result: 'active', inService: serviceId !== null && answer.serviceId !== null && equalBytes(answer.serviceId, serviceId) };
    case 'ERR':
      return refused(answer.error);
    default:
      return refusal(`UnexpectedResponse ${answer.tag}`);
  }
}

function refused(error: SmpError): SubscribeAnswer {
  if (error.type === 'AUTH' || error.type === 'SERVICE') return { result: 'refused', status: error.type };
  return OF_THE_RELAY.has(error.type) ? LATER : refusal(`SMP error ${smpErrorText(error)}`);
}

function failed({ code, broker }: SmpClientError): SubscribeAnswer {
  const text = 'text' in broker ? broker.text : '';
  switch (code) {
    case 'RESPONSE':
      return refusal(`ResponseError ${text}`);
    case 'UNEXPECTED':
      return refusal(`UnexpectedResponse ${text}`);
    case 'TRANSPORT':
      // Of this command alone; others are of the session, which is gone with them.
      return broker.type === 'TRANSPORT' && broker.error === 'NO_AUTH' ? refusal('TransportError NO_AUTH') : LATER;
    case 'HOST':
      return { result: 'refused', status: INCOMPATIBLE_HOST };
    case 'TIMEOUT':
    case 'NETWORK':
    case 'BUSY':
    case 'CLOSED':
      return LATER;
  }
}

export const INCOMPATIBLE_HOST: SubscriptionStatus = 'ERR IncompatibleHost';

/** The relay said it: one line of printable characters, cut. */
export function refusal(text: string): SubscribeAnswer {
  return { result: 'refused', status: `ERR ${text.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_TEXT).trimEnd()}` };
}
