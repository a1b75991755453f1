/** What a Redis must be like before a relay trusts it with messages; what is wrong is said with the command that mends it. */
import { storeError } from '@polyplex/store-common';
import type { Logger } from '@polyplex/telemetry';
import { listOf, type Reply, textOfReply } from './redis-reply.ts';
import { type Shard, type Wait, waitForDisk, waitForReplicas } from './shard.ts';

/** What a change has reached when it is answered; see the README for what each can lose. */
export type Durability = 'everysec' | 'replicated' | 'fsync';
export const DURABILITIES = ['everysec', 'replicated', 'fsync'] as const satisfies readonly Durability[];

interface Facts {
  readonly address: string;
  readonly version: readonly [major: number, minor: number];
  readonly isReplica: boolean;
  readonly replicas: number;
  /** null where the server does not tell. */
  readonly policy: string | null;
  readonly appendOnly: string | null;
  readonly appendFsync: string | null;
}

/** Throws a `StoreError` for a server that would lose data; answers what a change has to wait for. */
export async function prepare(shards: readonly Shard[], wanted: Durability, log: Logger): Promise<readonly Wait[]> {
  const all = await Promise.all(shards.map((shard) => factsOf(shard)));
  for (const facts of all) {
    refuse(problemsOf(facts, wanted));
    if (facts.policy === null || facts.appendOnly === null) {
      log.warn('Redis does not tell its settings: see that maxmemory-policy is noeviction and appendonly is on');
    } else if (facts.appendOnly !== 'yes') {
      log.warn('Redis keeps no append-only file: what all servers of a shard lose at once is gone', { mend: mend(facts, 'appendonly', 'yes') });
    }
  }
  return waitsFor(all, wanted);
}

function refuse(problems: readonly string[]): void {
  const [first] = problems;
  if (first !== undefined) throw storeError('FAILED', new Error(first), first);
}

function problemsOf(facts: Facts, wanted: Durability): string[] {
  const { address, version, policy, appendOnly } = facts;
  const problems: string[] = [];
  const add = (when: boolean, what: string): void => void (when && problems.push(`Redis at ${address} ${what}`));
  add(version[0] < 7, `is version ${version.join('.')}: version 7 or later is needed`);
  add(facts.isReplica, 'is a replica: name a primary, or the servers of a cluster');
  add(policy?.startsWith('allkeys') === true, `would drop messages when its memory is full (maxmemory-policy ${policy ?? ''}): ${mend(facts, 'maxmemory-policy', 'noeviction')}`);
  add(wanted === 'everysec' && appendOnly === 'no', `keeps nothing on disk: ${mend(facts, 'appendonly', 'yes')}`);
  add(wanted === 'replicated' && facts.replicas === 0, 'has no replica, which redis.durability=replicated needs: add one, or choose everysec or fsync');
  add(wanted === 'fsync' && !canFsync(facts), `cannot wait for its disk: ${mend(facts, 'appendonly', 'yes')} ; ${mend(facts, 'appendfsync', 'always')}`);
  return problems;
}

function canFsync({ appendOnly, appendFsync, version }: Facts): boolean {
  return appendOnly !== 'no' && (appendFsync === 'always' || hasWaitAof(version));
}

function hasWaitAof([major, minor]: Facts['version']): boolean {
  return major > 7 || (major === 7 && minor >= 2);
}

/** A server that would be replaced by its replica must not be the only one that has a change. */
function waitsFor(all: readonly Facts[], wanted: Durability): readonly Wait[] {
  if (wanted === 'everysec') return [];
  if (wanted === 'replicated') return [waitForReplicas(1)];
  const replicas = all.every((facts) => facts.replicas > 0) ? 1 : 0;
  if (all.every(({ appendFsync }) => appendFsync === 'always')) return replicas === 0 ? [] : [waitForReplicas(1)];
  return [waitForDisk(replicas)];
}

function mend({ address }: Facts, name: string, value: string): string {
  const [host = '', port = ''] = address.split(/:(?=\d+$)/);
  return `redis-cli -h ${host} -p ${port} config set ${name} ${value}`;
}

async function factsOf(shard: Shard): Promise<Facts> {
  const { host, port } = shard.address;
  try {
    const [server, replication, policy, appendOnly, appendFsync] = await Promise.all([
      shard.read(['INFO', 'server']), shard.read(['INFO', 'replication']),
      setting(shard, 'maxmemory-policy'), setting(shard, 'appendonly'), setting(shard, 'appendfsync'),
    ]);
    const [major = '0', minor = '0'] = field(server, 'redis_version').split('.');
    return {
      address: `${host}:${String(port)}`,
      version: [Number(major), Number(minor)],
      isReplica: field(replication, 'role') === 'slave',
      replicas: Number(field(replication, 'connected_slaves')),
      policy, appendOnly, appendFsync,
    };
  } catch (error) {
    throw storeError('UNAVAILABLE', error, `Redis at ${host}:${String(port)} does not answer: ${error instanceof Error ? error.message : ''}`);
  }
}

function field(info: Reply, name: string): string {
  return new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(textOfReply(info))?.[1] ?? '';
}

/** Services that run Redis for others often forbid CONFIG. */
async function setting(shard: Shard, name: string): Promise<string | null> {
  const reply = await shard.read(['CONFIG', 'GET', name]).catch(() => null);
  return reply === null ? null : textOfReply(listOf(reply)[1]);
}
