/** Senders against push services of this machine; everything opened here is closed after the test. */
import { type FakeApns, type FakeApnsOptions, type FakePushService, type FakePushServiceOptions, startFakeApns, startFakePushService, type WebPushSubscription } from '@polyplex/local-cluster';
import { publicRoots } from '@polyplex/transport-tls';
import { afterEach } from 'vitest';
import { type ApnsOptions, createPushSender, generateSigningKey, type Push, type PushSender, readApnsKey, readVapidKey, type WebPushOptions } from '../src/index.ts';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, last one first. */
function cleanup(task: () => unknown): void {
  cleanups.push(task);
}

afterEach(async () => {
  for (const task of cleanups.splice(0).reverse()) await task();
});

export async function fakeApns(options: FakeApnsOptions = {}): Promise<FakeApns> {
  const apns = await startFakeApns(options);
  cleanup(() => apns.stop());
  return apns;
}

export function apnsSender(apns: FakeApns, options: Partial<ApnsOptions> = {}): PushSender {
  const sender = createPushSender({
    apns: {
      key: readApnsKey({ ...apns.key, file: 'apns.p8' }),
      topic: apns.topic,
      environments: { apns_test: { host: apns.host, port: apns.port } },
      roots: publicRoots(apns.root),
      ...options,
    },
  });
  cleanup(() => sender.close());
  return sender;
}

let nonces = 0;

/** A message push of its own nonce to a device of the fake. */
export function messagePush(token = 'abcd'): Push {
  nonces += 1;
  const nonce = Buffer.alloc(24, nonces).fill(nonces >> 8, 0, 1).toString('base64url');
  return { provider: 'apns_test', token, kind: 'message', data: { nonce, message: Buffer.alloc(3088, 7).toString('base64url') + '==' } };
}

export const CHECK: Push = { provider: 'apns_test', token: 'abcd', kind: 'check', data: { checkMessages: true } };

export async function fakePushService(options: FakePushServiceOptions = {}): Promise<FakePushService> {
  const service = await startFakePushService(options);
  cleanup(() => service.stop());
  return service;
}

export const VAPID = readVapidKey(generateSigningKey(), 'vapid.privkey');

export function webPushSender(service: FakePushService, options: Partial<WebPushOptions> = {}): PushSender {
  const sender = createPushSender({
    webPush: { vapid: VAPID, subject: 'mailto:operator@example.org', allowAddress: () => true, roots: publicRoots(service.root), ...options },
  });
  cleanup(() => sender.close());
  return sender;
}

/** A message as the pushing side seals it for Web Push: 2928 bytes and the box's tag. */
export function webMessage({ provider, token }: Pick<WebPushSubscription, 'provider' | 'token'>): Push {
  return { provider, token, kind: 'message', data: { nonce: Buffer.alloc(24, 9).toString('base64url'), message: Buffer.alloc(2944, 7).toString('base64url') } };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
