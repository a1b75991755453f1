/** One queue in a real Redis by the real scripts, with the answers of `ModelQueue`. Ids of messages are below 128. */
import type { RedisReply, RedisServer } from '@polyplex/local-cluster';
import { encodeValue, message as messageFormat } from '@polyplex/store-common';
import { script } from '../../src/scripts.ts';
import { type AcknowledgedThere, type AppendedThere, type Claimed, type Looked, type ModelQueue, type Owner, type QueueState, type Stale, type Who } from './model-queue.ts';

type Reply = RedisReply;
type Stepped = Pick<ModelQueue, 'subscribe' | 'append' | 'acknowledge' | 'head' | 'look' | 'remove'>;
/** The same steps, each a promise. */
type RealSteps = { readonly [S in keyof Stepped]: (...args: Parameters<Stepped[S]>) => Promise<ReturnType<Stepped[S]>> };

const BODY = new Uint8Array([1, 2, 3]);

function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}

function textOf(reply: Reply | undefined): string {
  return typeof reply === 'string' ? reply : '';
}

function ownerIn(reply: Reply | undefined): Owner | null {
  const [node, connection, epoch] = textOf(reply).split(':');
  return node === undefined || epoch === undefined ? null : { node, connection: Number(connection), epoch: Number(epoch) };
}

function whoText(who: Who | null): string {
  return who === null ? '' : `${who.node}:${String(who.connection)}`;
}

/** The number of a stored message, negative for a marker; 0 for none. */
function messageIn(reply: Reply | undefined): number {
  const text = textOf(reply);
  return text === '' ? 0 : text.charCodeAt(3) * (text[1] === 'Q' ? -1 : 1);
}

export class RealQueue implements RealSteps {
  private readonly redis: RedisServer;
  private readonly keys: Readonly<Record<string, string>>;

  constructor(redis: RedisServer, name: string) {
    this.redis = redis;
    this.keys = { queue: `${name}:q`, messages: `${name}:m`, list: `${name}:m`, notifications: `${name}:n`, link: `${name}:l` };
  }

  async begin(): Promise<void> {
    await this.redis.command('HSET', this.keys.queue!, 'r', 1);
  }

  async revise(): Promise<void> {
    if (await this.redis.command('EXISTS', this.keys.queue!) === 1) await this.redis.command('HINCRBY', this.keys.queue!, 'r', 1);
  }

  async subscribe(revision: number, who: Who, withHead: boolean): Promise<Claimed | Stale> {
    const reply = await this.run('subscribe', { revision, owner: whoText(who), withHead: withHead ? 1 : '' });
    return this.stale(reply) ?? { status: 'ok', previous: ownerIn(reply[2]), epoch: Number(reply[3]), pending: Number(reply[4]) > 0, head: messageIn(reply[5]) };
  }

  async append(revision: number, id: number, quota: number): Promise<AppendedThere | Stale> {
    const encoded = encodeValue(messageFormat, { kind: 'message', msgId: new Uint8Array([id]), ts: 1, notify: false, body: BODY });
    const reply = await this.run('append', { revision, quota, expireBefore: '', message: Buffer.from(encoded), notification: '' });
    return this.stale(reply) ?? { status: reply[0] as 'stored' | 'quota', subscriber: ownerIn(reply[4]) };
  }

  async acknowledge(revision: number, id: number, by: Who | null): Promise<AcknowledgedThere | Stale> {
    const reply = await this.run('acknowledge', { revision, owner: whoText(by), msgId: Buffer.from([id]) });
    return this.stale(reply) ?? { status: 'ok', removed: reply[1] !== '', next: messageIn(reply[3]) };
  }

  async head(by: Who | null): Promise<number | null> {
    const reply = await this.run('heads', { owner: whoText(by) });
    return reply.length === 0 ? null : messageIn(reply[1]);
  }

  async look(by: Who, epoch: number): Promise<Looked> {
    const [found, at] = await this.run('look', { field: 's', owner: whoText(by), epoch, notifierId: '' });
    return { found: found as Looked['found'], epoch: Number(at) };
  }

  async remove(revision: number): Promise<{ readonly status: 'ok'; readonly owner: Owner | null } | Stale> {
    const reply = await this.run('delete', { revision });
    return this.stale(reply) ?? { status: 'ok', owner: ownerIn(fieldIn(reply[1], 's')) };
  }

  /** All that there is, as the model has it. */
  async state(): Promise<QueueState | null> {
    const record = await this.redis.command('HGETALL', this.keys.queue!);
    const messages = listOf(await this.redis.command('LRANGE', this.keys.messages!, 0, -1));
    if (listOf(record).length === 0) return null;
    const last = textOf(fieldIn(record, 'i'));
    return {
      revision: Number(fieldIn(record, 'r')), owner: ownerIn(fieldIn(record, 's')), messages: messages.map(messageIn),
      last: last === '' ? 0 : last.charCodeAt(0), closed: fieldIn(record, 'x') === '1',
    };
  }

  /** Runs a script, for which the time stands still (epochs are compared), and whose keys and arguments are given by their names in its header. */
  private async run(name: string, args: Readonly<Record<string, string | number | Buffer>>): Promise<readonly Reply[]> {
    const { source, keys, args: names } = script(name);
    const reply = await this.redis.command('EVAL', source.replace("call('TIME')", '{ 0, 0 }'), keys.length, ...keys.map((key) => this.keys[key]!), ...names.map((each) => args[each]!));
    return Array.isArray(reply) ? listOf(reply) : reply === null ? [] : [reply];
  }

  private stale(reply: readonly Reply[]): Stale | null {
    return reply[0] === 'stale' ? { status: 'stale', revision: Number(fieldIn(reply[1], 'r') ?? 0) } : null;
  }
}

function fieldIn(record: Reply | undefined, field: string): Reply | undefined {
  const list = listOf(record);
  const at = list.findIndex((name, i) => i % 2 === 0 && name === field);
  return at < 0 ? undefined : list[at + 1];
}
