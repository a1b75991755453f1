/** Each event, with and without its optional fields, is read as it was written; and what is read with nulls or more fields is the same. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMessage, parseMessage, type ReceivedMessage, type SentMessage } from '../src/index.ts';
import { EVENT_NAMES, messagesOf } from './arbitraries.ts';

const RUNS = { numRuns: 150 };

function read(text: string): ReceivedMessage {
  const parsed = parseMessage(text);
  if (parsed.kind === 'fault') throw new Error(`${parsed.reason}: ${text}`);
  return parsed.message;
}

function expected({ versions, msgId, event, params }: SentMessage): unknown {
  return { versions, msgId: msgId ?? null, event, params };
}

function told({ json: _json, ...message }: ReceivedMessage): unknown {
  return message;
}

/** Absent fields of a parsed message as explicit nulls, and fields of newer versions, in every object that has fields of its own. */
function withNoise(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...json, msgId: json['msgId'] ?? null, newer: { deep: [1] }, params: { ...(json['params'] as object), newer: null } };
}

describe('events', () => {
  it.each(EVENT_NAMES)('%s is read as it was written', (event) => {
    fc.assert(fc.property(messagesOf(event), (message) => {
      const text = formatMessage(message);
      expect(text).not.toMatch(/^\s|\n/);
      expect(told(read(text))).toEqual(expected(message));
      expect(read(text).json).toEqual(JSON.parse(text));
    }), RUNS);
  });

  it.each(EVENT_NAMES.filter((event) => event !== 'x.member'))('%s is the same with nulls and with what newer versions say', (event) => {
    fc.assert(fc.property(messagesOf(event), (message) => {
      const noisy = withNoise(JSON.parse(formatMessage(message)) as Record<string, unknown>);
      expect(told(read(JSON.stringify(noisy)))).toEqual(expected(message));
    }), RUNS);
  });

  it('there are none but these', () => {
    expect(EVENT_NAMES).toHaveLength(44);
  });
});
