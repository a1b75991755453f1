/** Transfer files that are not as they were written: every damage is found, before anything of its block is used. */
import { createHash } from 'node:crypto';
import { createMutator } from '@polyplex/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTransfer, resumePoint, TransferError } from '../src/index.ts';
import { chunksOf, exported, furnish, imported, newQueue, newStore, partsOf } from './support.ts';

const MARK_BYTES = 16;
let file: Uint8Array;

async function failureOf(chunks: AsyncIterable<Uint8Array>): Promise<TransferError | null> {
  try {
    await partsOf(chunks);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(TransferError);
    return error as TransferError;
  }
}

async function made(queues = 6): Promise<Uint8Array> {
  const store = await newStore();
  await furnish(store, Array.from({ length: queues }, (_, i) => newQueue(i % 3)));
  return (await exported(store)).file;
}

/** A changed byte. */
function flipped(at: number): Uint8Array {
  const copy = Uint8Array.from(file);
  copy[at]! ^= 1;
  return copy;
}

/** The mark and then any frames, with the checksums of checkpoints put right. */
function forged(...frames: readonly (readonly [kind: string, body: Uint8Array])[]): Uint8Array {
  let bytes: Uint8Array = file.subarray(0, MARK_BYTES);
  for (const [kind, body] of frames) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(1 + body.length);
    const framed = Buffer.concat([bytes, length, Buffer.from(kind, 'latin1'), body]);
    if (kind === 'C' || kind === 'E') createHash('sha256').update(framed.subarray(0, -32)).digest().copy(framed, framed.length - 32);
    bytes = framed;
  }
  return bytes;
}

/** The frames of the file, to make others of. */
function frames(): [kind: string, body: Uint8Array][] {
  const found: [string, Uint8Array][] = [];
  for (let at = MARK_BYTES; at < file.length;) {
    const length = Buffer.from(file).readUInt32BE(at);
    found.push([String.fromCharCode(file[at + 4]!), file.slice(at + 5, at + 4 + length)]);
    at += 4 + length;
  }
  return found;
}

beforeAll(() => {
  file = new Uint8Array();
});

describe('a transfer file', () => {
  test('is the same in chunks of any size', async () => {
    file = await made();
    const summary = async (size: number) => (await partsOf(chunksOf(file, size))).map(({ type, totals }) => [type, totals]);
    const whole = await summary(file.length);
    expect(whole.map(([type]) => type)).toEqual(['header', 'block', 'end']);
    for (const size of [1, 3, 17, 1000]) expect(await summary(size)).toEqual(whole);
  });

  test('with any byte changed is refused', async () => {
    file = await made();
    for (let at = 0; at < file.length; at++) {
      const failure = await failureOf(chunksOf(flipped(at)));
      expect(failure, `byte ${at}`).not.toBeNull();
      expect(failure!.message).toMatch(/made|damaged between byte \d+ and byte \d+: |ends at byte \d+/);
    }
  });

  test('cut anywhere is refused, and says how far it is whole', async () => {
    file = await made();
    for (let length = 1; length < file.length; length++) {
      const failure = await failureOf(chunksOf(file.subarray(0, length)));
      expect([length, failure?.code]).toEqual([length, 'CUT']);
      expect(failure!.message).toContain(`ends at byte ${length} `);
    }
    expect((await failureOf(chunksOf(new Uint8Array())))?.code).toBe('FOREIGN');
  });

  test('followed by anything is refused', async () => {
    file = await made();
    expect((await failureOf(chunksOf(Buffer.concat([file, Buffer.from([0])]))))?.message).toContain('more follows');
    expect((await failureOf(chunksOf(Buffer.concat([file, file]))))?.code).toBe('DAMAGED');
  });

  test('of a newer release says so', async () => {
    file = await made();
    const newer = Uint8Array.from(file);
    newer[MARK_BYTES - 1] = 2;
    expect((await failureOf(chunksOf(newer)))?.code).toBe('NEWER');
    const [header, checkpoint] = frames() as [[string, Uint8Array], [string, Uint8Array]];
    header[1][0] = 99;
    expect((await failureOf(chunksOf(forged(header, checkpoint))))?.code).toBe('NEWER');
    header[1][0] = 0;
    expect((await failureOf(chunksOf(forged(header, checkpoint))))?.code).toBe('NEWER');
  });

  test('with right checksums, but parts missing, twice or in another order, is refused', async () => {
    file = await made();
    const all = frames();
    expect(await failureOf(chunksOf(forged(...all)))).toBeNull();
    for (let i = 0; i < all.length; i++) {
      for (const other of [all.toSpliced(i, 1), all.toSpliced(i, 0, all[i]!), all.toSpliced(i, 2, all[i + 1] ?? all[0]!, all[i]!)]) {
        const failure = await failureOf(chunksOf(forged(...other)));
        const isHarmless = other.length === all.length && (all[i]![0] === all[i + 1]?.[0] || isSwapOfUnits(all, i));
        if (!isHarmless && !isRepeatedCheckpoint(all, other, i)) expect(failure?.code, `frame ${i} of ${all.map(([kind]) => kind).join('')}`).toMatch(/DAMAGED|CUT/);
      }
    }
  });

  /** A service before or after a queue that nothing follows is right either way. */
  function isSwapOfUnits(all: readonly [string, Uint8Array][], i: number): boolean {
    return 'SQ'.includes(all[i]![0]) && 'SQ'.includes(all[i + 1]?.[0] ?? '-');
  }

  function isRepeatedCheckpoint(all: readonly [string, Uint8Array][], other: readonly [string, Uint8Array][], i: number): boolean {
    return other.length > all.length && all[i]![0] === 'C';
  }
});

describe('hostile files', () => {
  /** Endless; counts what was asked for. */
  function endless(head: Uint8Array, chunk: Uint8Array) {
    const state = { bytes: 0 };
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield head;
      for (;;) {
        state.bytes += chunk.length;
        yield chunk;
      }
    }
    return { state, chunks: chunks() };
  }

  test.each([0, 2 ** 20 + 1, 2 ** 31, 2 ** 32 - 1])('a length of %d is refused before anything more is read', async (length) => {
    file = await made(1);
    const head = Buffer.concat([forged(...frames().slice(0, 2)), Buffer.alloc(4)]);
    head.writeUInt32BE(length, head.length - 4);
    const { state, chunks } = endless(head, new Uint8Array(1000));
    expect((await failureOf(chunks))?.message).toContain('a length is impossible');
    expect(state.bytes).toBeLessThanOrEqual(1000);
  });

  test('a block that does not end is refused, be its records large or small', async () => {
    file = await made(1);
    const start = forged(...frames().slice(0, 2));
    const service = frames().find(([kind]) => kind === 'S')!;
    const small = forged(service).subarray(MARK_BYTES);
    const queue = frames().find(([kind]) => kind === 'Q')!;
    const large = forged([...queue]).subarray(MARK_BYTES);
    for (const record of [small, large]) {
      const { state, chunks } = endless(start, record);
      expect((await failureOf(chunks))?.message).toMatch(/checkpoint is missing|order is impossible/);
      expect(state.bytes).toBeLessThan(5 * 2 ** 20);
    }
  });

  test('nothing of a damaged block gets into the store; what was before it does', async () => {
    const source = await newStore();
    await furnish(source, Array.from({ length: 2500 }, () => newQueue(0)));
    file = (await exported(source)).file;
    const target = await newStore();
    const damaged = flipped(file.length - 5000);
    await expect(imported(target, damaged)).rejects.toMatchObject({ name: 'TransferError', code: 'DAMAGED' });
    const { queues } = await target.counts();
    expect(queues).toBeGreaterThan(900);
    expect(queues).toBeLessThan(2500);
    expect(await imported(target, file)).toMatchObject({ present: { queues } });
    expect(await target.counts()).toEqual(await source.counts());
  });

  test('whatever the bytes, reading ends as it should', async () => {
    file = await made();
    const mutator = createMutator(20_261_125);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const mutated = mutator.mutate([file]);
      // Half of them keep the mark, so that what follows it is looked at.
      if (mutator.below(2) === 0) mutated.set(file.subarray(0, Math.min(MARK_BYTES, mutated.length)));
      const failure = await failureOf(chunksOf(mutated, 1 + mutator.below(500)));
      if (failure !== null) refused++;
      await resumePoint(chunksOf(mutated)).catch((error: unknown) => expect(error).toBeInstanceOf(TransferError));
    }
    expect(refused).toBeGreaterThan(2500);
  });

  test('whatever is in frames with right checksums, reading ends as it should', async () => {
    file = await made();
    const mutator = createMutator(7);
    const all = frames();
    for (let i = 0; i < 3000; i++) {
      const at = mutator.below(all.length);
      const mutated = mutator.mutate([all[at]![1]]);
      await failureOf(chunksOf(forged(...all.toSpliced(at, 1, [all[at]![0], mutated]))));
    }
  });

  test('a source that fails is no damage', async () => {
    file = await made(1);
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, 100);
      throw new RangeError('no more');
    }
    await expect(partsOf(failing())).rejects.toThrow(new RangeError('no more'));
    await expect(resumePoint(failing())).rejects.toThrow(new RangeError('no more'));
  });

  test('a source is closed when the reader stops', async () => {
    file = await made(1);
    let closed = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        yield* chunksOf(file, 10);
      } finally {
        closed = true;
      }
    }
    for await (const part of readTransfer(chunks())) if (part.type === 'header') break;
    expect(closed).toBe(true);
  });
});
