/**
 * Our service at a relay (NTF §4.4): what its id is there, and the subscription of all queues that are in it by one command.
 * The id is stored by itself, never with a status. A relay that does not know the service any more has none of its queues.
 */
import { equalBytes } from '@polyplex/base';
import { RefusedError, type SmpClient, SmpClientError, subscribeService } from '@polyplex/client';
import type { LinkContext } from './link-context.ts';
import { untilStored } from './until-stored.ts';

export interface ServiceParts {
  readonly link: LinkContext;
  readonly client: SmpClient;
  readonly wanted: () => boolean;
}

export type ServiceAnswer =
  /** The session has no service, or nothing is in it yet. */
  | { readonly result: 'none' }
  | { readonly result: 'subscribed'; readonly count: number; readonly expected: number }
  /** The relay does not take the service; its queues are to be subscribed one by one in a session without it. */
  | { readonly result: 'refused' }
  /** No answer, or no connection any more. */
  | { readonly result: 'failed' };

const NONE: ServiceAnswer = { result: 'none' };
const FAILED: ServiceAnswer = { result: 'failed' };

/** Brings the store and the relay to one service, and subscribes it. */
export async function takeOurService(parts: ServiceParts): Promise<ServiceAnswer> {
  const { link, client, wanted } = parts;
  const { store, relay } = link;
  const found = await untilStored(async () => ({ record: await store.relay(relay) }), link.insist(wanted));
  if (found === null) return FAILED;
  const { serviceId: stored, inService } = found.record ?? { serviceId: null, inService: 0 };
  const ours = client.service?.serviceId ?? null;
  if (isSame(ours, stored)) return subscribeOurs(parts, inService);
  if (stored !== null) await forgetOurService(parts);
  if (ours !== null) await untilStored(() => store.setRelayService(relay, ours), link.insist(wanted));
  return NONE;
}

function isSame(ours: Uint8Array | null, stored: Uint8Array | null): boolean {
  return ours !== null && stored !== null && equalBytes(ours, stored);
}

/** None of the relay's queues is in a service any more: they are walked. */
export async function forgetOurService({ link, wanted }: Omit<ServiceParts, 'client'>): Promise<void> {
  await untilStored(() => link.store.setRelayService(link.relay, null), link.insist(wanted));
}

/** All are subscribed one by one again, in this session, and so come into the service again where they are still there. */
export async function repairOurService(parts: ServiceParts): Promise<void> {
  const { link, client, wanted } = parts;
  const serviceId = client.service?.serviceId;
  if (serviceId === undefined) return;
  await forgetOurService(parts);
  await untilStored(() => link.store.setRelayService(link.relay, serviceId), link.insist(wanted));
}

/** NSUBS. */
export async function subscribeOurs({ link, client }: Pick<ServiceParts, 'link' | 'client'>, expected: number): Promise<ServiceAnswer> {
  link.relayStats.serviceSubscribes.add();
  try {
    return { result: 'subscribed', count: await subscribeService(client), expected };
  } catch (error) {
    if (!(error instanceof SmpClientError) && !(error instanceof RefusedError)) throw error;
    return isRefusal(error) ? { result: 'refused' } : FAILED;
  }
}

function isRefusal(error: SmpClientError | RefusedError): boolean {
  if (error instanceof RefusedError) return error.error.type !== 'INTERNAL' && error.error.type !== 'STORE';
  return error.code === 'UNEXPECTED' || error.code === 'RESPONSE';
}
