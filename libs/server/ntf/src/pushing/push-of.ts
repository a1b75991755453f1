/** What a job's next push is: its kind, and what is sealed for the app (NTF §3.1, §4.5). One push at a time keeps a token's order. */
import { lenientTextOf } from '@polyplex/base';
import { BOX_NONCE_BYTES, boxKeyOf, randomBytes } from '@polyplex/crypto';
import { CHECK_PUSH_DATA, messagePushData, type PushData, verificationPushData } from '@polyplex/protocol-ntf';
import type { Push } from '@polyplex/push';
import type { PushJob } from '@polyplex/store-contract';
import type { PushingOptions } from './options.ts';

export type JobKind = 'verification' | 'messages' | 'check';

/** A device that is not verified can use nothing else. */
export function nextKind(job: PushJob): JobKind | null {
  if (job.verification) return 'verification';
  if (job.messages.length > 0) return 'messages';
  return job.check ? 'check' : null;
}

/** A fresh nonce each time. Null when not even the newest message fits the padded size. */
export function pushOf(job: PushJob, kind: JobKind, options: PushingOptions): Push | null {
  const { device } = job.token;
  const data = dataOf(job, kind, device.provider.startsWith('webpush ') ? options.webPushPaddedBytes : options.apnsPaddedBytes);
  if (data === null) return null;
  return { provider: device.provider, token: lenientTextOf(device.token), kind: kind === 'messages' ? 'message' : kind, data };
}

function dataOf({ token, messages }: PushJob, kind: JobKind, paddedBytes: number): PushData | null {
  if (kind === 'check') return CHECK_PUSH_DATA;
  const sealing = { key: boxKeyOf(token.dhSecret), nonce: randomBytes(BOX_NONCE_BYTES), paddedBytes };
  try {
    return kind === 'verification' ? verificationPushData(token.code, sealing) : messagePushData(messages, sealing);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENCODE') return null;
    throw error;
  }
}
