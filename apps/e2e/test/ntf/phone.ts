/**
 * A phone with its app: what the app does for pushes (NTF §8), on real connections. It hears what its push service took, and
 * opens it with its own secrets.
 */
import { equalBytes, toBase64Url, utf8 } from '@polyplex/base';
import {
  addNotifier, connectNtf, connectSmp, createQueue, createSubscription, getMessage, type NtfClient, openMessage, type RecipientQueue, type RegisteredToken, registerToken,
  sendMessage, type SmpClient, verifyToken,
} from '@polyplex/client';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { type FakeApns, type FakePushService, type ServerNode, waitUntil } from '@polyplex/local-cluster';
import { type DeviceToken, type OpenedPush, openPushData, type PushItem } from '@polyplex/protocol-ntf';
import { openNotification } from '@polyplex/protocol-smp';
import { addressOf } from './world.ts';

type Data = Readonly<Record<string, unknown>>;

/** A device at a push service, and what that took for it. */
export interface Device {
  readonly token: DeviceToken;
  readonly pushes: () => readonly Data[];
}

export function iPhone(apns: FakeApns): Device {
  const name = Buffer.from(randomBytes(32)).toString('hex');
  return { token: { provider: 'apns_prod', token: utf8(name) }, pushes: () => apns.pushes.filter(({ token }) => token === name).map(({ data }) => ({ ...data })) };
}

/** `vapid`: the push proxy's public key, which its push service is told. */
export function webDevice(service: FakePushService, vapid: string): Device {
  const { host, port, path, auth, p256dh } = service.subscribe(vapid);
  return { token: { provider: 'webpush', host, port: String(port), path, auth, p256dh }, pushes: () => service.pushes.filter((push) => push.path === path).map(({ data }) => data) };
}

export interface Watched {
  readonly queue: RecipientQueue;
  readonly notifier: Awaited<ReturnType<typeof addNotifier>>;
}

const SLOW_MS = 60_000;

export class Phone {
  token: RegisteredToken | null = null;
  readonly device: Device;
  private readonly keys = { authKeys: generateKeyPair('ed25519'), dhKeys: generateKeyPair('x25519') };

  constructor(device: Device) {
    this.device = device;
  }

  /** TNEW, the push with the code, TVFY. */
  async register(proxy: ServerNode): Promise<void> {
    const client = await connectNtf({ address: addressOf(proxy) });
    this.token = await registerToken(client, this.device.token, this.keys);
    const { code } = await this.heard('verification');
    await verifyToken(client, this.token, code);
    client.close();
  }

  /** A queue at the relay, and the wish to hear of it. */
  async watch(relay: ServerNode, proxy: ServerNode): Promise<Watched> {
    const smp = await connectSmp({ address: addressOf(relay) });
    const queue = await createQueue(smp, { password: addressOf(relay).password, subscribe: false });
    const notifier = await addNotifier(smp, queue);
    smp.close();
    await this.withProxy(proxy, (client) => createSubscription(client, this.registered, { relay: addressOf(relay), notifierId: notifier.notifierId, notifierKey: notifier.key }));
    return { queue, notifier };
  }

  async withProxy<T>(proxy: ServerNode, step: (client: NtfClient) => Promise<T>): Promise<T> {
    const client = await connectNtf({ address: addressOf(proxy) });
    return step(client).finally(() => client.close());
  }

  get registered(): RegisteredToken {
    if (this.token === null) throw new Error('not registered');
    return this.token;
  }

  /** All pushes so far, opened; one that does not open fails the test. */
  opened(): OpenedPush[] {
    return this.device.pushes().map((data) => {
      const opened = openPushData(this.registered.boxKey, data);
      if (opened === null) throw new Error('a push that does not open');
      return opened;
    });
  }

  /** The first push of a kind. */
  heard<K extends OpenedPush['kind']>(kind: K): Promise<Extract<OpenedPush, { kind: K }>> {
    const found = (): Extract<OpenedPush, { kind: K }> | undefined => this.opened().find((push): push is Extract<OpenedPush, { kind: K }> => push.kind === kind);
    return waitUntil(`a ${kind} push`, found, { timeoutMs: SLOW_MS });
  }

  /** The ids of messages that pushes told of, of one queue, in the order of their coming. */
  announced({ notifier }: Watched): string[] {
    const items = this.opened().flatMap((push) => (push.kind === 'message' ? push.items : []));
    return items.filter(({ notifierId }) => equalBytes(notifierId, notifier.notifierId)).map((item) => messageIdOf(notifier, item));
  }

  /** When a push has told of the message that waits in the queue; fetches it, as the app does. */
  async fetchAnnounced(relay: ServerNode, watched: Watched, timeoutMs = SLOW_MS): Promise<Uint8Array> {
    const smp = await connectSmp({ address: addressOf(relay) });
    try {
      const message = await getMessage(smp, watched.queue);
      if (message === null) throw new Error('no message waits');
      const { msgId, ...opened } = openMessage(watched.queue, message);
      await waitUntil('the announcement of the message', () => (this.announced(watched).includes(toBase64Url(msgId)) ? true : undefined), { timeoutMs });
      if (opened.kind !== 'message') throw new Error('no message, but a quota');
      await smp.request({ tag: 'ACK', msgId }, { entityId: watched.queue.recipientId, key: watched.queue.key });
      return Uint8Array.from(opened.body);
    } finally {
      smp.close();
    }
  }
}

function messageIdOf(notifier: Watched['notifier'], { nonce, meta }: PushItem): string {
  const opened = openNotification(notifier.boxKey, nonce, meta);
  if (opened === null) throw new Error('metadata that do not open');
  return toBase64Url(opened.msgId);
}

/** Somebody writes into the queue, and asks for a notification. */
export async function writeTo(relay: ServerNode, { queue }: Watched, body: Uint8Array): Promise<void> {
  const smp: SmpClient = await connectSmp({ address: addressOf(relay) });
  await sendMessage(smp, { senderId: queue.senderId, key: null }, body, true).finally(() => smp.close());
}

/** The relay has the proxy's subscriptions: as many as the proxy says. */
export async function allSubscribed(proxies: readonly ServerNode[], count: number): Promise<void> {
  await waitUntil('subscriptions at the relay', async () => {
    const states = await Promise.all(proxies.filter(({ isRunning }) => isRunning).map(async ({ adminUrl }) => (
      (await (await fetch(`${adminUrl}admin/relays`)).json()) as { readonly relays: readonly { readonly active: number; readonly activeInService: number }[] }
    )));
    const active = states.flatMap(({ relays }) => relays).reduce((sum, relay) => sum + relay.active + relay.activeInService, 0);
    return active >= count ? true : undefined;
  }, { timeoutMs: SLOW_MS });
}
