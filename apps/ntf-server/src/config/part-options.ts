/** From the operator's words to the options of the sides of relays and of push services. */
import { SECOND } from '@polyplex/base';
import { DEFAULT_PUSHING_OPTIONS, DEFAULT_RELAY_OPTIONS, type PushingOptions, type RelaySideOptions } from '@polyplex/server-ntf';
import type { NtfConfig } from './ntf-config.ts';

/** A push to Apple may be two requests: the first says that our token has expired. */
const REQUESTS = 2;
const CONNECT_MS = 15 * SECOND;
/** Of a lease, what a device may spend in line. */
const IN_LINE_MS = 60 * SECOND;

export function pushingOptions({ ntfApns, ntfWebPush, ntfPushes }: NtfConfig): PushingOptions {
  const { queue, concurrency, webConcurrency } = ntfPushes;
  const half = Math.floor(queue / 2);
  const { apns, webPush, ...defaults } = DEFAULT_PUSHING_OPTIONS;
  const pushMs = CONNECT_MS + REQUESTS * ntfPushes.timeout;
  return {
    ...defaults,
    pushMs,
    leaseMs: pushMs + IN_LINE_MS,
    pollMs: ntfPushes.pollInterval,
    giveUpAfterMs: ntfPushes.giveUpAfter,
    apns: { ...apns, inFlight: concurrency, familyInFlight: 2 * concurrency, queued: half, familyQueued: queue },
    webPush: { ...webPush, inFlight: webConcurrency, familyInFlight: Math.max(webPush.familyInFlight, webConcurrency), queued: Math.min(webPush.queued, half), familyQueued: half },
    apnsPaddedBytes: ntfApns.paddedLength,
    webPushPaddedBytes: ntfWebPush.paddedLength,
  };
}

/** Of a lease: how often it is renewed. */
const RENEWALS = 4;

export function relaySideOptions({ ntfRelays, shutdown }: NtfConfig, { leaseMs }: Pick<PushingOptions, 'leaseMs'>): RelaySideOptions {
  return {
    ...DEFAULT_RELAY_OPTIONS,
    ownDomains: ntfRelays.ownDomains,
    maxRelays: ntfRelays.relays,
    claimLeaseMs: ntfRelays.lease,
    claimIntervalMs: Math.min(DEFAULT_RELAY_OPTIONS.claimIntervalMs, ntfRelays.lease / RENEWALS),
    pushLeaseMs: leaseMs,
    probeIntervalMs: ntfRelays.probeInterval,
    serviceProbeIntervalMs: ntfRelays.probeInterval === 0 ? 0 : Math.max(DEFAULT_RELAY_OPTIONS.serviceProbeIntervalMs, ntfRelays.probeInterval),
    unreachableAfterMs: ntfRelays.suspectAfter,
    drainMs: Math.max(shutdown.drainTimeout, DEFAULT_RELAY_OPTIONS.drainMs),
  };
}
