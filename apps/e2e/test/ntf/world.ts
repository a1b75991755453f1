/** What is around a phone: a relay, push proxies of one address, Apple's push service and one of Web Push; all as they run. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import {
  type FakeApns, type FakePushService, openFolder, type RedisCluster, type ServerNode, startFakeApns, startFakePushService, startPushProxyNode,
  startRedis, startRedisCluster, startRelayNode,
} from '@polyplex/local-cluster';

export interface World {
  readonly relay: ServerNode;
  /** One identity; nodes of one data. */
  readonly proxies: readonly ServerNode[];
  readonly apns: FakeApns;
  readonly pushService: FakePushService;
  /** What the nodes share, where it is a cluster. */
  readonly cluster: RedisCluster | null;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** More than one share a Redis. */
  readonly proxies: number;
  /** A cluster of three primaries with a replica each, in place of one Redis. */
  readonly onCluster?: boolean;
  readonly settings?: readonly string[];
}

/** Rejects where a part is missing or does not start; then nothing is left running. */
export async function startWorld({ proxies: count, onCluster = false, settings: more = [] }: WorldOptions): Promise<World> {
  const parts = new AsyncDisposableStack();
  try {
    const folder = await openFolder(undefined, 'pushes');
    parts.defer(() => folder.remove());
    const [apns, pushService] = [await startFakeApns({ senders: 2 * count }), await startFakePushService()];
    parts.defer(() => Promise.all([apns.stop(), pushService.stop()]).then(() => undefined));
    const relay = await startRelayNode({ folder: join(folder.path, 'relay'), settings: ['notifications.interval=50ms'] });
    parts.defer(async () => void (await relay.stop()));
    const cluster = onCluster ? await startRedisCluster() : null;
    parts.defer(async () => cluster?.stop());
    const shared = cluster === null ? await sharedRedis(parts, count) : onRedis(cluster.urls);
    const settings = [...(await proxySettings(folder.path, apns, pushService)), ...shared, ...more];
    const proxies: ServerNode[] = [];
    for (let i = 0; i < count; i++) {
      const node = await startPushProxyNode({ folder: join(folder.path, `proxy-${String(i + 1)}`), configDir: join(folder.path, 'config'), settings });
      proxies.push(node);
      parts.defer(async () => void (await node.stop()));
    }
    return { relay, proxies, apns, pushService, cluster, stop: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function sharedRedis(parts: AsyncDisposableStack, proxies: number): Promise<string[]> {
  if (proxies === 1) return [];
  const redis = await startRedis();
  parts.defer(() => redis.stop());
  return onRedis([redis.url]);
}

function onRedis(urls: readonly string[]): string[] {
  return ['ntfStorage.engine=redis', `redis.urls=${urls.join(',')}`, 'ntfRelays.lease=5s'];
}

async function proxySettings(folder: string, apns: FakeApns, pushService: FakePushService): Promise<string[]> {
  const [keyFile, caFile] = [join(folder, 'AuthKey.p8'), join(folder, 'roots.pem')];
  await writeFile(keyFile, apns.key.pem, { mode: 0o600 });
  await writeFile(caFile, apns.root + pushService.root);
  return [
    `ntfApns.keyFile=${keyFile}`, `ntfApns.keyId=${apns.key.keyId}`, `ntfApns.teamId=${apns.key.teamId}`, `ntfApns.topic=${apns.topic}`,
    `ntfApns.productionHost=${apns.host}:${String(apns.port)}`, `ntfApns.caFile=${caFile}`, `ntfWebPush.caFile=${caFile}`, 'ntfWebPush.allowPrivateAddresses=on',
    'ntfRelays.allowPrivateAddresses=on', 'ntfRelays.allowedPorts=',
  ];
}

/** By the loopback, whatever its names. */
export function addressOf({ address }: ServerNode) {
  return { ...parseAddress(address)!, hosts: ['127.0.0.1'] };
}
