/** The small parts: slots as Redis computes them, words that survive any bytes, scripts with whole headers. */
import { DecodeError } from '@polyplex/codec';
import { startRedisCluster } from '@polyplex/local-cluster';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Keys } from '../src/keys.ts';
import { allScripts } from '../src/scripts.ts';
import { slotOf } from '../src/slots.ts';
import { decodeWord, encodeWord, type Word } from '../src/words.ts';

const id = fc.uint8Array({ minLength: 1, maxLength: 255 });
const epoch = fc.integer({ min: 0, max: 2 ** 47 });
const kind = fc.constantFrom('recipient' as const, 'notifier' as const);
const how = fc.constantFrom('ended' as const, 'deleted' as const);
const ttl = fc.option(fc.integer({ min: 0, max: 2 ** 32 }));
const anyWord: fc.Arbitrary<Word> = fc.oneof(
  fc.record({ type: fc.constant('L' as const), kind, how, id, epoch }),
  fc.record({ type: fc.constant('W' as const), id, epoch }),
  fc.record({ type: fc.constant('N' as const), id, epoch }),
  fc.record({ type: fc.constant('V' as const), serviceId: id, recipientId: id, notifierId: id }),
  fc.record({ type: fc.constant('C' as const), how, serviceId: id, notifierId: id }),
  fc.record({ type: fc.constant('S' as const), serviceId: id, epoch, queues: epoch }),
  fc.record({
    type: fc.constant('B' as const), id, epoch,
    info: fc.record({ reason: fc.constantFrom('spam' as const, 'content' as const), notice: fc.option(fc.record({ ttl })) }),
  }),
);

describe('words', () => {
  test('are read as they were written', () => {
    fc.assert(fc.property(anyWord, (word) => {
      expect(decodeWord(new Uint8Array(encodeWord(word)))).toEqual(word);
    }));
  });

  test('any other bytes are refused, and nothing else happens', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        decodeWord(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }), { numRuns: 5000 });
  });
});

test('slots are those of Redis, and all keys of a queue have one', async () => {
  const cluster = await startRedisCluster({ primaries: 3, replicas: 0 });
  try {
    const keys = new Keys('smp');
    const samples = fc.sample(id, 50);
    for (const key of ['a', '{}', '{}a', 'a{b', 'a{b}c', '{a}{b}', 'foo{{bar}}', ...samples.flatMap((one) => [keys.queue(one), keys.reference('sender', one)])]) {
      expect(slotOf(key), key).toBe(await cluster.nodes[0]!.command('CLUSTER', 'KEYSLOT', key));
    }
    for (const one of samples) expect(new Set(keys.queueWith(one, 'm', 'l', 'n').map(slotOf)).size).toBe(1);
    for (const one of samples) expect(keys.referenceOf(keys.reference('link', one))).toEqual(['link', new Uint8Array(one)]);
  } finally {
    await cluster.stop();
  }
});

test.each(allScripts.map((script) => [script.name, script] as const))('%s uses what it is given', (_name, { args, source }) => {
  const body = source.slice(source.indexOf('--!'));
  for (const name of args) expect(body.split(new RegExp(`\\b${name}\\b`)).length, name).toBeGreaterThan(2);
});
