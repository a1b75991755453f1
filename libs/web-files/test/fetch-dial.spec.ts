/** What is given to `fetch`, and what is made of its answers. */
import { expect, describe, it } from 'vitest';
import { fetchDial } from '../src/index.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** Answers with these pieces, the last of which may be an error. */
function scripted(...pieces: readonly (Uint8Array | Error)[]) {
  const sent: Sent[] = [];
  let cancelled = false;
  const answer: typeof fetch = async (url, init) => {
    sent.push({ url: url as string, init: init! });
    init?.signal?.throwIfAborted();
    if (pieces[0] instanceof Error) throw pieces[0];
    const left = [...pieces];
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        const piece = left.shift();
        if (piece === undefined) controller.close();
        else if (piece instanceof Error) controller.error(piece);
        else controller.enqueue(piece as Uint8Array<ArrayBuffer>);
      },
      cancel: () => void (cancelled = true),
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { 'X-Test': 'yes' } });
  };
  return { fetch: answer, sent, wasCancelled: () => cancelled };
}

const target = { host: 'files.example.org', port: 443, fingerprint: new Uint8Array(32), alpn: null, timeoutMs: 1000, signal: undefined } as const;

async function readAll(body: AsyncIterable<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const piece of body) all.push(...piece);
  return all;
}

describe('a request by fetch', () => {
  it('takes nothing of the page along, and sends block and chunk as one body', async () => {
    const { fetch, sent } = scripted(Uint8Array.of(1, 2), Uint8Array.of(3));
    const connection = await fetchDial({ fetch })(target);
    const { status, headers, body } = await connection.request({ body: [Uint8Array.of(9), Uint8Array.of(8, 7)], headers: { 'xftp-handshake': '1' } });
    expect([status, headers['x-test'], await readAll(body)]).toEqual([200, 'yes', [1, 2, 3]]);
    const { url, init } = sent[0]!;
    expect(url).toBe('https://files.example.org:443/');
    expect(init).toMatchObject({
      method: 'POST', headers: { 'xftp-handshake': '1' }, body: Uint8Array.of(9, 8, 7),
      credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer', mode: 'cors',
    });
  });

  it('goes to another origin where the server is known by its identity', async () => {
    const { fetch, sent } = scripted();
    const origins = [{ keyHash: new Uint8Array(32), origin: 'https://localhost:8443' }];
    await (await fetchDial({ fetch, origins })(target)).request({});
    await (await fetchDial({ fetch, origins })({ ...target, fingerprint: new Uint8Array(32).fill(1) })).request({});
    await (await fetchDial({ fetch })({ ...target, host: '2001:db8::1' })).request({});
    expect(sent.map(({ url }) => url)).toEqual(['https://localhost:8443/', 'https://files.example.org:443/', 'https://[2001:db8::1]:443/']);
  });

  it('that fails, at once or in the middle of the answer, is a broken one', async () => {
    const early = await fetchDial({ fetch: scripted(new TypeError('Failed to fetch')).fetch })(target);
    await expect(early.request({})).rejects.toMatchObject({ code: 'BROKEN' });
    const late = await fetchDial({ fetch: scripted(Uint8Array.of(1), new TypeError('network error')).fetch })(target);
    const { body } = await late.request({});
    await expect(readAll(body)).rejects.toMatchObject({ code: 'BROKEN' });
  });

  it('is given up with its reason by the signal, and by closing', async () => {
    const connection = await fetchDial({ fetch: scripted().fetch })(target);
    const reason = new Error('no time');
    await expect(connection.request({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    connection.close();
    expect([connection.open, await connection.closed]).toEqual([false, 'local']);
    await expect(connection.request({})).rejects.toMatchObject({ code: 'BROKEN' });
  });

  it('whose answer is left early tells the server', async () => {
    const { fetch, wasCancelled } = scripted(Uint8Array.of(1), Uint8Array.of(2));
    const { body } = await (await fetchDial({ fetch })(target)).request({});
    for await (const _ of body) break;
    expect(wasCancelled()).toBe(true);
  });
});
