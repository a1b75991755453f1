/** Lines are read as they were written, and random logs come to what a simple model of SMP §9.4 makes of them. */
import { toBase64Url } from '@polyplex/base';
import type { PublicKey } from '@polyplex/crypto';
import type { QueueStatus } from '@polyplex/store-contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLogRecord } from '../src/smp-log/log-record.ts';
import { unique } from './log-lines.ts';
import { anyKey, anyLink, anyNotifier, anyQueue, type AnyQueue, create, DAY_TIME, event, keys, link, messageRest, queuesOf, readLines, recordOf, secure, setNotifier } from './smp-lines.ts';
import { readMessage } from '../src/smp-entries/entry-line.ts';

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength });
const id = bytes(1, 255);
const publicKey: fc.Arbitrary<PublicKey> = fc.oneof(bytes(32).map((raw) => ({ kind: 'ed25519' as const, raw })), bytes(32).map((raw) => ({ kind: 'x25519' as const, raw })), bytes(57).map((raw) => ({ kind: 'ed448' as const, raw })));
const nullable = <T>(inner: fc.Arbitrary<T>) => fc.option(inner, { nil: null });
const status: fc.Arbitrary<QueueStatus> = fc.oneof(
  fc.constant({ state: 'active' as const }), fc.constant({ state: 'off' as const }),
  fc.record({ state: fc.constant('blocked' as const), info: fc.record({ reason: fc.constantFrom('spam' as const, 'content' as const), notice: nullable(fc.record({ ttl: nullable(fc.nat()) })) }) }),
);
const queue: fc.Arbitrary<AnyQueue> = fc.record({
  recipientId: id, recipientKeys: fc.array(publicKey, { minLength: 1, maxLength: 4 }), dhSecret: bytes(32), senderId: id, senderKey: nullable(publicKey), mode: fc.constantFrom('M' as const, 'C' as const, null),
  link: nullable(fc.record({ linkId: id, fixedData: bytes(1, 99), userData: bytes(1, 99) })), status, serviceId: nullable(id),
  notifier: nullable(fc.record({ notifierId: id, notifierKey: publicKey, dhSecret: bytes(32), serviceId: nullable(id) })),
}).map(({ link: data, ...rest }) => ({ ...rest, linkId: data?.linkId ?? null, ...(data === null ? {} : { link: data }) }));

test('a queue that was written is read', () => {
  fc.assert(fc.property(queue, nullable(fc.nat(60_000)), (made, days) => {
    expect(readLogRecord(create(made, days === null ? null : days * 86_400))).toEqual({ word: 'CREATE', queue: { record: recordOf(made), days } });
  }));
});

test('a message that was written is read', () => {
  const message = fc.oneof(
    fc.record({ kind: fc.constant('message' as const), msgId: id, ts: fc.nat(), notify: fc.boolean(), body: bytes(0, 300) }),
    fc.record({ kind: fc.constant('quota' as const), msgId: id, ts: fc.nat() }),
  );
  fc.assert(fc.property(message, (made) => {
    expect(readMessage(messageRest(made))).toEqual(made);
  }));
});

test('any text is a record or a fault, and never an error', () => {
  const pieces = fc.constantFrom('CREATE', 'LINK', 'KEYS', 'NEW_SERVICE', 'QUEUE_SERVICE', 'rid=', 'rk=', 'rdh=', 'sid=', 'sk=', 'queue_mode=', 'status=', 'blocked,', 'notifier=', ' ', ' ', ' ', 'AAAA', '=', ',', '\r', 'M', 'quota', 'flags=', '7', 'é', '{');
  fc.assert(fc.property(fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join('')), (line) => {
    expect(['object', 'string']).toContain(typeof readLogRecord(line));
    expect(['object', 'string']).toContain(typeof readMessage(line));
  }), { numRuns: 2000 });
});

const QUEUES = 5;
const queues = Array.from({ length: QUEUES }, (_, i) => anyQueue({ recipientId: unique(8 + i), mode: i === 0 ? null : 'M' }));
// Fewer than the queues, so that queues want the same ones.
const notifiers = Array.from({ length: 3 }, (_, i) => anyNotifier({ notifierId: unique(8 + 8 * i) }));
const links = [unique(9), unique(20), unique(33)];
const senderKeys = [anyKey(), anyKey('x25519')];
const data = anyLink();

type Word = 'CREATE' | 'DELETE' | 'SUSPEND' | 'BLOCK' | 'UNBLOCK' | 'LDELETE' | 'NDELETE' | 'TIME' | 'LINK' | 'SECURE' | 'NOTIFIER' | 'KEYS';
interface Step {
  readonly word: Word;
  readonly of: number;
  readonly with: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  word: fc.constantFrom<Word>('CREATE', 'CREATE', 'CREATE', 'DELETE', 'SUSPEND', 'BLOCK', 'UNBLOCK', 'LDELETE', 'NDELETE', 'TIME', 'LINK', 'LINK', 'SECURE', 'NOTIFIER', 'NOTIFIER', 'KEYS'),
  of: fc.nat(QUEUES - 1), with: fc.nat(2),
});

function lineOf({ word, of, with: other }: Step): string {
  const each = queues[of]!;
  switch (word) {
    case 'CREATE': return create(each);
    case 'LINK': return link(each, links[other]!, data);
    case 'SECURE': return secure(each, senderKeys[other % 2]!);
    case 'NOTIFIER': return setNotifier(each, notifiers[other]!);
    case 'KEYS': return keys(each, senderKeys.slice(0, 1 + (other % 2)));
    case 'BLOCK': return event(word, each, 'reason=spam');
    case 'TIME': return event(word, each, DAY_TIME + other * 86_400);
    default: return event(word, each);
  }
}

interface Modelled {
  state: string;
  link: number | null;
  sender: number | null;
  notifier: number | null;
  keys: number;
  days: number;
}

/** The rules, and nothing else. */
function modelOf(log: readonly Step[]): Map<number, Modelled> {
  const model = new Map<number, Modelled>();
  const has = (name: 'link' | 'notifier', value: number, but: number): boolean => [...model].some(([of, each]) => of !== but && each[name] === value);
  for (const { word, of, with: other } of log) {
    const found = model.get(of);
    if (word === 'CREATE' && found === undefined) model.set(of, { state: 'active', link: null, sender: null, notifier: null, keys: 0, days: 0 });
    if (found === undefined) continue;
    if (word === 'DELETE') model.delete(of);
    if (word === 'SUSPEND') found.state = 'off';
    if (word === 'BLOCK') found.state = 'blocked';
    if (word === 'UNBLOCK') found.state = 'active';
    if (word === 'LDELETE') found.link = null;
    if (word === 'NDELETE') found.notifier = null;
    if (word === 'TIME') found.days = other;
    if (word === 'KEYS') found.keys = 1 + (other % 2);
    if (word === 'SECURE') found.sender ??= other % 2;
    if (word === 'LINK' && found.link === null && !has('link', other, of)) found.link = other;
    if (word === 'NOTIFIER' && !has('notifier', other, of)) found.notifier = other;
  }
  return model;
}

test('random logs', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 500 }), async (log, chunkBytes) => {
    const model = modelOf(log);
    const { log: read } = await readLines(log.map(lineOf), chunkBytes);
    const found = new Map(queuesOf(read.queues).map((each) => [toBase64Url(each.record.recipientId), each]));
    expect(found.size).toBe(model.size);
    for (const [of, each] of model) {
      const made = queues[of]!;
      const { record, days, link: place } = found.get(toBase64Url(made.recipientId))!;
      expect(record).toEqual({
        ...recordOf(made), status: each.state === 'blocked' ? { state: 'blocked', info: { reason: 'spam', notice: null } } : { state: each.state },
        linkId: each.link === null ? null : links[each.link], senderKey: each.sender === null ? null : senderKeys[each.sender],
        notifier: each.notifier === null ? null : notifiers[each.notifier], recipientKeys: each.keys === 0 ? made.recipientKeys : senderKeys.slice(0, each.keys),
      });
      expect([days, place === null]).toEqual([DAY_TIME / 86_400 + each.days, each.link === null]);
    }
    expect(read.queues.linkCount).toBe([...model.values()].filter((each) => each.link !== null).length);
    expect(read.queues.notifierCount).toBe([...model.values()].filter((each) => each.notifier !== null).length);
  }), { numRuns: 300 });
});

test('many queues, most of them deleted again, take the memory of those that stay', async () => {
  const lines: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    const made = anyQueue({ senderKey: null });
    lines.push(create(made), secure(made, anyKey()), event('TIME', made, DAY_TIME + 86_400));
    if (i % 10 !== 0) lines.push(event('DELETE', made));
  }
  const { log, bad } = await readLines(lines);
  expect([bad, log.queues.queueCount]).toEqual([[], 2000]);
  expect(log.queues.bytes).toBeLessThan(2 * 1024 * 1024);
});
