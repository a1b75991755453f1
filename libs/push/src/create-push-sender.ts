/** All push services behind one face: who pushes to a device is decided by its provider's name. */
import { type ApnsOptions, createApnsSender } from './apns/apns-sender.ts';
import { DELIVERED, refused } from './answers.ts';
import type { PushSender } from './push-sender.ts';
import { isWebPush } from './web-push/endpoint.ts';
import { createWebPushSender, type WebPushOptions } from './web-push/web-push-sender.ts';

export interface PushSenderOptions {
  /** Without it pushes to Apple's devices are refused. */
  readonly apns?: ApnsOptions | undefined;
  readonly webPush?: WebPushOptions | undefined;
}

/** Takes every push and does nothing (NTF §2.2 `apns_null`). */
export const nullSender: PushSender = { send: async () => Promise.resolve(DELIVERED), placeOf: () => 'apns_null', close: async () => Promise.resolve() };

const absentSender: PushSender = { send: async () => Promise.resolve(refused('not-allowed')), placeOf: () => 'none', close: async () => Promise.resolve() };

/** Throws `PushSetupError`. */
export function createPushSender({ apns, webPush }: PushSenderOptions): PushSender {
  const apnsSender = apns === undefined ? absentSender : createApnsSender(apns);
  const webPushSender = webPush === undefined ? absentSender : createWebPushSender(webPush);
  const senderOf = (provider: string): PushSender => {
    if (provider === 'apns_null') return nullSender;
    if (isWebPush(provider)) return webPushSender;
    return provider.startsWith('apns_') ? apnsSender : absentSender;
  };
  return {
    send: (push) => senderOf(push.provider).send(push),
    placeOf: (push) => senderOf(push.provider).placeOf(push),
    close: async () => void (await Promise.all([apnsSender.close(), webPushSender.close()])),
  };
}
