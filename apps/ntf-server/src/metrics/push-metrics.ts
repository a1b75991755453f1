/** What push services do with our pushes, and how much waits for them. Labels are kinds of services, a closed set. */
import { SECOND } from '@polyplex/base';
import type { Labels, Metrics } from '@polyplex/node';
import type { Pushing } from '@polyplex/server-ntf';

export function addPushMetrics(metrics: Metrics, pushing: Pushing): void {
  const { stats } = pushing;
  metrics.gauge(['simplex_ntf_apns_push_queue_length', 'Devices in line for pushes, of all push services'], () => pushing.gauges().queued);
  metrics.gauge(['polyplex_ntf_pushes_in_flight', 'Pushes under way'], () => pushing.gauges().inFlight);
  metrics.gauge(['polyplex_ntf_push_services', 'Push services known now'], () => pushing.gauges().places);
  metrics.gauge(['polyplex_ntf_push_services_paused', 'Those of them that nothing is sent to for a while'], () => pushing.gauges().pausedPlaces);
  metrics.gauge(['polyplex_ntf_push_queue_seconds', 'For how long the oldest in line has been due'], () => ageOf(pushing.gauges().dueSince));
  metrics.counterSeries(['polyplex_ntf_push_answers_total', 'Answers of push services: delivered, or why not'], {
    labels: ['provider', 'answer'],
    read: () => [...stats.answers].flatMap(([provider, family]) => [...family.values].map(([answer, value]): [Labels, number] => [{ provider, answer }, value])),
  });
  metrics.histogramFamily(['polyplex_ntf_push_seconds', 'How long a push service took to answer'], 'provider', stats.sendSeconds);
  metrics.histogramFamily(['polyplex_ntf_announce_seconds', 'From when something was due to a device until a push service took it'], 'provider', stats.delaySeconds);
  metrics.counter(['polyplex_ntf_pushes_retried_total', 'Pushes that are tried again'], () => stats.retries.value);
  metrics.counter(['polyplex_ntf_pushes_given_up_total', 'Pushes given up after many tries'], () => stats.givenUp.value);
  metrics.counter(['polyplex_ntf_pushes_deferred_total', 'Devices put back untried, because a push service has a long line or is paused'], () => stats.deferred.value);
  metrics.counter(['polyplex_ntf_push_pauses_total', 'Times that a push service was left alone for a while'], () => stats.pauses.value);
  metrics.counter(['polyplex_ntf_pushes_unsettled_total', 'Pushes whose outcome could not be written in time, so that they may be sent again'], () => stats.unsettled.value);
}

/** Seconds since then; 0 where nothing waits. */
function ageOf(since: number | null): number {
  return since === null ? 0 : Math.max(0, Date.now() - since) / SECOND;
}
