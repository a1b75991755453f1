/** Where the servers keep what they keep: a folder of this machine, or a Redis that several nodes share (SMP §8.6). */
import { choice, duration, formatDuration, integer, optionalPath, optionalText, path, section, size, text, textList } from '@polyplex/config';
import { DEFAULT_SWEEP_MS, DEFAULT_TIMEOUT_MS, DURABILITIES } from '@polyplex/store-redis';
import { type HostPort, readHostPort } from './host-port.ts';

const MAX_URLS = 64;
const URL = /^(rediss?):\/\/([^/@]+)\/?$/;

export interface RedisUrl extends HostPort {
  readonly tls: boolean;
}

/** `redis://host:port` or, over TLS, `rediss://host:port`; null for anything else. Secrets have settings of their own. */
export function readRedisUrl(url: string): RedisUrl | null {
  const parts = URL.exec(url);
  const server = parts && readHostPort(parts[2]!);
  return server && { ...server, tls: parts[1] === 'rediss' };
}

/** Whether the name can begin the names of keys. */
export function isKeyPrefix(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,32}$/.test(name);
}

export const KEY_PREFIX = 'up to 32 letters, digits, `_` and `-`';

export const storage = section('Where the relay keeps queues and messages.', {
  engine: choice({ of: ['embedded', 'redis'], default: 'embedded', describe: '`embedded`: in `dataDir`, for one process, with nothing to install. `redis`: in the Redis of section `redis`, for any number of nodes.' }),
  dataDir: path({ default: '../data', describe: 'Folder for what embedded engines keep, `smp` for the relay and `xftp` for the file server in it; made when missing. One process at a time uses each.' }),
  minRoom: size({ default: '64MiB', min: '0', max: '1024TiB', describe: 'Free space of the disk with `dataDir` below which a node with an embedded engine says that it is not ready: a disk that is full to the end takes not even deletions.' }),
});

export const redis = section('The Redis Cluster, single Redis or Valkey for the engine `redis` of the relay (`storage.engine`) and the engine `redis-s3` of the file server (`xftpStorage.engine`). Any number of nodes may share it and are then one server.', {
  urls: textList({
    default: [], max: MAX_URLS, matches: (url) => readRedisUrl(url) !== null, allowed: '`redis://host:port`, or `rediss://host:port` over TLS',
    describe: 'Servers of the cluster, from which the others are learned, or the single server.',
  }),
  durability: choice({
    of: ['auto', ...DURABILITIES], default: 'auto',
    describe: 'What an accepted message or file has reached: `everysec` the primary\'s memory and within a second its disk, `replicated` the memory of a replica too, `fsync` the disk. `auto` is `replicated` on a cluster and `everysec` on a single server.',
  }),
  prefix: text({ default: 'smp', matches: isKeyPrefix, allowed: KEY_PREFIX, describe: 'What the names of all keys of the relay begin with; relays with different ones can share a Redis.' }),
  username: optionalText({ describe: 'User name, where Redis has users.' }),
  passwordFile: optionalPath({ describe: 'File with the password.' }),
  caFile: optionalPath({ describe: 'Certificate of the CA that signed the servers\' certificates, PEM, where it is not a public one. For `rediss://`.' }),
  timeout: duration({ default: formatDuration(DEFAULT_TIMEOUT_MS), min: '1s', max: '1m', describe: 'How long a command waits while Redis is away, as in a failover, before it is answered with an error.' }),
  sweepInterval: duration({ default: formatDuration(DEFAULT_SWEEP_MS), min: '1s', max: '1h', describe: 'In which time a node of the relay asks after all its subscriptions, should it have missed what other nodes told it.' }),
  reservePercent: integer({ default: 5, min: 0, max: 50, unit: 'percent', describe: 'Part of each server\'s `maxmemory` that the relay leaves free: with less, senders are answered that the queue is full.' }),
});
