/**
 * When a load test has failed. Each metric that a scenario is about has a threshold on its number too: without samples a bound
 * on percentiles would hold.
 */
import { DELIVERY_P95_MS, DELIVERY_P99_MS, FAILURES, PROFILE } from './lib/settings.ts';

/** The metric by which a scenario is judged, and how many times slower than a delivery it may be. */
const JUDGED: Readonly<Record<string, readonly { readonly metric: string; readonly times: number }[]>> = {
  'connect-storm': [{ metric: 'smp_connect', times: 4 }],
  chat: [{ metric: 'smp_delivery', times: 1 }, { metric: 'smp_send', times: 1 }],
  offline: [{ metric: 'smp_send', times: 1 }, { metric: 'smp_drain', times: 10 }],
  resubscription: [{ metric: 'smp_subscribe', times: 10 }],
  proxy: [{ metric: 'smp_delivery', times: 2 }],
  notifications: [{ metric: 'smp_delivery', times: 1 }, { metric: 'smp_notification', times: 6 }],
  'contact-flood': [{ metric: 'smp_contact', times: 4 }],
  files: [{ metric: 'xftp_upload', times: 20 }, { metric: 'xftp_download', times: 20 }],
  mixed: [{ metric: 'smp_delivery', times: 1 }, { metric: 'smp_subscribe', times: 10 }],
};

type Threshold = string | { threshold: string; abortOnFail: boolean; delayAbortEval: string };

/** A breakpoint is where failures begin: it ends there. Its latencies are for the report, and fail nothing. */
export function thresholdsOf(scenario: string): Record<string, Threshold[]> {
  const judged = JUDGED[scenario];
  if (judged === undefined) throw new Error(`SCENARIO is one of ${Object.keys(JUDGED).join(', ')}, not ${scenario}`);
  const searching = PROFILE === 'breakpoint';
  const thresholds: Record<string, Threshold[]> = {
    swarm_failures: searching ? [{ threshold: 'rate<0.2', abortOnFail: true, delayAbortEval: '10s' }] : [`rate<=${FAILURES}`],
  };
  for (const { metric, times } of judged) {
    const bounds = searching ? [] : [`p(95)<${DELIVERY_P95_MS * times}`, `p(99)<${DELIVERY_P99_MS * times}`];
    // k6 gives trends no count to bound; the largest value of none is 0.
    thresholds[metric] = ['max>0', ...bounds];
  }
  // Iterations that could not begin, since all users were busy: the load was not what it should have been.
  if (!searching) thresholds['dropped_iterations'] = ['count<1'];
  return thresholds;
}
