/** What is sent fits (directory §1.4), and is read again. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '@polyplex/base';
import {
  batchMessages, bytesOfId, CHAT_VERSIONS, type ChatFeature, connInfoBody, formatMessage, idOfBytes, MAX_MESSAGE_BYTES, messageBody, newMessageId, parseBody, supports,
} from '../src/index.ts';
import { messages } from './arbitraries.ts';

const PEER = { postQuantum: true, peerMax: 17 };
/** A message of so many bytes, which compresses well. */
function textOfSize(size: number, filling = 'a'): string {
  const make = (text: string): string => formatMessage({ versions: CHAT_VERSIONS, event: 'x.msg.new', params: { content: { type: 'text', text } } });
  return make(filling.repeat(size).slice(0, size - make('').length));
}
/** And one that does not: all characters that JSON leaves as they are, without a pattern. */
function noise(size: number): string {
  const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter((character) => !'"\\'.includes(character));
  let state = 1;
  const filling = Array.from({ length: size }, () => characters[(state = (state * 48_271) % 0x7fff_ffff) % characters.length]).join('');
  return textOfSize(size, filling);
}

const fails = (work: () => unknown): boolean => {
  try {
    work();
    return false;
  } catch (error) {
    return hasCode(error, 'TOO_LARGE');
  }
};

describe('bodies', () => {
  it.each([
    ['a message, at its limit', messageBody, textOfSize(15_602), { postQuantum: false, peerMax: 1 }, '{'],
    ['on a post-quantum connection, at its limit', messageBody, textOfSize(13_380), PEER, '{'],
    ['above it', messageBody, textOfSize(13_381), PEER, 'X'],
    ['as large as may be', messageBody, textOfSize(15_602), PEER, 'X'],
    ['connInfo', connInfoBody, textOfSize(14_694), { postQuantum: false, peerMax: 17 }, '{'],
    ['connInfo on a post-quantum connection', connInfoBody, textOfSize(10_968), PEER, '{'],
    ['connInfo above that', connInfoBody, textOfSize(10_969), PEER, 'X'],
  ])('%s', (_name, format, text, target, first) => {
    const body = format(text, target);
    expect(String.fromCharCode(body[0]!)).toBe(first);
    expect(parseBody(body)).toMatchObject([{ kind: 'message', message: { json: JSON.parse(text) as object } }]);
  });

  it.each([
    ['a message of a byte more', messageBody, textOfSize(15_603), { postQuantum: false, peerMax: 17 }],
    ['the same where it is compressed', messageBody, textOfSize(15_603), PEER],
    ['what does not get small enough', connInfoBody, noise(14_694), PEER],
    ['what would have to be compressed for a peer that cannot', messageBody, textOfSize(13_381), { postQuantum: true, peerMax: 7 }],
    ['connInfo of a byte more', connInfoBody, textOfSize(14_695), { postQuantum: false, peerMax: 17 }],
  ])('refuses %s', (_name, format, text, target) => {
    expect(fails(() => format(text, target))).toBe(true);
  });

  it('are counted in bytes, not in characters', () => {
    expect(fails(() => messageBody(textOfSize(15_602, 'ä'), { postQuantum: false, peerMax: 17 }))).toBe(true);
  });
});

describe('batches', () => {
  it('keep all messages, in order, within the limit, and never split one more than needed', () => {
    fc.assert(fc.property(fc.array(messages, { maxLength: 12 }), fc.integer({ min: 3_000, max: MAX_MESSAGE_BYTES }), (sent, limit) => {
      const texts = sent.map(formatMessage).filter((text) => Buffer.byteLength(text) <= limit);
      const batches = batchMessages(texts, limit);
      for (const batch of batches) expect(Buffer.byteLength(batch)).toBeLessThanOrEqual(limit);
      const read = batches.flatMap((batch) => parseBody(Buffer.from(batch)).map((part) => (part.kind === 'message' ? part.message.json : part)));
      expect(read).toEqual(texts.map((text) => JSON.parse(text) as unknown));
      for (const [i, next] of batches.slice(1).entries()) {
        const first = JSON.stringify((JSON.parse(next.startsWith('[') ? next : `[${next}]`) as unknown[])[0]);
        expect(Buffer.byteLength(batches[i]!) + Buffer.byteLength(first) + (batches[i]!.startsWith('[') ? 1 : 3)).toBeGreaterThan(limit);
      }
    }), { numRuns: 200 });
  });

  it('of one message are that message', () => {
    expect(batchMessages(['{"a":1}'])).toEqual(['{"a":1}']);
    expect(batchMessages([])).toEqual([]);
  });

  it('take two that fit exactly, and a lone one that fills the limit', () => {
    expect(batchMessages(['{"a":1}', '{"b":2}'], 17)).toEqual(['[{"a":1},{"b":2}]']);
    expect(batchMessages(['{"a":1}', '{"b":2}'], 16)).toEqual(['{"a":1}', '{"b":2}']);
    expect(batchMessages(['{"a":1}', '{"b":2}'], 7)).toEqual(['{"a":1}', '{"b":2}']);
    expect(batchMessages(['{}', '{"a":1}', '{}', '{}'], 7)).toEqual(['{}', '{"a":1}', '[{},{}]']);
  });

  it('refuse a message that fits nowhere', () => {
    expect(fails(() => batchMessages(['{}', '{"a":1}'], 6))).toBe(true);
  });
});

describe('ids and versions', () => {
  it('a new id is of 12 bytes, and another each time', () => {
    expect(bytesOfId(newMessageId())).toHaveLength(12);
    expect(newMessageId()).not.toBe(newMessageId());
  });

  it('ids are their bytes, and are padded on the wire', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 255 }), (bytes) => {
      const id = idOfBytes(bytes);
      expect(bytesOfId(id)).toEqual(bytes);
      expect(JSON.parse(formatMessage({ versions: { min: 1, max: 1 }, event: 'x.grp.acpt', params: { memberId: id } }))).toMatchObject({
        v: '1', params: { memberId: Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_') },
      });
    }));
  });

  it.each<[ChatFeature, number]>([
    ['memberConnections', 2], ['groupLinkInvitation', 3], ['forwarding', 4], ['groupBatches', 5], ['welcomeInHistory', 6], ['memberProfiles', 7], ['compression', 8],
    ['directBatches', 9], ['businessChats', 10], ['groupPreferences', 11], ['reports', 12], ['joinRejection', 14], ['knocking', 15], ['shortLinkData', 16], ['pendingVoice', 17],
    ['binaryBatches', 18], ['memberKeys', 20],
  ])('%s begins with %i', (feature, version) => {
    expect([version - 1, version, version + 1].map((max) => supports({ min: 1, max }, feature))).toEqual([false, true, true]);
  });

  it('we speak none that would have peers send binary batches', () => {
    expect(CHAT_VERSIONS).toEqual({ min: 1, max: 17 });
    expect(supports(CHAT_VERSIONS, 'binaryBatches')).toBe(false);
  });
});
