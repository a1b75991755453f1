/**
 * What APNs' answers mean (NTF §4.8), one row for each. Where the reference gives a push up that may go later (429, 500, a
 * provider token that is not accepted), it stays due here: another try costs little, and the message is still unread.
 */
import { MINUTE } from '@polyplex/base';
import type { PublicHttpResponse } from '@polyplex/transport-http2';
import { allLater, DELIVERED, later, refused, retryAfterMs } from '../answers.ts';
import type { PushAnswer } from '../push-sender.ts';

export interface ApnsAnswer {
  readonly answer: PushAnswer;
  /** A word of Apple's, or '' for none that is known. */
  readonly reason: string;
  /** The connection is not used any more. */
  readonly renew: boolean;
}

/** While Apple does not accept our token, one push a minute asks whether it does again. */
const CREDENTIALS_PAUSE_MS = MINUTE;
/** Apple accepts a new provider token every 20 minutes. */
const TOKEN_UPDATES_PAUSE_MS = 5 * MINUTE;

const BY_REASON: Readonly<Record<string, PushAnswer>> = {
  '400 BadDeviceToken': { result: 'invalid', reason: 'BAD', cause: 'bad-token' },
  '400 DeviceTokenNotForTopic': { result: 'invalid', reason: 'TOPIC', cause: 'wrong-topic' },
  '400 TopicDisallowed': refused('topic-disallowed'),
  '400 BadTopic': refused('topic-disallowed'),
  '400 MissingTopic': refused('topic-disallowed'),
  '400 IdleTimeout': later('connection'),
  '403 ExpiredProviderToken': allLater('credentials', CREDENTIALS_PAUSE_MS),
  '403 InvalidProviderToken': allLater('credentials', CREDENTIALS_PAUSE_MS),
  '403 MissingProviderToken': allLater('credentials', CREDENTIALS_PAUSE_MS),
  '403 BadCertificate': allLater('credentials', CREDENTIALS_PAUSE_MS),
  '403 BadCertificateEnvironment': allLater('credentials', CREDENTIALS_PAUSE_MS),
  '403 BadEnvironmentKeyInToken': allLater('credentials', CREDENTIALS_PAUSE_MS),
  '403 Forbidden': refused('credentials'),
  '410 ExpiredToken': { result: 'invalid', reason: 'EXPIRED', cause: 'expired' },
  '410 Unregistered': { result: 'invalid', reason: 'UNREGISTERED', cause: 'unregistered' },
  '429 TooManyProviderTokenUpdates': allLater('credentials', TOKEN_UPDATES_PAUSE_MS),
};

/** Of all statuses; with `known` a reason that is told to the operator. */
export function apnsAnswer(response: PublicHttpResponse, now: number): ApnsAnswer {
  const { status } = response;
  const reason = reasonOf(response.body);
  const known = BY_REASON[`${status} ${reason}`];
  return { answer: known ?? byStatus(response, now), reason: known === undefined ? '' : reason, renew: status === 503 || (status === 410 && known === undefined) };
}

function byStatus({ status, headers }: PublicHttpResponse, now: number): PushAnswer {
  const after = retryAfterMs(headers, now);
  switch (status) {
    case 200: return DELIVERED;
    case 403: return refused('credentials');
    case 410: return later('unavailable');
    case 413: return refused('too-large');
    // Too many pushes to this device, Apple says; others are welcome.
    case 429: return later('busy', after);
    case 503: return allLater('unavailable', after);
    default: return status >= 500 ? later('unavailable', after) : otherwise(status);
  }
}

const otherwise = (status: number): PushAnswer => refused(status >= 400 ? 'refused' : 'nonsense');

/** `{"reason":"…"}`; '' for all else. */
function reasonOf(body: Uint8Array): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    const reason: unknown = typeof value === 'object' && value !== null && 'reason' in value ? value.reason : '';
    return typeof reason === 'string' ? reason : '';
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return '';
  }
}
