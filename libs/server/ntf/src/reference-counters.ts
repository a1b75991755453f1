/** The counters by the names that the reference's statistics have for them (NTF §6.3). */
import type { NtfStats } from './stats.ts';

/** Since the start of the proxy. */
export function referenceCounters(stats: NtfStats): Readonly<Record<string, number>> {
  return {
    tknCreated: stats.tokensCreated.value,
    tknVerified: stats.tokensVerified.value,
    tknDeleted: stats.tokensDeleted.value,
    tknReplaced: stats.tokensReplaced.value,
    subCreated: stats.subscriptionsCreated.value,
    subDeleted: stats.subscriptionsDeleted.value,
    ntfReceived: stats.received.value,
    ntfReceivedAuth: stats.receivedAuth.value,
    ntfDelivered: stats.delivered.value,
    ntfFailed: stats.failed.value,
    ntfCronDelivered: stats.checksDelivered.value,
    ntfCronFailed: stats.checksFailed.value,
    ntfVrfQueued: stats.verificationsQueued.value,
    ntfVrfDelivered: stats.verificationsDelivered.value,
    ntfVrfFailed: stats.verificationsFailed.value,
    ntfVrfInvalidTkn: stats.verificationsInvalid.value,
  };
}
