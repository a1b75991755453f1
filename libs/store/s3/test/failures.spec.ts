/** What an operator is told, and what S3's failures do to transfers under way. */
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { freePort, releasePort, type S3Server, startS3 } from '@polyplex/local-cluster';
import type { ChunkBody, ChunkStore } from '@polyplex/store-contract';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openS3ChunkStore, type S3ChunkStoreOptions } from '../src/index.ts';
import { all, anyBodyId, contents, never, optionsFor, S3Bucket, sourceOf } from './support.ts';

const MIB = 1024 * 1024;
/** More than the buffers of a connection hold. */
const LARGE = 64 * MIB;
const SILENCE_MS = 30_000;

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

const opened: ChunkStore[] = [];
afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));

async function open(changes: Partial<S3ChunkStoreOptions> = {}): Promise<ChunkStore> {
  const store = await openS3ChunkStore(optionsFor(s3, changes));
  opened.push(store);
  return store;
}

/** The failure of something that must fail; nothing in it is secret, nor an id. */
async function failureOf(work: Promise<unknown>, ...hidden: readonly string[]): Promise<Error> {
  const failure = await work.then(() => null, (error: unknown) => error as Error);
  expect(failure).not.toBeNull();
  const text = inspect(failure, { depth: 10, showHidden: true });
  for (const secret of ['secret-', s3.secretAccessKey, s3.reader.secretAccessKey, ...hidden]) expect(text).not.toContain(secret);
  return failure!;
}

const says = (code: string, message: RegExp): object => ({ name: 'StoreError', code, message: expect.stringMatching(message) as string });

describe('opening says what to do', () => {
  const SECRET = 'secret-0123456789';

  test.each<[string, Partial<S3ChunkStoreOptions>, RegExp]>([
    ['a missing bucket', { bucket: 'no-such-bucket' }, /no bucket no-such-bucket at http:.*create it/],
    ['a name that no bucket has', { bucket: 'B' }, /no bucket B /],
    ['an unknown key', { accessKeyId: 'nobody', secretAccessKey: SECRET }, /does not know the access key/],
    ['a wrong secret', { secretAccessKey: SECRET }, /refuses the signature.*secret access key/],
    ['no address', { endpoint: 'localhost' }, /endpoint.*https:/],
  ])('for %s', async (_, changes, message) => {
    expect(await failureOf(open(changes))).toMatchObject(says('FAILED', message));
  });

  test('for a key that may only read', async () => {
    expect(await failureOf(open(s3.reader))).toMatchObject(says('FAILED', /may not do PutObject on the bucket .* below bodies\/: permit s3:PutObject/));
  });

  test('for an endpoint where nothing answers', async () => {
    const port = await freePort();
    expect(await failureOf(open({ endpoint: `http://127.0.0.1:${port}` }))).toMatchObject(says('UNAVAILABLE', /nothing answers at http:/));
    releasePort(port);
  });

  test.each<[string, (socket: Socket) => void, string, RegExp]>([
    ['does not answer', () => undefined, 'UNAVAILABLE', /does not answer/],
    ['speaks something else', (socket) => void socket.end('220 mail.example ESMTP\r\n'), 'UNAVAILABLE', /connection to .* failed/],
    ['is a web page', (socket) => void socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\n<p>Hi!\n'), 'FAILED', /answered|list/],
  ])('for an endpoint that %s', async (what, answer, code, message) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const clock = createFakeClock(Date.now());
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const failing = failureOf(open({ endpoint, clock }));
    if (what === 'does not answer') {
      await once(server, 'connection');
      clock.advance(SILENCE_MS);
    }
    expect(await failing).toMatchObject(says(code, message));
    server.close();
  });
});

test('a check fails while S3 is away, and succeeds when it is back', async () => {
  const store = await open();
  await store.check();
  await s3.kill();
  expect(await failureOf(store.check())).toMatchObject(says('UNAVAILABLE', /nothing answers/));
  await s3.restart();
  await store.check();
});

/** Gives a large body from one buffer; `then` is called at its middle. */
function largeBody(then: () => Promise<void> = () => Promise.resolve()): { body: ChunkBody; state: { given: number; ended: boolean } } {
  const state = { given: 0, ended: false };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(16_384).fill(7);
    try {
      for (; state.given < LARGE; state.given += buffer.length) {
        if (state.given === LARGE / 2) await then();
        yield buffer;
      }
    } finally {
      state.ended = true;
    }
  }
  return { body: { size: LARGE, pieces: pieces() }, state };
}

describe('a source that has given all its bytes', () => {
  test.each<[string, () => Promise<Uint8Array>, object]>([
    ['and throws at its end', () => Promise.reject(new RangeError('the digest differs')), { name: 'RangeError', message: 'the digest differs' }],
    ['and gives another', () => Promise.resolve(Buffer.from('!')), { name: 'StoreError', code: 'FAILED' }],
  ])('%s leaves nothing', async (_, end, failure) => {
    const store = await open();
    for (const size of [10, 65_536, 100_000, 131_072]) {
      const bodyId = anyBodyId();
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield Buffer.alloc(size, 7);
        await new Promise((resolve) => setTimeout(resolve, 50)); // S3 could have stored it by now
        yield await end();
      }
      expect(await failureOf(store.write(bodyId, { size, pieces: pieces() }, never()), bodyId)).toMatchObject(failure);
      expect(await store.read(bodyId)).toBeNull();
    }
    expect(await all(store.list(0))).toEqual([]);
  });
});

/** Refuses the write of a body when it has seen its head; SeaweedFS reads to the end before. */
function refusingS3(): Server {
  const answers: Record<string, [number, string]> = {
    PUT: [507, '<Error><Code>XMinioStorageFull</Code></Error>'], GET: [404, '<Error><Code>NoSuchKey</Code></Error>'], DELETE: [204, ''],
  };
  return createHttpServer(({ method, url }, response) => {
    const opening = url!.includes('list-type') || (method === 'PUT' && url!.includes('.check'));
    const [status, text] = opening ? [200, '<ListBucketResult></ListBucketResult>'] : answers[method!]!;
    response.writeHead(status, { 'content-length': text.length }).end(text);
  });
}

test('a write that S3 refuses at once is not read to its end', async () => {
  const server = refusingS3();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const store = await open({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const { body, state } = largeBody();
  expect(await failureOf(store.write(anyBodyId(), body, never()))).toMatchObject(says('FULL', /no room left/));
  expect([state.ended, state.given < LARGE]).toEqual([true, true]);
  server.close();
});

test('a write to a bucket that was removed is FAILED, and lets go of its source', async () => {
  const store = await open();
  const bucket = new S3Bucket(s3, 'short-lived');
  await bucket.make();
  const other = await open({ bucket: bucket.name });
  await bucket.remove();
  const { body, state } = largeBody();
  expect(await failureOf(other.write(anyBodyId(), body, never()))).toMatchObject(says('FAILED', /no bucket short-lived/));
  expect(state.ended).toBe(true);
  expect(await failureOf(other.check())).toMatchObject(says('FAILED', /no bucket short-lived/));
  await store.check();
});

describe('when S3 is killed', () => {
  test('a write under way is UNAVAILABLE, and nothing of it is readable', async () => {
    const store = await open();
    const bodyId = anyBodyId();
    const { body, state } = largeBody(() => s3.kill());
    expect(await failureOf(store.write(bodyId, body, never()), bodyId)).toMatchObject({ name: 'StoreError', code: 'UNAVAILABLE' });
    await expect.poll(() => state.ended).toBe(true);
    expect(state.given).toBeLessThan(LARGE);
    expect(await failureOf(store.read(bodyId), bodyId)).toMatchObject({ code: 'UNAVAILABLE' });
    await s3.restart();
    expect(await store.read(bodyId)).toBeNull();
    const small = Buffer.from('small');
    await store.write(bodyId, sourceOf(small), never());
    expect(await contents(store, bodyId)).toEqual(small);
  });

  test('a read under way is UNAVAILABLE', async () => {
    const store = await open();
    const bodyId = anyBodyId();
    await store.write(bodyId, largeBody().body, never());
    const pieces = (await store.read(bodyId))!.pieces[Symbol.asyncIterator]();
    expect((await pieces.next()).done).toBe(false);
    await s3.kill();
    const toEnd = async (): Promise<void> => {
      while ((await pieces.next()).done !== true);
    };
    expect(await failureOf(toEnd(), bodyId)).toMatchObject({ name: 'StoreError', code: 'UNAVAILABLE' });
    expect(await pieces.next()).toEqual({ done: true, value: undefined });
    await s3.restart();
    await store.remove(bodyId);
  });
});

describe('when S3 stands still', () => {
  afterEach(() => s3.resume());

  async function openWithClock(): Promise<{ store: ChunkStore; clock: FakeClock }> {
    const clock = createFakeClock(Date.now());
    return { store: await open({ clock }), clock };
  }

  /** Until the source is asked for nothing any more. */
  async function stuck(state: { readonly given: number }): Promise<void> {
    let before = -1;
    await expect.poll(() => {
      const same = state.given === before;
      before = state.given;
      return same;
    }, { interval: 300 }).toBe(true);
  }

  test('a write is UNAVAILABLE after a time', async () => {
    const { store, clock } = await openWithClock();
    const { body, state } = largeBody(() => Promise.resolve(s3.pause()));
    const writing = failureOf(store.write(anyBodyId(), body, never()));
    await expect.poll(() => state.given).toBeGreaterThanOrEqual(LARGE / 2);
    await stuck(state);
    clock.advance(SILENCE_MS);
    expect(await writing).toMatchObject(says('UNAVAILABLE', /does not answer/));
    expect([state.ended, clock.pending]).toEqual([true, 0]);
  });

  test('a write may be aborted', async () => {
    const { store, clock } = await openWithClock();
    s3.pause();
    const { body, state } = largeBody();
    const aborter = new AbortController();
    const writing = store.write(anyBodyId(), body, aborter.signal);
    await Promise.all([stuck(state), expect.poll(() => state.given).toBeGreaterThan(0)]);
    const reason = new RangeError('no time left');
    aborter.abort(reason);
    await expect(writing).rejects.toBe(reason);
    expect([state.ended, clock.pending]).toEqual([true, 0]);
  });

  test('a write that has given everything is not aborted, since S3 may have stored it', async () => {
    const { store } = await openWithClock();
    s3.pause();
    const aborter = new AbortController();
    const [bodyId, body] = [anyBodyId(), Buffer.from('all of it')];
    let ended = false;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield body;
      await Promise.resolve();
      ended = true;
    }
    const writing = store.write(bodyId, { size: body.length, pieces: pieces() }, aborter.signal);
    await expect.poll(() => ended).toBe(true);
    await new Promise(setImmediate);
    aborter.abort();
    s3.resume();
    await writing;
    expect(await contents(store, bodyId)).toEqual(body);
  });

  test('a write whose answer does not come is UNAVAILABLE, and is removed', async () => {
    const { store, clock } = await openWithClock();
    s3.pause();
    const bodyId = anyBodyId();
    let settled = false;
    const writing = failureOf(store.write(bodyId, sourceOf(Buffer.from('all of it')), never())).finally(() => (settled = true));
    // Once for the write, once for the removal.
    await expect.poll(() => (clock.advance(SILENCE_MS), settled)).toBe(true);
    expect(await writing).toMatchObject(says('UNAVAILABLE', /does not answer/));
    s3.resume();
    await store.remove(bodyId);
    expect([await store.read(bodyId), clock.pending]).toEqual([null, 0]);
  });

  test('a read is UNAVAILABLE after a time; a slow source or reader is not', async () => {
    const { store, clock } = await openWithClock();
    const bodyId = anyBodyId();
    const slowSource = largeBody(() => Promise.resolve(clock.advance(2 * SILENCE_MS))); // is not S3's silence
    await store.write(bodyId, slowSource.body, never());
    const pieces = (await store.read(bodyId))!.pieces[Symbol.asyncIterator]();
    await pieces.next();
    clock.advance(2 * SILENCE_MS); // neither is a slow reader
    await pieces.next();
    s3.pause();
    const state = { given: 0 };
    const reading = failureOf((async () => {
      for (let step = await pieces.next(); step.done !== true; step = await pieces.next()) state.given += step.value.length;
    })());
    await stuck(state);
    clock.advance(SILENCE_MS);
    expect(await reading).toMatchObject(says('UNAVAILABLE', /does not answer/));
    expect([state.given < LARGE, clock.pending]).toEqual([true, 0]);
  });
});
