/** What becomes of tokens and subscriptions, as text (NTF §2.3, §2.5). */
import { lenientTextOf, utf8 } from '@polyplex/base';
import { byVersion, type Codec, codec, DecodeError, mapped, tail } from '@polyplex/codec';
import { INVALID_REASON_VERSION } from './versions.ts';

export const INVALID_REASONS = ['BAD', 'TOPIC', 'EXPIRED', 'UNREGISTERED'] as const;
export type InvalidReason = (typeof INVALID_REASONS)[number];

const TOKEN_STATUSES = [
  'NEW', // never assigned by a server
  'REGISTERED',
  'CONFIRMED', // the push service took the verification
  'ACTIVE',
  'EXPIRED', // never assigned by a server
  'INVALID',
  ...INVALID_REASONS.map((reason) => `INVALID,${reason}` as const),
] as const;

export type NtfTokenStatus = (typeof TOKEN_STATUSES)[number];

const TEXT: Codec<string> = mapped(tail, lenientTextOf, utf8);

function statusOf<const T extends string>(statuses: readonly T[], text: string): T {
  const found = statuses.find((status) => status === text);
  if (found === undefined) throw new DecodeError('unknown status');
  return found;
}

const exactTokenStatus: Codec<NtfTokenStatus> = mapped(TEXT, (text) => statusOf(TOKEN_STATUSES, text), (status) => status);

/** Below version 3 the reason is left out. */
export const tokenStatus: Codec<NtfTokenStatus> = byVersion(
  [0, mapped<NtfTokenStatus, NtfTokenStatus>(exactTokenStatus, (status) => status, withoutReason)],
  [INVALID_REASON_VERSION, exactTokenStatus],
);

function withoutReason(status: NtfTokenStatus): NtfTokenStatus {
  return status.startsWith('INVALID') ? 'INVALID' : status;
}

const SUBSCRIPTION_STATUSES = [
  'NEW', 'PENDING', 'ACTIVE', 'INACTIVE',
  'END', // another one subscribed
  'DELETED', // the queue or its notifier is gone
  'AUTH', // the relay refused
  'SERVICE',
] as const;

export type NtfSubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number] | `ERR ${string}`;

/** Longer texts are cut, or the answer would not fit its block and never come. */
const MAX_ERROR_BYTES = 128;

export const subscriptionStatus: Codec<NtfSubscriptionStatus> = codec(
  (r) => {
    const text = TEXT.read(r);
    return text.startsWith('ERR ') ? (text as `ERR ${string}`) : statusOf(SUBSCRIPTION_STATUSES, text);
  },
  (w, status) => w.put(utf8(status).subarray(0, MAX_ERROR_BYTES)),
);
