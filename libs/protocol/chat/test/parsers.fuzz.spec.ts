/**
 * Damaged bodies, link data and texts: nothing throws, what was read can be written and is read as the same again, and no body makes more
 * parts than it may. Repeat a finding with its seed (FUZZ_SEED); the long tests take FUZZ_FACTOR times as many, by a new seed each time.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, lenientTextOf, utf8 } from '@polyplex/base';
import { createMutator } from '@polyplex/testing';
import {
  type BodyPart, encodeChatLinkData, formatMessage, messageBody, parseBody, parseChatLinkData, parseConnInfo, parseGroupClientData, parseMarkdown, parseMessage, type ReceivedMessage,
  type SentMessage,
} from '../src/index.ts';
import { groupProfiles, messages } from './arbitraries.ts';
import { bytes, compressed, large, plainBlock, short, zstdBlock } from './bytes.ts';

const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1);
const SEED = Number(process.env['FUZZ_SEED'] ?? (FACTOR > 1 ? Date.now() % 1_000_000_000 : 20_261_129));
const SAMPLES = 300;

const sampled = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, { numRuns: SAMPLES, seed: SEED });
const texts = sampled(messages).map(formatMessage).filter((text) => text.length < 4_000);
const plain = texts.map(utf8);
const signed = plain.map((text) => bytes('/G', [1], 'M', short(new Uint8Array(64)), text));
const passedOn = signed.map((element) => bytes('>M', short('id'), short('name'), [0, 0, 0, 0, 0x65, 0, 0, 0], element));

/** Feeds damaged samples and adds up how many were still well-formed, which must be some: else the damage is too great to test much. */
function storm(count: number, samples: readonly Uint8Array[], wellFormed: (input: Uint8Array) => boolean): number {
  const mutator = createMutator(SEED);
  let accepted = 0;
  for (let i = 0; i < count * FACTOR; i++) {
    const input = mutator.mutate(samples);
    try {
      if (wellFormed(input)) accepted++;
    } catch (error) {
      throw new Error(`input ${i} of seed ${SEED}: ${Buffer.from(input).toString('hex').slice(0, 400)}`, { cause: error });
    }
  }
  return accepted;
}

function told({ json: _json, msgId, ...message }: ReceivedMessage): unknown {
  return { ...message, ...(msgId === null ? {} : { msgId }) };
}

/** As JSON has it: numbers beyond all numbers, kept in what is not known, are null when they are passed on. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** What was read, written, and read. */
function checkAgain(message: ReceivedMessage): void {
  asJson(message.json);
  if (message.event === 'unknown') return;
  const again = parseMessage(formatMessage(told(message) as SentMessage));
  expect(again.kind === 'message' && asJson(told(again.message))).toEqual(asJson(told(message)));
}

function isRead(part: BodyPart): boolean {
  if (part.kind === 'message' || part.kind === 'forwarded') checkAgain(part.message);
  return part.kind !== 'fault';
}

function readsSome(body: Uint8Array): boolean {
  const parts = parseBody(body);
  expect(parts.length).toBeGreaterThan(0);
  expect(parts.length).toBeLessThanOrEqual(601);
  parseConnInfo(body);
  return parts.map(isRead).some(Boolean);
}

describe('damaged inputs', () => {
  it('JSON messages and batches', () => {
    const batches = Array.from({ length: 60 }, (_, i) => utf8(`[${texts.slice(i, i + 4).join()}]`));
    expect(storm(15_000, [...plain, ...batches], readsSome)).toBeGreaterThan(500);
  });

  it('compressed bodies', () => {
    const bodies = texts.flatMap((text, i) => [compressed(zstdBlock(text)), compressed(zstdBlock(text), plainBlock(text.slice(0, 180))), compressed(zstdBlock(`[${texts[i - 1] ?? text},${text}]`))]);
    expect(storm(6_000, bodies, readsSome)).toBeGreaterThan(50);
    const long = messageBody(formatMessage({ versions: { min: 1, max: 17 }, event: 'x.msg.new', params: { content: { type: 'text', text: 'a b '.repeat(3_600) } } }), { postQuantum: true, peerMax: 17 });
    storm(1_000, [long], readsSome);
  });

  it('binary batches, signatures, messages passed on', () => {
    const batches = plain.map((element, i) => bytes('=', [4], large(element), large(signed[i]!), large(passedOn[i]!), large('Fx')));
    expect(storm(15_000, [...batches, ...signed, ...passedOn], readsSome)).toBeGreaterThan(500);
  });

  it('JSON turned into other JSON', () => {
    const mutator = createMutator(SEED);
    const values: readonly unknown[] = [null, 1, -1, 1.5, 1e300, '', 'text', '\ud800', true, [], {}, [[]], { type: 'text' }, { type: {} }];
    const damaged = (json: unknown): unknown => {
      if (mutator.below(12) === 0) return values[mutator.below(values.length)];
      if (Array.isArray(json)) return json.map(damaged);
      return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json).map(([name, value]) => [name, damaged(value)])) : json;
    };
    const objects = texts.map((text) => JSON.parse(text) as Record<string, unknown>);
    let read = 0;
    for (let i = 0; i < 10_000 * FACTOR; i++) {
      const json = objects[i % objects.length]!;
      const parsed = parseMessage({ ...json, params: damaged(json['params']) });
      if (parsed.kind === 'fault') continue;
      checkAgain(parsed.message);
      read++;
    }
    expect(read).toBeGreaterThan(500);
  });

  it('link data and client data', () => {
    const data = sampled(groupProfiles).map((groupProfile) => encodeChatLinkData({ groupProfile }));
    const long = encodeChatLinkData({ groupProfile: { displayName: 'a', fullName: '', description: 'a b '.repeat(4_000) } });
    const accepted = storm(8_000, [...data, long, utf8('{"type":"group","groupLinkId":"AAEC"}')], (input) => {
      parseGroupClientData(lenientTextOf(input));
      const read = parseChatLinkData(input);
      if (read !== null) expect(asJson(parseChatLinkData(encodeChatLinkData(read)))).toEqual(asJson(read));
      return read !== null;
    });
    expect(accepted).toBeGreaterThan(100);
  });

  it('texts', () => {
    const samples = ['*a* _b_ ~c~ `d` #e# !1 f! [g](https://h.ij) /k @l m@no.pq +12 345 6789', "/'a b' @'c d' simplex:/g#e?h=f https://a.bc/i#d/e"].map(utf8);
    storm(20_000, samples, (input) => {
      const source = lenientTextOf(concatBytes(input));
      return parseMarkdown(source).every(({ text }) => text.length <= source.length);
    });
  });
});
