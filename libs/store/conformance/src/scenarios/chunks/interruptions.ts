/** Writes that do not come to their end: nothing of them is readable, and nothing stays when they are removed. */
import { describe, expect, test } from 'vitest';
import type { ChunkBody } from '@polyplex/store-contract';
import { anyBodyId } from '../../files/builders.ts';
import type { ChunkBench } from '../../files/chunk-bench.ts';
import { contents, listed, never, randomBody, sourceOf } from '../../files/chunk-builders.ts';

const SIZE = 1024 * 1024;
const HALF = SIZE / 2;
const FAILED = { name: 'StoreError', code: 'FAILED' };

export function interruptionScenarios(bench: ChunkBench): void {
  /** Nothing is readable, and nothing is left when it is removed; the same bytes go through under another id. */
  async function expectNothing(bodyId: string): Promise<void> {
    expect(await bench.store.read(bodyId)).toBeNull();
    await bench.store.remove(bodyId);
    expect(await listed(bench.store, 0)).not.toContain(bodyId);
    const [next, body] = [anyBodyId(), randomBody(1000)];
    await bench.store.write(next, sourceOf(body), never());
    expect(Buffer.compare((await contents(bench.store, next))!, body)).toBe(0);
  }

  /** Gives half of its bytes, then does something; tells whether it was let go of. */
  function interrupted(then: () => Promise<void>): { body: ChunkBody; state: { ended: boolean } } {
    const state = { ended: false };
    async function* pieces(): AsyncGenerator<Uint8Array> {
      try {
        yield randomBody(HALF);
        await then();
        yield randomBody(HALF);
      } finally {
        state.ended = true;
      }
    }
    return { body: { size: SIZE, pieces: pieces() }, state };
  }

  describe('a write', () => {
    test('whose source throws passes its error on', async () => {
      const bodyId = anyBodyId();
      const error = new RangeError('the peer is gone');
      const { body } = interrupted(() => Promise.reject(error));
      await expect(bench.store.write(bodyId, body, never())).rejects.toBe(error);
      await expectNothing(bodyId);
    });

    test.each([['few', HALF - 1], ['many', HALF + 1]])('whose source gives too %s bytes is refused', async (_, second) => {
      const bodyId = anyBodyId();
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield randomBody(HALF);
        await Promise.resolve();
        yield randomBody(second);
      }
      await expect(bench.store.write(bodyId, { size: SIZE, pieces: pieces() }, never())).rejects.toMatchObject(FAILED);
      await expectNothing(bodyId);
    });

    test('whose source gives more and more is refused before its end', async () => {
      const bodyId = anyBodyId();
      let given = 0;
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (; given < 1000; given++) {
          yield randomBody(HALF);
          await Promise.resolve();
        }
      }
      await expect(bench.store.write(bodyId, { size: SIZE, pieces: pieces() }, never())).rejects.toMatchObject(FAILED);
      expect(given).toBeLessThan(10);
      await expectNothing(bodyId);
    });

    test('that is aborted while its source waits rejects, and lets go of the source', async () => {
      const bodyId = anyBodyId();
      const aborter = new AbortController();
      let release!: () => void;
      const waiting = new Promise<void>((resolve) => (release = resolve));
      const { body, state } = interrupted(() => {
        setImmediate(() => aborter.abort());
        return waiting;
      });
      await expect(bench.store.write(bodyId, body, aborter.signal)).rejects.toBeDefined();
      await expectNothing(bodyId);
      release();
      await expect.poll(() => state.ended).toBe(true);
      expect(await bench.store.read(bodyId)).toBeNull();
    });

    test('that is aborted before it begins rejects, and lets go of the source', async () => {
      const bodyId = anyBodyId();
      let returned = false;
      const pieces: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false, value: randomBody(HALF) }),
          return: () => {
            returned = true;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
      await expect(bench.store.write(bodyId, { size: SIZE, pieces }, AbortSignal.abort())).rejects.toBeDefined();
      expect(returned).toBe(true);
      await expectNothing(bodyId);
    });

    test('that is aborted after its end has happened', async () => {
      const [bodyId, body] = [anyBodyId(), randomBody(SIZE)];
      const aborter = new AbortController();
      await bench.store.write(bodyId, sourceOf(body), aborter.signal);
      aborter.abort();
      expect(Buffer.compare((await contents(bench.store, bodyId))!, body)).toBe(0);
    });

    test('is not readable before its end', async () => {
      const bodyId = anyBodyId();
      let during: unknown = 'not asked';
      const { body } = interrupted(async () => {
        during = await bench.store.read(bodyId);
      });
      await bench.store.write(bodyId, body, never());
      expect(during).toBeNull();
      expect(await contents(bench.store, bodyId)).toHaveLength(SIZE);
    });

    test('that fails does not disturb the others', async () => {
      const good = Array.from({ length: 10 }, () => ({ bodyId: anyBodyId(), body: randomBody(200_000) }));
      await Promise.all(good.flatMap(({ bodyId, body }) => [
        bench.store.write(bodyId, sourceOf(body), never()),
        expect(bench.store.write(anyBodyId(), interrupted(() => Promise.reject(new RangeError('gone'))).body, never())).rejects.toThrow(),
      ]));
      for (const { bodyId, body } of good) expect(Buffer.compare((await contents(bench.store, bodyId))!, body)).toBe(0);
    });
  });
}
