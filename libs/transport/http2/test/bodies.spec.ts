/** XFTP §2.3: bodies both ways, in pieces, with bounded memory and bounded time. */
import { randomBytes } from 'node:crypto';
import type { ClientHttp2Stream } from 'node:http2';
import { addAbortSignal } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '@polyplex/protocol-common';
import { dial, echo, http2Peer, listen, readAll, until } from './support.ts';

const MIB = 1024 * 1024;

/** `count` pieces of 64 KiB; counts those asked for. */
function pieces(count: number): { source: AsyncGenerator<Uint8Array>; asked: () => number; leftEarly: () => boolean } {
  let asked = 0;
  let whole = false;
  let over = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (; asked < count; asked++) yield await Promise.resolve(new Uint8Array(65_536).fill(asked));
      whole = true;
    } finally {
      over = true;
    }
  }
  return { source: source(), asked: () => asked, leftEarly: () => over && !whole };
}

describe('a request', () => {
  it('comes with method, path and headers, whatever they are', async () => {
    const seen: unknown[] = [];
    const { port } = await listen(async (request) => {
      seen.push([request.method, request.path, request.headers['xftp-web-hello']]);
      await request.respond({ status: 404, headers: { 'access-control-allow-origin': '*' } });
    });
    const client = await dial(port);
    const responses = [
      await client.request({ method: 'GET', path: '/a?b=c', headers: { 'xftp-web-hello': '1' } }),
      await client.request({ method: 'OPTIONS', path: '*' }),
      await client.request({}),
    ];
    expect(seen).toEqual([['GET', '/a?b=c', '1'], ['OPTIONS', '*', undefined], ['POST', '/', undefined]]);
    expect(responses.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(responses[0]!.headers['access-control-allow-origin']).toBe('*');
    expect(await readAll(responses[2]!.body)).toHaveLength(0);
  });

  it('may overlap with others of its connection', async () => {
    const { port } = await listen(echo);
    const client = await dial(port);
    const bodies = Array.from({ length: 20 }, (_, i) => randomBytes(1000 * i));
    const answers = await Promise.all(bodies.map(async (body) => readAll((await client.request({ body })).body)));
    expect(answers.map((answer, i) => answer.equals(bodies[i]!))).toEqual(bodies.map(() => true));
  });

  it('of 20 MiB comes back whole', async () => {
    const body = randomBytes(20 * MIB);
    const { port } = await listen((request) => request.respond({ status: 200 }, request.body));
    const answer = await readAll((await (await dial(port)).request({ body })).body);
    expect(answer.equals(body)).toBe(true);
  });
});

describe('what is not read', () => {
  it('is not sent: an upload stands still at the window', async () => {
    const reading = Promise.withResolvers<void>();
    const { port } = await listen(async (request) => {
      await reading.promise;
      let bytes = 0;
      for await (const piece of request.body) bytes += piece.length;
      await request.respond({ status: 200 }, [Buffer.from(String(bytes))]);
    });
    const upload = pieces(160);
    const answer = (await dial(port)).request({ body: upload.source });
    await until(() => upload.asked() > 4);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // A window of 512 KiB, and what the buffers of both ends hold.
    expect(upload.asked()).toBeLessThan(30);
    reading.resolve();
    expect((await readAll((await answer).body)).toString()).toBe(String(160 * 65_536));
  });

  it('is thrown away once answered, so that the client can finish', async () => {
    const { port, listener } = await listen((request) => request.respond({ status: 200 }, [Buffer.from('early')]));
    const upload = pieces(64);
    const answer = await (await dial(port)).request({ body: upload.source });
    expect((await readAll(answer.body)).toString()).toBe('early');
    await until(() => upload.asked() === 64 && listener.requests === 0);
    expect(upload.leftEarly()).toBe(false);
  });

  it('is thrown away also after a part was read', async () => {
    const { port, listener } = await listen(async (request) => {
      for await (const piece of request.body) if (piece.length > 0) break;
      await request.respond({ status: 200 });
    });
    const upload = pieces(64);
    await (await dial(port)).request({ body: upload.source });
    await until(() => upload.asked() === 64 && listener.requests === 0);
    expect(upload.leftEarly()).toBe(false);
  });

  it('is thrown away up to a bound, then refused', async () => {
    const { port, listener } = await listen((request) => request.respond({ status: 200 }, [Buffer.from('early')]), { http: { discardBytes: MIB } });
    const upload = pieces(1000);
    const answer = await (await dial(port)).request({ body: upload.source });
    expect((await readAll(answer.body)).toString()).toBe('early');
    await until(() => listener.requests === 0 && upload.leftEarly());
    expect(upload.asked()).toBeLessThan(100);
  });
});

describe('a client that goes away', () => {
  interface Uploading {
    readonly request: HttpRequest;
    readonly failure: Promise<unknown>;
    readonly give: { readonly stream: ClientHttp2Stream; readonly socket: TLSSocket };
  }

  async function uploading(): Promise<Uploading> {
    const started = Promise.withResolvers<HttpRequest>();
    const failure = Promise.withResolvers<unknown>();
    const { port } = await listen(async (request) => {
      started.resolve(request);
      failure.resolve(await readAll(request.body).catch((error: unknown) => error));
    });
    const peer = await http2Peer(port);
    const stream = peer.session.request({ ':method': 'POST', ':path': '/' });
    stream.on('error', () => undefined);
    stream.write(Buffer.alloc(1000));
    return { request: await started.promise, failure: failure.promise, give: { ...peer, stream } };
  }

  it.each([
    ['NO_ERROR', (stream: ClientHttp2Stream) => stream.destroy()],
    ['INTERNAL_ERROR', (stream: ClientHttp2Stream) => stream.destroy(new Error('gone'))],
    ['CANCEL', (stream: ClientHttp2Stream) => addAbortSignal(AbortSignal.abort(), stream)],
  ])('by a reset with %s: the body breaks, and the request says so', async (_code, reset) => {
    const { failure, request, give } = await uploading();
    reset(give.stream);
    expect(await failure).toMatchObject({ code: 'BROKEN' });
    await until(() => request.broken.aborted);
  });

  it('by closing its connection', async () => {
    const { failure, request, give } = await uploading();
    give.socket.destroy();
    expect(await failure).toMatchObject({ code: 'BROKEN' });
    await until(() => request.broken.aborted);
  });

  it('while it is answered: pieces are not asked for any more, and what they hold is let go', async () => {
    const download = pieces(10_000);
    const responded = Promise.withResolvers<HttpRequest>();
    const { port, listener } = await listen(async (request) => {
      await request.respond({ status: 200 }, download.source);
      responded.resolve(request);
    });
    const client = await dial(port);
    for await (const piece of (await client.request({})).body) if (piece.length > 0) break;
    client.close();
    expect((await responded.promise).broken.aborted).toBe(true);
    expect(download.leftEarly()).toBe(true);
    await until(() => listener.requests === 0);
  });

  it('before it is answered: pieces are let go unasked', async () => {
    const download = pieces(10);
    const { port } = await listen(async (request) => {
      await new Promise((resolve) => request.broken.addEventListener('abort', resolve));
      await request.respond({ status: 200 }, download.source);
    });
    const client = await dial(port);
    const answer = client.request({});
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.close();
    await expect(answer).rejects.toMatchObject({ code: 'BROKEN' });
    expect(download.asked()).toBe(0);
  });
});

describe('a client that stands still', () => {
  it('while it sends: its body is given up', async () => {
    const failure = Promise.withResolvers<unknown>();
    const { port, listener } = await listen(async (request) => failure.resolve(await readAll(request.body).catch((error: unknown) => error)), { http: { stallTimeoutMs: 100 } });
    const { session } = await http2Peer(port);
    const stream = session.request({ ':method': 'POST', ':path': '/' });
    stream.on('error', () => undefined);
    stream.write(Buffer.alloc(1000));
    expect(await failure.promise).toMatchObject({ code: 'STALLED' });
    await until(() => listener.requests === 0);
  });

  it('while it is answered: it loses the stream, not the connection', async () => {
    const download = pieces(10_000);
    const { port, listener } = await listen((request) => request.respond({ status: 200 }, request.path === '/' ? [] : download.source), { http: { stallTimeoutMs: 200 } });
    const { session } = await http2Peer(port);
    const stream = session.request({ ':path': '/large' });
    stream.on('error', () => undefined);
    await until(() => download.leftEarly());
    await until(() => listener.requests === 0);
    expect(download.asked()).toBeLessThan(30);
    const other = session.request({ ':path': '/' });
    expect(await readAll(other)).toHaveLength(0);
  });

  it('or drips: a response has an end in time', async () => {
    const download = pieces(10_000);
    const { port, listener } = await listen((request) => request.respond({ status: 200 }, download.source), { http: { sendTimeoutMs: 300 } });
    const { session } = await http2Peer(port);
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => undefined);
    const drip = setInterval(() => void stream.read(65_536), 10);
    await until(() => listener.requests === 0 && download.leftEarly());
    clearInterval(drip);
  });
});

describe('errors', () => {
  it('of pieces break the stream for the client', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(10));
      throw new Error('disk');
    }
    const failure = Promise.withResolvers<unknown>();
    const { port } = await listen(async (request) => {
      await request.respond({ status: 200 }, failing()).catch((error: unknown) => failure.resolve(error));
    });
    const response = await (await dial(port)).request({});
    await expect(readAll(response.body)).rejects.toMatchObject({ code: 'BROKEN' });
    expect(await failure.promise).toMatchObject({ message: 'disk' });
  });

  it.each([
    ['a handler that rejects', async () => Promise.reject(new Error('bug'))],
    ['a handler that forgets to answer', async () => Promise.resolve()],
  ])('%s breaks the stream, not the connection', async (_name, fail) => {
    const { port } = await listen((request) => (request.path === '/fail' ? fail() : echo(request, undefined as never)));
    const client = await dial(port);
    await expect(client.request({ path: '/fail' })).rejects.toMatchObject({ code: 'BROKEN' });
    expect((await readAll((await client.request({ body: Buffer.from('on') })).body)).toString()).toBe('on');
  });

  it("of a client's source reach its caller", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(10));
      throw new Error('no such file');
    }
    const { port } = await listen(echo);
    await expect((await dial(port)).request({ body: failing() })).rejects.toThrow('no such file');
  });

  it('a signal breaks a request off', async () => {
    const { port, listener } = await listen(() => new Promise(() => undefined));
    const client = await dial(port);
    const abort = new AbortController();
    const answer = client.request({ signal: abort.signal });
    await until(() => listener.requests === 1);
    abort.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    await until(() => listener.requests === 0);
  });
});
