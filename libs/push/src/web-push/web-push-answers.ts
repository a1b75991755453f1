/** What answers of push services mean (RFC 8030 §5, NTF §5.3). */
import type { PublicHttpResponse } from '@polyplex/transport-http2';
import { allLater, DELIVERED, later, refused, retryAfterMs } from '../answers.ts';
import type { PushAnswer } from '../push-sender.ts';

export function webPushAnswer({ status, headers }: PublicHttpResponse, now: number): PushAnswer {
  if (status >= 200 && status < 300) return DELIVERED;
  const after = retryAfterMs(headers, now);
  switch (status) {
    case 404:
    case 410: return { result: 'invalid', reason: 'UNREGISTERED', cause: 'unregistered' };
    // Made with another key, or a service that wants what we are not: nothing is said of the device.
    case 401:
    case 403: return refused('credentials');
    case 413: return refused('too-large');
    case 429: return allLater('busy', after);
    case 503: return allLater('unavailable', after);
    default: return status >= 500 ? later('unavailable', after) : refused(status >= 400 ? 'refused' : 'nonsense');
  }
}
