/** What comes from relays and goes to push services (NTF §6.4), in all and by relay of the same operator. */
import type { Metrics, NameAndHelp } from '@polyplex/node';
import type { NotificationCounter, NtfStats } from '@polyplex/server-ntf';

export function addNotificationMetrics(metrics: Metrics, stats: NtfStats): void {
  both(metrics, ['simplex_ntf_notifications_received', 'Notifications from relays that a device waits for'], stats.received);
  both(metrics, ['simplex_ntf_notifications_received_auth', 'Notifications from relays that no device waits for'], stats.receivedAuth);
  both(metrics, ['simplex_ntf_notifications_delivered', 'Message pushes that a push service took'], stats.delivered);
  both(metrics, ['simplex_ntf_notifications_failed', 'Message pushes that failed for good'], stats.failed);
  metrics.counter(['simplex_ntf_notifications_periodic_delivered', 'Periodic pushes that a push service took'], () => stats.checksDelivered.value);
  metrics.counter(['simplex_ntf_notifications_periodic_failed', 'Periodic pushes that failed for good'], () => stats.checksFailed.value);
  metrics.counter(['simplex_ntf_notifications_verification_queued', 'Verification pushes that became due'], () => stats.verificationsQueued.value);
  metrics.counter(['simplex_ntf_notifications_verification_delivered', 'Verification pushes that a push service took'], () => stats.verificationsDelivered.value);
  metrics.counter(['simplex_ntf_notifications_verification_failed', 'Verification pushes that failed for good'], () => stats.verificationsFailed.value);
  metrics.counter(['simplex_ntf_notifications_verification_invalid_tkn', 'Those of them to devices that the push service does not know'], () => stats.verificationsInvalid.value);
}

function both(metrics: Metrics, [name, help]: NameAndHelp, counter: NotificationCounter): void {
  metrics.counter([name, help], () => counter.value);
  metrics.family([`${name}_own`, `${help}: of relays of ntfRelays.ownDomains`], 'server', counter.own);
}
