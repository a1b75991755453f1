/** How codecs are put together: fields, versions, variants, what may be left out, what is nested. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bool, byVersion, byte, codec, decode, DecodeError, encode, EncodeError, fields, large, literal, mapped, maybe, nothing, optional, Reader, shortString, since, tagged,
  tail, tryDecode, within, word16, Writer,
} from '../src/index.ts';

const of = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('fields', () => {
  const format = fields({ a: byte, _: literal('-'), b: fields({ c: word16 }) });

  it('are written in order, constants without a value', () => {
    expect(encode(format, { a: 1, b: { c: 2 } })).toEqual(of(1, 0x2d, 0, 2));
    expect(decode(format, of(1, 0x2d, 0, 2))).toEqual({ a: 1, b: { c: 2 } });
  });

  it('say where reading failed', () => {
    let found: unknown;
    try {
      decode(format, of(1, 0x2d, 0));
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(DecodeError);
    expect(found).toMatchObject({ path: 'b.c', reason: 'unexpected end', code: 'DECODE' });
  });
});

describe('versions', () => {
  const format = fields({ a: byte, b: since(9, bool, false) });

  it('since: absent before its version', () => {
    expect(encode(format, { a: 1, b: true }, 8)).toEqual(of(1));
    expect(decode(format, of(1), 8)).toEqual({ a: 1, b: false });
    expect(encode(format, { a: 1, b: true }, 9)).toEqual(of(1, 0x54));
    expect(tryDecode(format, of(1), 9)).toBeNull();
  });

  it('byVersion: the latest that is not newer', () => {
    const picked = byVersion<number>([0, byte], [9, word16]);
    expect([6, 8, 9, 18].map((version) => encode(picked, 1, version).length)).toEqual([1, 1, 2, 2]);
    expect(decode(picked, of(0, 1), 10)).toBe(1);
  });
});

describe('variants', () => {
  const format = tagged({ M: fields({ n: byte }), N: nothing });

  it('are told apart by one character', () => {
    expect(encode(format, { type: 'M', n: 7 })).toEqual(of(0x4d, 7));
    expect(decode(format, of(0x4d, 7))).toEqual({ type: 'M', n: 7 });
    expect(decode(format, of(0x4e))).toEqual({ type: 'N' });
  });

  it('that are unknown are neither read nor written', () => {
    expect(tryDecode(format, of(0x58))).toBeNull();
    expect(() => encode(format, { type: 'X' } as never)).toThrow(EncodeError);
  });

  it('cannot be disguised by their content', () => {
    expect(decode(tagged({ M: codec(() => ({ type: 'N' }), () => undefined) }), of(0x4d))).toEqual({ type: 'M' });
  });
});

describe('optional', () => {
  it('consumes nothing when it cannot be read', () => {
    const format = fields({ a: optional(literalPair), rest: tail });
    expect(decode(format, of(0x61, 0x62, 9))).toEqual({ a: 1, rest: of(9) });
    expect(decode(format, of(0x61, 0x63, 9))).toEqual({ a: null, rest: of(0x61, 0x63, 9) });
    expect(decode(format, of())).toEqual({ a: null, rest: of() });
    expect(encode(format, { a: null, rest: of(1) })).toEqual(of(1));
  });

  const literalPair = mapped(literal('ab'), () => 1, () => undefined);

  it('lets other errors through', () => {
    const broken = optional(codec<number>(() => {
      throw new TypeError('a bug');
    }, () => undefined));
    expect(() => decode(broken, of())).toThrow(TypeError);
    expect(() => tryDecode(broken, of())).toThrow(TypeError);
  });
});

describe('within', () => {
  const format = within(large, fields({ a: byte }));

  it('must consume its container', () => {
    expect(encode(format, { a: 5 })).toEqual(of(0, 1, 5));
    expect(decode(format, of(0, 1, 5))).toEqual({ a: 5 });
    expect(tryDecode(format, of(0, 2, 5, 6))).toBeNull();
  });

  it('keeps the version', () => {
    const nested = within(shortString, since(3, byte, null));
    expect(encode(nested, 1, 3)).toEqual(of(1, 1));
    expect(decode(nested, of(0), 2)).toBeNull();
  });
});

describe('reader and writer', () => {
  it('hand out views, and never read past the end they were given', () => {
    const block = of(1, 2, 3, 4);
    const r = new Reader(block, 0, 1, 3);
    const view = r.take(2);
    expect([view.buffer === block.buffer, [...view], r.remaining]).toEqual([true, [2, 3], 0]);
    expect(() => r.byte()).toThrow(DecodeError);
    expect(() => new Reader(block, 0, 0, 2).take(3)).toThrow(DecodeError);
  });

  it('grow as far as needed, and give memory of their own', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (parts) => {
        const w = new Writer(0, 1);
        for (const part of parts) w.put(part);
        expect(Buffer.from(w.finish()).equals(Buffer.concat(parts))).toBe(true);
      }),
    );
  });

  it('maybe and lists survive any nesting', () => {
    const nested = maybe(fields({ items: fields({ a: maybe(shortString), b: maybe(word16) }) }));
    const values = fc.option(fc.record({ items: fc.record({ a: fc.option(fc.uint8Array({ maxLength: 255 }), { nil: null }), b: fc.option(fc.nat(65_535), { nil: null }) }) }), { nil: null });
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(nested, encode(nested, value))).toEqual(value);
      }),
    );
  });
});
