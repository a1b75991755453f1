import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CodedError, concatBytes, copyBytes, DAY, EMPTY_BYTES, equalBytes, errorText, fromBase64Url, hasCode, idKey, idOfKey, lenientTextOf, reverseBytes, systemClock, textOf,
  toBase64Url, unixDay, unixSeconds, utf8,
} from '../src/index.ts';

const byteStrings = fc.uint8Array({ maxLength: 300 });

describe('base64url', () => {
  it('is what Buffer writes, padded, and is read padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const bare = Buffer.from(bytes).toString('base64url');
        const text = toBase64Url(bytes);
        expect(text.length % 4).toBe(0);
        expect(text.replace(/=+$/, '')).toBe(bare);
        expect([fromBase64Url(text), fromBase64Url(bare), fromBase64Url(`${bare}====`)]).toEqual([bytes, bytes, bytes]);
      }),
    );
  });

  it.each(['', '=', '====', 'A', 'AAAAA', 'AA+A', 'AA/A', 'AA A', 'A=AA', '=AAA', 'ÄÄÄÄ', 'AA\n'])('%j is none', (text) => {
    expect(fromBase64Url(text)).toBeNull();
  });

  it('no bytes are the empty text', () => {
    expect(toBase64Url(EMPTY_BYTES)).toBe('');
  });
});

describe('bytes', () => {
  it('are copied into memory of their own', () => {
    const block = new Uint8Array(16_384);
    const copy = copyBytes(block.subarray(0, 24));
    expect([copy.length, copy.buffer.byteLength]).toEqual([24, 24]);
    expect(reverseBytes(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(3, 2, 1));
  });

  it('are joined and compared', () => {
    fc.assert(
      fc.property(fc.array(byteStrings), byteStrings, (parts, other) => {
        const joined = concatBytes(...parts);
        expect(Buffer.concat(parts).equals(joined)).toBe(true);
        expect(equalBytes(joined, other)).toBe(Buffer.compare(joined, other) === 0);
        expect(equalBytes(joined, copyBytes(joined))).toBe(true);
      }),
    );
  });

  it('of text: strict and lenient', () => {
    expect([textOf(utf8('grüß')), textOf(Uint8Array.of(0xff)), lenientTextOf(Uint8Array.of(0x61, 0xff))]).toEqual(['grüß', null, 'a\ufffd']);
  });
});

describe('ids', () => {
  it('have keys that are equal when they are, and give them back', () => {
    fc.assert(
      fc.property(byteStrings, byteStrings, (a, b) => {
        expect(idOfKey(idKey(a))).toEqual(a);
        expect(idKey(a) === idKey(b)).toBe(equalBytes(a, b));
      }),
    );
  });
});

describe('clock', () => {
  const at = (ms: number): typeof systemClock => ({ ...systemClock, now: () => ms });

  it('counts whole seconds and days', () => {
    expect(unixSeconds(at(1_700_000_000_999))).toBe(1_700_000_000);
    expect(unixDay(at(1_700_000_000_999)) * 1000 + DAY).toBeGreaterThan(1_700_000_000_999);
    expect(unixDay(at(1_700_000_000_999)) % 86_400).toBe(0);
  });

  it('runs once or again and again, until cancelled', async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      const cancel = systemClock.every(1, () => {
        seen.push('every');
        if (seen.filter((word) => word === 'every').length < 3) return;
        cancel();
        systemClock.after(1, resolve);
      });
      systemClock.after(1, () => seen.push('cancelled'))();
      // These timers do not keep the process alive; this one does, for the length of the test.
      const keep = setInterval(() => undefined, 1000);
      systemClock.after(500, () => clearInterval(keep));
    });
    expect(seen).toEqual(['every', 'every', 'every']);
  });
});

describe('errors', () => {
  it('are told by their code, and keep their cause', () => {
    const cause = new Error('reason');
    const error = new CodedError('TIMEOUT', 'no answer', { cause });
    expect([hasCode(error, 'TIMEOUT'), hasCode(error, 'OTHER'), hasCode(cause, 'TIMEOUT'), error.cause]).toEqual([true, false, false, cause]);
    expect([errorText(error), errorText('text'), errorText(null)]).toEqual(['no answer', 'text', 'null']);
  });
});
