import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Writer } from './writer.ts';

const BYTES = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 });
const joined = (parts: readonly Uint8Array[]): number[] => parts.flatMap((part) => [...part]);

it('hands out what was written, and nothing that is written later changes it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(BYTES, fc.integer({ min: 0, max: 600 })), { maxLength: 8 }), (texts) => {
      const finished = texts.map(([parts, capacity]) => {
        const w = new Writer(0, capacity);
        for (const part of parts) w.put(part);
        return w.finish();
      });
      expect(finished.map((bytes) => [...bytes])).toEqual(texts.map(([parts]) => joined(parts)));
    }),
  );
});

it('lets writers write side by side', () => {
  fc.assert(
    fc.property(BYTES, BYTES, (first, second) => {
      const [a, b] = [new Writer(), new Writer()];
      for (let i = 0; i < Math.max(first.length, second.length); i++) {
        if (first[i] !== undefined) a.put(first[i]!);
        if (second[i] !== undefined) b.put(second[i]!);
      }
      const written = a.finish();
      const c = new Writer();
      c.put(new Uint8Array(100).fill(7));
      expect([...written]).toEqual(joined(first));
      expect([...b.finish()]).toEqual(joined(second));
      expect([...c.finish()]).toEqual(Array.from({ length: 100 }, () => 7));
    }),
  );
});

it('takes nothing more when it is finished', () => {
  const w = new Writer();
  w.byte(1);
  const written = w.finish();
  w.byte(2);
  expect([...written]).toEqual([1]);
  const other = new Writer();
  other.byte(3);
  expect([...other.finish()]).toEqual([3]);
});
