/**
 * Whether a relay's address still leads to where we are connected. A relay that moves to another host may leave its old one
 * running: the connection to that stands, all subscriptions look alive, and no notification ever comes. So from time to time
 * a second connection is made through the address, and subscribes to one queue that the first one has. The same relay ends
 * the first one's subscription; another cannot.
 */
import { connectFailure } from './connect-failure.ts';
import type { SmpClient, SmpEventHandler } from '@polyplex/client';
import type { LinkContext } from './link-context.ts';
import { subscribeOurs } from './our-service.ts';
import type { ProbeResult } from './relay-stats.ts';
import { subscribeAnswer } from './subscribe-outcome.ts';
import type { SubscriptionRecord } from '@polyplex/store-contract';
import { decodePrivateKey } from '@polyplex/crypto';

/** The connection that is in question. */
interface Probed {
  readonly client: SmpClient;
  readonly canaries: readonly SubscriptionRecord[];
  /** Resolves with whether END of this queue comes within the window; it then means nothing else. */
  expectEnd(notifierId: Uint8Array): Promise<boolean>;
  /** The same for ENDS of the service. */
  expectEnds(): Promise<boolean>;
  /** Subscribes to it again; whether the relay took it. */
  subscribeAgain(record: SubscriptionRecord): Promise<boolean>;
}

export interface ProbeParts {
  readonly link: LinkContext;
  readonly probed: Probed;
  /** Notifications come to the probe as well. */
  readonly onEvent: SmpEventHandler;
  readonly signal: AbortSignal;
}

/** Never rejects for what relays do. */
export async function probe(parts: ProbeParts): Promise<ProbeResult> {
  const { link, probed, onEvent, signal } = parts;
  const withService = probed.client.service !== null;
  let second: SmpClient;
  try {
    await link.connectPace.take();
    second = await link.connect({ relay: link.relay, address: link.address, withService, onEvent, signal });
  } catch (error) {
    return connectFailure(error) === 'identity' ? 'identity' : 'failed';
  }
  try {
    return withService ? await probeService(parts, second) : await probeQueues(parts, second);
  } finally {
    second.close();
  }
}

async function probeQueues({ probed }: ProbeParts, second: SmpClient): Promise<ProbeResult> {
  for (const canary of probed.canaries) {
    const ended = probed.expectEnd(canary.notifierId);
    const answer = await nsub(second, canary);
    if (answer === 'later') return 'failed';
    if (answer === 'refused') continue; // deleted a moment ago, or unknown there
    if (!(await ended)) return 'moved';
    await probed.subscribeAgain(canary);
    return 'alive';
  }
  const last = probed.canaries[0];
  if (last === undefined) return 'alive';
  // Refused there. Where we are connected it is either refused as well, or this is not the same relay.
  return (await probed.subscribeAgain(last)) ? 'moved' : 'alive';
}

async function nsub(client: SmpClient, { notifierId, notifierKey }: SubscriptionRecord): Promise<'active' | 'refused' | 'later'> {
  const key = decodePrivateKey(notifierKey);
  if (key === null || key.kind === 'x448') return 'refused';
  const [answer] = await client.requestBatch([{ command: { tag: 'NSUB' }, entityId: notifierId, key: key as Parameters<SmpClient['requestBatch']>[0][number]['key'] }]);
  return subscribeAnswer(answer!, null).result;
}

async function probeService({ link, probed }: ProbeParts, second: SmpClient): Promise<ProbeResult> {
  const ended = probed.expectEnds();
  const answer = await subscribeOurs({ link, client: second }, 0);
  if (answer.result === 'failed') return 'failed';
  if (answer.result !== 'subscribed' || !(await ended)) return 'moved';
  await subscribeOurs({ link, client: probed.client }, answer.count);
  return 'alive';
}
