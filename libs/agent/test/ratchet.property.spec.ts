/** Two sides whose messages are lost, late, repeated and changed on the way: each is read once, and nothing breaks what follows. */
import {
  initiateRatchet, initiatorParameters, joinerParameters, joinRatchet, MAX_SKIPPED, openMessage, prepareMessage, publishedParameters, type Ratchet, RatchetError,
  sealMessage, type SkippedKey,
} from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

class Side {
  ratchet: Ratchet;
  skipped: SkippedKey[] = [];

  constructor(ratchet: Ratchet) {
    this.ratchet = ratchet;
  }

  send(text: string, wish?: boolean): Uint8Array {
    const { ratchet, message } = prepareMessage(this.ratchet, wish);
    this.ratchet = ratchet;
    return sealMessage(message, utf8(text), 100);
  }

  receive(message: Uint8Array): string {
    const { text, ratchet, skipped, used } = openMessage(this.ratchet, this.skipped, message);
    this.ratchet = ratchet;
    this.skipped = [...this.skipped.filter((key) => key !== used), ...skipped];
    return new TextDecoder().decode(text);
  }
}

interface Wishes {
  readonly version: number;
  readonly initiator: boolean;
  readonly joiner: boolean;
}

function pair({ version, initiator, joiner }: Wishes): { readonly a: Side; readonly b: Side } {
  const versions = { current: version, max: version };
  const own = initiatorParameters(initiator && version >= 3);
  const published = publishedParameters(version, own);
  const answer = joinerParameters(published, joiner);
  const wish = (enabled: boolean) => ({ supported: enabled && version >= 3, enabled: enabled && version >= 3 });
  return {
    b: new Side(joinRatchet(versions, answer, { initiator: published, wish: wish(joiner) })),
    a: new Side(initiateRatchet(versions, own, { joiner: publishedParameters(version, answer), wish: wish(initiator) })),
  };
}

const begun = (wishes: Wishes): ReturnType<typeof pair> => {
  const sides = pair(wishes);
  expect(sides.a.receive(sides.b.send('first'))).toBe('first');
  return sides;
};

const wishes = fc.record({ version: fc.constantFrom(2, 3), initiator: fc.boolean(), joiner: fc.boolean() });
const moves = fc.array(fc.record({
  what: fc.constantFrom('send', 'send', 'send', 'deliver', 'deliver', 'deliver', 'lose', 'repeat', 'change'),
  from: fc.constantFrom<'a' | 'b'>('a', 'b'),
  at: fc.nat(),
  wish: fc.option(fc.boolean(), { nil: undefined, freq: 8 }),
}), { maxLength: 40, size: 'max' });

interface OnItsWay {
  readonly to: 'a' | 'b';
  readonly text: string;
  readonly message: Uint8Array;
}

type Move = { readonly what: string; readonly from: 'a' | 'b'; readonly at: number; readonly wish: boolean | undefined };

/** Plays the moves; answers what was delivered and never read. */
function play(sides: ReturnType<typeof pair>, played: readonly Move[]): void {
  const waiting: OnItsWay[] = [];
  const read: OnItsWay[] = [];
  const take = (at: number): OnItsWay | undefined => waiting.splice(at % Math.max(waiting.length, 1), 1)[0];
  const refused = (to: 'a' | 'b', message: Uint8Array): void => {
    const { ratchet, skipped } = sides[to];
    expect(() => sides[to].receive(message)).toThrow(RatchetError);
    expect([sides[to].ratchet, sides[to].skipped]).toEqual([ratchet, skipped]);
  };
  const one: Record<string, (move: Move) => void> = {
    send({ from, wish }) {
      const text = `${from}${String(waiting.length + read.length)}`;
      waiting.push({ to: from === 'a' ? 'b' : 'a', text, message: sides[from].send(text, wish) });
    },
    deliver({ at }) {
      const message = take(at);
      if (message === undefined) return;
      expect(sides[message.to].receive(message.message)).toBe(message.text);
      read.push(message);
    },
    lose: ({ at }) => void take(at),
    repeat({ at }) {
      const message = read[at % Math.max(read.length, 1)];
      if (message !== undefined) refused(message.to, message.message);
    },
    change({ at }) {
      const found = waiting[at % Math.max(waiting.length, 1)];
      if (found === undefined) return;
      const changed = Uint8Array.from(found.message);
      changed[at % changed.length]! ^= 1 + (at % 255);
      refused(found.to, changed);
    },
  };
  for (const move of played) one[move.what]!(move);
  for (const { to, text, message } of waiting) expect(sides[to].receive(message)).toBe(text);
}

describe('a conversation', () => {
  test('loses nothing but what was lost, reads nothing twice, and no forgery changes it', () => {
    fc.assert(fc.property(wishes, moves, (wish, played) => {
      const sides = begun(wish);
      play(sides, played);
      // And it goes on both ways.
      for (const [from, to] of [['a', 'b'], ['b', 'a'], ['a', 'b']] as const) expect(sides[to].receive(sides[from].send('on'))).toBe('on');
    }), { numRuns: 60 });
  }, 120_000);

  test('is post-quantum both ways after two messages where both wish it, and never where one does not', () => {
    for (const [initiator, joiner] of [[true, true], [true, false], [false, true], [false, false]] as const) {
      const { a, b } = begun({ version: 3, initiator, joiner });
      for (let i = 0; i < 3; i++) {
        expect(b.receive(a.send('there'))).toBe('there');
        expect(a.receive(b.send('back'))).toBe('back');
      }
      const both = initiator && joiner;
      for (const { ratchet: { pq } } of [a, b]) expect([pq.sending, pq.receiving]).toEqual([both, both]);
    }
  });

  test('keeps up to 512 keys of missing messages, and refuses more', () => {
    const { a, b } = begun({ version: 3, initiator: false, joiner: false });
    const sent = Array.from({ length: MAX_SKIPPED + 2 }, (_, i) => b.send(String(i)));
    const { ratchet } = a;
    // Number 0 of this chain was read, so these are 1 to 514.
    expect(() => a.receive(sent[MAX_SKIPPED + 1]!)).toThrow(expect.objectContaining({ code: 'TOO_MANY_SKIPPED' }));
    expect(a.ratchet).toBe(ratchet);
    expect(a.receive(sent[MAX_SKIPPED]!)).toBe(String(MAX_SKIPPED));
    expect(a.skipped).toHaveLength(MAX_SKIPPED);
    expect(a.receive(sent[0]!)).toBe('0');
  });

  test('refuses what is no message, whatever it is', () => {
    const { a } = begun({ version: 3, initiator: true, joiner: true });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      expect(() => a.receive(bytes)).toThrow(RatchetError);
    }));
  });

  test('cannot be sent into before the other side has begun, nor beyond the padding', () => {
    const { a, b } = pair({ version: 3, initiator: true, joiner: true });
    expect(() => a.send('too early')).toThrow(expect.objectContaining({ code: 'NOT_SENDING' }));
    expect(() => sealMessage(prepareMessage(b.ratchet).message, new Uint8Array(99), 100)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });
});

test('a KEM key answered that was never offered is refused', () => {
  const own = initiatorParameters(false);
  const offered = { ...publishedParameters(3, own), kem: { type: 'P', publicKey: initiatorParameters(true).kem!.publicKey } as const };
  const answer = publishedParameters(3, joinerParameters(offered, true));
  expect(() => initiateRatchet({ current: 3, max: 3 }, own, { joiner: answer, wish: { supported: true, enabled: true } })).toThrow(expect.objectContaining({ code: 'KEM' }));
});
